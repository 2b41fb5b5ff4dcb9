"""Row f: a whole training run as a process of its own, wall time and memory; ours against `mnist_pytorch.py`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rows import OURS


def output(command: list[str]) -> str:
    """What a process prints; if it fails, its last words end this one."""
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines()
        sys.exit(f"{Path(command[0]).name}: status {process.returncode}: {lines[-1] if lines else 'nothing said'}")
    return process.stdout


def run(command: list[str]) -> dict[str, Any]:
    """Wall time and the largest resident size; {"error": ...} if the process fails."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        milliseconds = (time.perf_counter() - start) * 1e3
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    if process.returncode != 0:
        return {"error": f"status {process.returncode}: {lines[-1][:200] if lines else 'nothing said'}"}
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    last = lines[-1][:200] if lines else ""
    return {"milliseconds": [milliseconds], "megabytes": usage.ru_maxrss * unit / 1e6, "last": last}


def compare(python: Path, ours: Path | None, data: Path, threads: int, times: int) -> dict[str, list[dict[str, Any]]]:
    """Every contestant's runs, in turn, each with the same seed of its own."""
    answers: dict[str, list[dict[str, Any]]] = {OURS: [], "pytorch": []} if ours else {"pytorch": []}
    for seed in range(times):
        common = ["--data-dir", str(data), "--seed", str(seed), "--threads", str(threads)]
        with tempfile.TemporaryDirectory() as folder:
            for key in answers:
                script = Path(__file__).resolve().parent / "mnist_pytorch.py"
                command = [str(python), "-B", str(script), *common]
                if key == OURS:
                    command = [str(ours), "train", "mnist", *common, "--run-dir", f"{folder}/run"]
                answers[key].append(run(command))
                print(f"  f {key}: {answers[key][-1]}", file=sys.stderr)
    return answers
