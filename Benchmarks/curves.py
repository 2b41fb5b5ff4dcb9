"""Validation accuracy over epochs of the runs in a folder, as an SVG on standard output; the table goes to standard error.

Usage: python3 Benchmarks/curves.py FOLDER > curves.svg

One panel for each way of reading (the part of a run's name before the hyphen), one line for each cell (the part behind)."""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path

PANEL, HEIGHT, LEFT, TOP, GAP = 360, 240, 48, 40, 52
TITLES = {"pixels": "pixel by pixel", "permute0": "pixels permuted"}

STYLE = """
text { font: 12px -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #24292f }
.title { font-weight: 600 } .axis { stroke: #8c959f } .grid { stroke: #d0d7de; stroke-dasharray: 2 3 }
.lstm { stroke: #d9480f } .gru { stroke: #1971c2 } .indrnn { stroke: #2f9e44 }
path { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis { stroke: #6e7681 } .grid { stroke: #30363d }
  .lstm { stroke: #ff922b } .gru { stroke: #4dabf7 } .indrnn { stroke: #69db7c }
}
"""


def events(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def configuration(run: Path) -> dict:
    return json.loads((run / "config.json").read_text())


def curve(run: Path) -> list[tuple[float, float]]:
    """Epochs and validation accuracy."""
    settings = configuration(run)
    share = settings["options"]["batch-size"] / settings["data"]["trainingCount"]
    return [
        (event["steps"] * share, event["accuracy"]) for event in events(run)
        if event["event"] in ("validation", "epoch") and event.get("count", 0) > 0
    ]


def minutes(run: Path) -> float:
    """Time of all steps without disturbance: as if each took as long as the fastest tenth of those logged."""
    times = sorted(e["milliseconds"] for e in events(run) if e["event"] == "step")
    steps = max(e.get("steps", 0) for e in events(run))
    return steps * times[len(times) // 10] / 60_000


def main() -> None:
    folder = Path(sys.argv[1])
    runs = sorted(run for run in folder.iterdir() if (run / "metrics.jsonl").exists())
    panels: dict[str, dict[str, Path]] = {}
    for run in runs:
        order, _, cell = run.name.partition("-")
        panels.setdefault(order, {})[cell] = run
    longest = max(curve(run)[-1][0] for run in runs)
    parts = []
    for number, (order, cells) in enumerate(sorted(panels.items(), reverse=True)):
        left = LEFT + number * (PANEL + GAP)
        parts.append(f'<text class="title" x="{left}" y="{TOP - 16}">{escape(TITLES.get(order, order))}</text>')
        for percent in range(0, 101, 20):
            y = TOP + HEIGHT * (1 - percent / 100)
            parts.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{left + PANEL}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{percent}</text>')
        for tick in range(int(2 * longest) + 1):
            x = left + PANEL * tick / 2 / longest
            parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{tick / 2:g}</text>')
        parts.append(f'<line class="axis" x1="{left}" y1="{TOP + HEIGHT}" x2="{left + PANEL}" y2="{TOP + HEIGHT}"/>')
        for place, (cell, run) in enumerate(sorted(cells.items())):
            points = [(left + PANEL * t / longest, TOP + HEIGHT * (1 - a)) for t, a in curve(run)]
            path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            parts.append(f'<path class="{cell}" d="{path}"/>')
            key = left + PANEL - 70
            parts.append(f'<path class="{cell}" d="M{key} {TOP + HEIGHT - 58 + 18 * place} h16"/>')
            parts.append(f'<text x="{key + 22}" y="{TOP + HEIGHT - 54 + 18 * place}">{escape(cell)}</text>')
            report(order, cell, run)
    width = LEFT + len(panels) * (PANEL + GAP)
    caption = "validation accuracy, %, over epochs"
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 52}" role="img" '
        f'aria-label="{caption}"><style>{STYLE}</style>' + "".join(parts)
        + f'<text x="{LEFT}" y="{TOP + HEIGHT + 40}">{caption}</text></svg>'
    )


def report(order: str, cell: str, run: Path) -> None:
    test = [e for e in events(run) if e["event"] == "test"]
    settings = configuration(run)
    accuracy = f"{100 * test[-1]['accuracy']:.2f} %" if test else "unfinished"
    print(
        f"{TITLES.get(order, order)}, {cell}: {accuracy} on the test set, {settings['parameterCount']:,} parameters, "
        f"{curve(run)[-1][0]:.2f} epochs, {minutes(run):.1f} minutes on {settings['threads']} thread(s)", file=sys.stderr)


if __name__ == "__main__":
    main()
