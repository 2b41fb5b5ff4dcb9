"""Compares Recurrent with its peers on this machine, fairly: see README.md beside this file.

    python3 Benchmarks/compare.py                      everything
    python3 Benchmarks/compare.py --rows a,b1,d        some rows
    python3 Benchmarks/compare.py --python PYTHON      with an environment that has the peers already
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import chart
import report
import whole_process
from contestants import INSTRUCTION_SETS, UNLIMITED, Contestant, Process, everyone, stay_on_cores
from report import Figures, RowFigures
from rows import OURS, ROWS, WHOLE_PROCESS, Job, Row, selected

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare Recurrent with its peers, in turn, on this machine.")
    parser.add_argument("--rows", help="rows by key, separated by commas (default: all; f only with --data-dir)")
    parser.add_argument("--bursts", type=int, default=7, help="measured bursts of every contestant in a row")
    parser.add_argument("--warm-up", type=int, default=2, help="bursts before those, which are thrown away")
    parser.add_argument("--repeat", type=int, help="repetitions in a burst, instead of the row's own number")
    parser.add_argument("--burst-seconds", type=float, default=10, help="a slow contestant repeats less, to stay below")
    parser.add_argument("--patience", type=float, default=180, help="seconds after which a contestant is given up")
    parser.add_argument("--pause", type=float, default=0.3,
                        help="seconds between bursts, for the last contestant's waiting threads to fall asleep")
    parser.add_argument("--threads", type=int, default=2, help="threads of every contestant")
    parser.add_argument("--instruction-set", choices=sorted(INSTRUCTION_SETS),
                        help="keep all contestants that can be kept to a lesser instruction set than the machine's")
    parser.add_argument("--contestants", help=f"only these keys, separated by commas, such as {OURS},pytorch,jax")
    parser.add_argument("--python", type=Path, help="an interpreter that has the peers; default: Benchmarks/.venv")
    parser.add_argument("--ours", type=Path, help="the recurrent executable; default: build it")
    parser.add_argument("--data-dir", type=Path, help="MNIST's IDX files, for row f")
    parser.add_argument("--output", type=Path, default=HERE / "results", help="folder for results.json and results.svg")
    options = parser.parse_args()
    for name in ("bursts", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    if options.repeat is not None and options.repeat < 1:
        parser.error("--repeat must be at least 1")
    if options.warm_up < 1:
        parser.error("--warm-up must be at least 1: the first burst compiles")
    return options


def environment(python: Path | None) -> Path:
    """The interpreter with the pinned peers; makes Benchmarks/.venv if it is missing or out of date."""
    if python is not None:
        return python
    requirements, folder = HERE / "requirements.txt", HERE / ".venv"
    interpreter, stamp = folder / "bin" / "python", folder / "requirements.sha256"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(interpreter), "-m", "pip", "install", "--requirement", str(requirements)], check=True)
        stamp.write_text(digest)
    return interpreter


def build(ours: Path | None) -> Path:
    if ours is not None:
        return ours
    command = ["swift", "build", "--configuration", "release", "--package-path", str(PACKAGE)]
    subprocess.run([*command, "--product", "recurrent"], check=True)
    folder = subprocess.run([*command, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return Path(folder) / "recurrent"


def machine(processors: list[int] | None, options: argparse.Namespace) -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "processor": model, "processors": os.cpu_count(), "used": processors, "threads": options.threads,
        "limit": options.instruction_set, "unlimited": list(UNLIMITED) if options.instruction_set else [],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": list(os.getloadavg()), "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def peer_versions(python: Path) -> dict[str, str]:
    packages = ["torch", "tensorflow-cpu", "tensorflow", "keras", "jax", "mlx", "onnxruntime", "openvino", "numpy"]
    script = f"""
