"""The comparison as an SVG: a group of bars per row, whose length is the speed of a contestant (best peer = 1).

Each row has a scale of its own: with one for all, the row of the largest ratio would leave no room for the others."""

from __future__ import annotations

from html import escape

from report import RowFigures, best_peer, number
from rows import OURS, Row

WIDTH, LABELS, BARS = 860, 150, 520  # of the picture, of the names at its left, of the longest bar
BAR, GAP, TITLE = 15, 4, 34  # height of a bar, space between bars, height of a row's title

# Text and bars keep their contrast on a light and on a dark page: the reader's preference decides.
STYLE = """
text { font: 12px -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #24292f }
.title { font-weight: 600 } .small { fill: #57606a }
.ours { fill: #d9480f } .peer { fill: #8c959f } .best { fill: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .ours { fill: #ff922b } .peer { fill: #6e7681 } .best { fill: #9198a1 }
}
"""


def svg(rows: list[tuple[Row, RowFigures]], titles: dict[str, str], caption: str) -> str:
    groups = []
    for row, figures in rows:
        entries = {key: entry for key, entry in next(iter(figures.values())).items() if not entry.error}
        best = best_peer(entries)
        if best is None:
            continue
        speeds = {key: entries[best].median / entry.median for key, entry in entries.items()}
        groups.append((row, entries, speeds, best))

    y, parts = 46, []
    for row, entries, speeds, best in groups:
        scale = BARS / max(1.0, *speeds.values())
        sizes = f" — {row.sizes()}" if row.jobs else ""
        parts.append(f'<text class="title" x="10" y="{y + 20}">{escape(row.key)}: {escape(row.title)}'
                     f'<tspan class="small" font-weight="400" dx="6">{escape(sizes)}</tspan></text>')
        y += TITLE
        for key in sorted(speeds, key=lambda key: (key != OURS, -speeds[key])):
            kind = "ours" if key == OURS else "best" if key == best else "peer"
            length = max(1.0, speeds[key] * scale)
            baseline = y + BAR - 3
            parts.append(f'<text x="{LABELS - 8}" y="{baseline}" text-anchor="end">{escape(titles[key])}</text>')
            parts.append(f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>')
            parts.append(f'<text class="small" x="{LABELS + length + 6:.1f}" y="{baseline}">'
                         f"{speeds[key]:.2f} × · {escape(number(entries[key].median))}</text>")
            y += BAR + GAP
        y += 8
    height = y + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="Speed relative to the best peer">\n<style>{STYLE}</style>\n'
        f'<text class="title" x="10" y="20" style="font-size: 15px">Speed, best peer = 1, each row to its own scale</text>\n'
        f'<text class="small" x="10" y="38">{escape(caption)}</text>\n' + "\n".join(parts) + "\n</svg>\n")
