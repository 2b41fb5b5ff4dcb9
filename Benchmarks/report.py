"""Results from responses: medians, spreads, ratios, the share of peak; as a table and as JSON."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from rows import OURS, Row, operations, trains


@dataclass
class Figures:
    """What a contestant did in one job: its bursts, in the order of the rounds."""

    bursts: list[list[float]]
    error: str | None = None
    megabytes: float | None = None
    # The last loss of every burst, those of the warm-up too; in inference an output.
    losses: list[float | None] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        return [value for burst in self.bursts for value in burst]

    @property
    def median(self) -> float:
        return statistics.median(self.all)

    @property
    def quartiles(self) -> tuple[float, float]:
        if len(self.all) < 2:
            return self.all[0], self.all[0]
        first, _, third = statistics.quantiles(self.all, n=4, method="inclusive")
        return first, third

    def burst_medians(self) -> list[float]:
        return [statistics.median(burst) for burst in self.bursts]


# The figures of a row: those of every job by its label, those of every contestant by its key.
RowFigures = dict[str, dict[str, Figures]]


def best_peer(figures: dict[str, Figures]) -> str | None:
    peers = {key: entry.median for key, entry in figures.items() if key != OURS and not entry.error}
    return min(peers, key=peers.__getitem__) if peers else None


def ratio(slower: Figures, faster: Figures) -> tuple[float, float, float]:
    """How many times faster, as the median over the rounds, with the smallest and the largest. Both figures of a round
    were taken right after each other, so that other load on the machine cancels out."""
    ratios = [a / b for a, b in zip(slower.burst_medians(), faster.burst_medians())]
    return statistics.median(ratios), min(ratios), max(ratios)


def share(request: dict[str, Any] | None, figures: Figures, gigaflops: float | None) -> float | None:
    """Of the peak: operations of the products alone over time."""
    if gigaflops is None or request is None:
        return None
    return operations(request) / (figures.median * 1e-3) / (gigaflops * 1e9)


def number(milliseconds: float) -> str:
    if milliseconds < 0.1:
        return f"{milliseconds * 1e3:.2f} µs"
    return f"{milliseconds:.3f} ms" if milliseconds < 10 else f"{milliseconds:,.1f} ms"


def row_lines(row: Row, figures: RowFigures, titles: dict[str, str], gigaflops: float | None) -> list[str]:
    """One row in full: every contestant with its median, quartiles and ratio."""
    lines = [f"{row.key}  {row.title}: {row.sizes()}" if row.jobs else f"{row.key}  {row.title}"]
    requests = {job.label: job.request for job in row.jobs}
    for label, entries in figures.items():
        if len(figures) > 1:
            lines.append(f"   {label}")
        best = best_peer(entries)
        lines.append(f"   {'':18} {'median':>12}  {'quartiles':>27}  {'of best peer':>12}  {'of peak':>7}  {'losses':>15}")
        for key, entry in entries.items():
            if entry.error:
                lines.append(f"   {titles[key]:18} {'—':>12}  {entry.error}")
                continue
            low, high = entry.quartiles
            speed = f"{entries[best].median / entry.median:.2f} ×" if best else ""
            fraction = share(requests.get(label), entry, gigaflops)
            memory = f"  {entry.megabytes:,.0f} MB" if entry.megabytes else ""
            percent = "" if fraction is None else f"{fraction:.0%}"
            losses = ""
            if label in requests and trains(requests[label]) and None not in entry.losses:
                losses = f"{entry.losses[0]:.3f} … {entry.losses[-1]:.3f}"
            lines.append(
                f"   {titles[key]:18} {number(entry.median):>12}  {number(low):>12} … {number(high):>12}  "
                f"{speed:>12}  {percent:>7}  {losses:>15}{memory}")
    return lines


def summary_cells(row: Row, figures: RowFigures, titles: dict[str, str], gigaflops: float | None) -> list[str]:
    """One line of the final table: row, our median, the best peer and its median, ratios, share of peak, goal."""
    label, entries = next(iter(figures.items()))
    best, ours = best_peer(entries), entries.get(OURS)
    failed = ours is None or ours.error is not None
    sizes = f", {row.sizes()}" if row.jobs else ""
    cells = [f"{row.key}: {row.title}{sizes}", "—" if failed else number(ours.median),
             f"{titles[best]} {number(entries[best].median)}" if best else "—"]
    notes = []
    if best and not failed:
        middle, low, high = ratio(entries[best], ours)
        notes.append(f"{middle:.2f} × ({low:.2f} … {high:.2f})")
        packed = entries.get("pytorch")
        if row.jobs and row.request["lengths"] == "uniform" and packed and not packed.error:
            notes.append(f"{ratio(packed, ours)[0]:.2f} × PyTorch packed")
        if ours.megabytes and entries[best].megabytes:
            notes.append(f"{ours.megabytes / entries[best].megabytes:.2f} of its memory")
    # Our own figures for the row's other job: padded beside ragged, an LSTM beside a GRU, one thread beside two.
    for other, others in figures.items():
        reference = others.get(OURS)
        if other != label and not failed and reference and not reference.error:
            relation = ratio(ours, reference)[0] if row.relation else ratio(reference, ours)[0]
            notes.append(f"{relation:.2f} {row.relation or f'× {other}'}")
    fraction = None if failed else share(row.request if row.jobs else None, ours, gigaflops)
    return [*cells, "; ".join(notes) or "—", "—" if fraction is None else f"{fraction:.0%}", row.goal]


def processor(about: dict[str, Any]) -> str:
    """The processor with the instruction set in use."""
    return f"{about['processor']} with {about['kernels']} kernels" if about.get("kernels") else about["processor"]


def conditions(
    about: dict[str, Any], versions: dict[str, str], titles: dict[str, str], gigaflops: float | None
) -> str:
    """Under which the figures were taken, as a paragraph in Markdown before the table."""
    peak = f", a peak of {gigaflops:,.0f} GFLOP/s" if gigaflops else ""
    lines = [f"{processor(about)}, {about['threads']} threads{peak}; {about['system']}; {about['date'][:10]}, "
             f"load {about['load'][0]:.1f}. Medians; the ratio is that of bursts in turn, with its range. Versions: "
             + ", ".join(f"{name} {version}" for name, version in versions.items()) + "."]
    if about["limit"]:
        free = [titles[key] for key in about["unlimited"] if key in titles]
        lines.append(f"The contestants were limited to {about['limit']}"
                     + (f", except {' and '.join(free)}, which cannot be." if free else "."))
    return " ".join(lines)


def summary(rows: list[tuple[Row, RowFigures]], titles: dict[str, str], gigaflops: float | None) -> str:
    """The table as Markdown, for use in a document."""
    header = ["what", "Recurrent", "best peer", "faster", "share of peak", "goal"]
    lines = [header, ["---"] * len(header), *(summary_cells(*entry, titles, gigaflops) for entry in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def as_json(row: Row, figures: RowFigures, gigaflops: float | None) -> dict[str, Any]:
    requests = {job.label: job.request for job in row.jobs}
    jobs = []
    for label, entries in figures.items():
        best = best_peer(entries)
        contestants: dict[str, Any] = {}
        for key, entry in entries.items():
            if entry.error:
                contestants[key] = {"error": entry.error}
                continue
            low, high = entry.quartiles
            contestants[key] = {
                "median": entry.median, "quartiles": [low, high], "shareOfPeak": share(
                    requests.get(label), entry, gigaflops),
                "timesBestPeer": ratio(entries[best], entry)[0] if best else None,
                "megabytes": entry.megabytes, "losses": entry.losses,
                "bursts": [[round(value, 5) for value in burst] for burst in entry.bursts],
            }
        request = requests.get(label)
        jobs.append({
            "label": label, "request": request, "operations": operations(request) if request else None,
            "bestPeer": best, "milliseconds": contestants,
        })
    return {"row": row.key, "title": row.title, "goal": row.goal, "jobs": jobs}