import importlib.metadata, json, platform
versions = {{"python": platform.python_version()}}
for name in {packages}:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(versions))
"""
    return json.loads(subprocess.run([str(python), "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout)


class Comparison:
    def __init__(self, options: argparse.Namespace, contestants: list[Contestant]) -> None:
        self.options = options
        self.contestants = contestants
        self.titles = {contestant.key: contestant.title for contestant in contestants}
        self.peaks: list[float] = []
        self.kernels: str | None = None  # the instruction set of ours

    @property
    def peak(self) -> float | None:
        """The largest of all measurements of the run: what this machine can do when nothing disturbs it."""
        return max(self.peaks, default=None)

    def measure_peak(self, processes: dict[str, Process]) -> None:
        if OURS in processes:
            answer = processes[OURS].ask({"mode": "peak", "threads": self.options.threads}, self.options.patience)
            if "gflops" in answer:
                self.peaks.append(float(answer["gflops"]))
                self.kernels = answer.get("kernels")

    def requests(self, job: Job, repeat: int) -> dict[str, Any]:
        # A job on one thread stays one; all others follow the option.
        threads = job.request["threads"] if job.request["threads"] == 1 else self.options.threads
        return {**job.request, "threads": threads, "repeat": repeat}

    def run(self, row: Row) -> RowFigures:
        """All rounds of a row. Every contestant is a fresh process, so that no row inherits another's caches."""
        options = self.options
        figures: RowFigures = {job.label: {} for job in row.jobs}
        repeats: dict[tuple[str, str], int] = {}
        processes = {
            contestant.key: Process(contestant) for contestant in self.contestants
            if any(contestant.joins(job) for job in row.jobs)
        }
        try:
            for round_number in range(options.warm_up + options.bursts):
                if round_number in (options.warm_up, options.warm_up + options.bursts - 1):
                    self.measure_peak(processes)
                for job in row.jobs:
                    wanted = options.repeat or job.request["repeat"]
                    for key, process in processes.items():
                        entry = figures[job.label].setdefault(key, Figures([]))
                        if entry.error or not process.contestant.joins(job):
                            continue
                        # The very first burst compiles and shows how slow a contestant is.
                        repeat = min(2, wanted) if round_number == 0 else repeats[job.label, key]
                        answer = process.ask(self.requests(job, repeat), options.patience)
                        milliseconds = answer.get("milliseconds")
                        if not milliseconds:
                            entry.error = str(answer.get("error", "an answer without figures"))
                            continue
                        entry.losses.append(answer.get("loss"))
                        if round_number == 0:
                            affordable = int(options.burst_seconds * 1e3 / min(milliseconds))
                            repeats[job.label, key] = max(1, min(wanted, affordable))
                        elif round_number >= options.warm_up:
                            entry.bursts.append(milliseconds)
                        time.sleep(options.pause)
        finally:
            for process in processes.values():
                process.close()
        for job in row.jobs:  # contestants without a request are left out
            figures[job.label] = {k: f for k, f in figures[job.label].items() if f.error or f.bursts}
        return figures

    def run_whole_process(self, python: Path, ours: Path | None) -> tuple[Row, RowFigures]:
        answers = whole_process.compare(
            python, ours, self.options.data_dir, self.options.threads, max(1, self.options.bursts // 2))
        entries = {}
        for key, runs in answers.items():
            errors = [run["error"] for run in runs if "error" in run]
            entries[key] = Figures(
                [run["milliseconds"] for run in runs if "milliseconds" in run], errors[0] if errors else None,
                max((run["megabytes"] for run in runs if "megabytes" in run), default=None))
        row = Row(WHOLE_PROCESS, "four epochs of MNIST as a whole process", (), "6 × in time, a tenth of the memory")
        return row, {"process": entries}


def main() -> None:
    options = arguments()
    keys = options.rows.split(",") if options.rows else [row.key for row in ROWS]
    if not options.rows and options.data_dir:
        keys.append(WHOLE_PROCESS)
    rows = selected(keys)
    if WHOLE_PROCESS in keys and options.data_dir is None:
        raise SystemExit("--rows f needs --data-dir, the folder of MNIST's four IDX files")

    os.environ.update(INSTRUCTION_SETS.get(options.instruction_set, {}))
    python = environment(options.python)
    only = options.contestants.split(",") if options.contestants else None
    ours = build(options.ours) if only is None or OURS in only else None
    contestants = everyone(python, ours)
    if only is not None:
        unknown = set(only) - {contestant.key for contestant in contestants}
        if unknown:
            raise SystemExit(f"--contestants: unknown: {', '.join(sorted(unknown))}")
        contestants = [contestant for contestant in contestants if contestant.key in only]
    processors = stay_on_cores(options.threads)
    about = machine(processors, options)
    if about["load"][0] > 0.5:
        print(f"warning: the machine is busy (load {about['load'][0]:.1f}); frameworks whose threads spin while they "
              "wait for each other lose far more of their speed to that than others", file=sys.stderr)

    comparison = Comparison(options, contestants)
    results: list[tuple[Row, RowFigures]] = []
    for row in rows:
        print(f"row {row.key} …", file=sys.stderr)
        results.append((row, comparison.run(row)))
        print("\n".join(report.row_lines(*results[-1], comparison.titles, comparison.peak)) + "\n", flush=True)
    if WHOLE_PROCESS in keys:
        results.append(comparison.run_whole_process(python, ours))
        print("\n".join(report.row_lines(*results[-1], comparison.titles, None)) + "\n")
    versions, about["kernels"] = peer_versions(python), comparison.kernels
    print(report.conditions(about, versions, comparison.titles, comparison.peak) + "\n")
    print(report.summary(results, comparison.titles, comparison.peak))

    options.output.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": about, "versions": versions, "gigaflops": comparison.peak, "peaks": comparison.peaks,
        "rows": [report.as_json(row, figures, comparison.peak) for row, figures in results],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[-\d.e,\s]+\]", lambda match: " ".join(match[0].split()), text)  # a list of numbers is one line
    (options.output / "results.json").write_text(text + "\n", encoding="utf-8")
    caption = (f"{report.processor(about)}, {options.threads} threads, medians of bursts taken in turn, "
               f"{about['date'][:10]}")
    (options.output / "results.svg").write_text(chart.svg(results, comparison.titles, caption), encoding="utf-8")
    print(f"\nwritten: results.json and results.svg in {options.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
