"""The contestants, and the communication with one."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rows import OURS, Job

PEERS_FOLDER = Path(__file__).resolve().parent / "peers"

# What keeps each contestant to the instructions of a lesser processor, as variables of its environment.
INSTRUCTION_SETS: dict[str, dict[str, str]] = {
    "avx2": {
        "RECURRENT_INSTRUCTION_SET": "avx2",
        "ATEN_CPU_CAPABILITY": "avx2",  # PyTorch's own kernels and those it compiles
        "ONEDNN_MAX_CPU_ISA": "AVX2",  # PyTorch, TensorFlow, OpenVINO
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # PyTorch's products
        "OV_CPU_MAX_ISA": "AVX2",  # OpenVINO's own kernels
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",  # JAX and Keras with XLA
    },
}
# Contestants without such a setting: they take whatever the processor has.
UNLIMITED = ("onnxruntime", "mlx")


@dataclass(frozen=True)
class Contestant:
    key: str
    title: str
    command: tuple[str, ...]
    ragged_only: bool = False  # a variant that differs from its sibling only in ragged batches

    def joins(self, job: Job) -> bool:
        invited = not job.contestants or self.key in job.contestants
        return invited and (not self.ragged_only or job.request["lengths"] == "uniform")


def everyone(python: Path, ours: Path | None) -> list[Contestant]:
    """In the order in which they take turns."""

    def peer(key: str, title: str, script: str, *arguments: str) -> Contestant:
        return Contestant(key, title, (str(python), "-B", str(PEERS_FOLDER / script), *arguments))

    contestants = [
        peer("pytorch", "PyTorch", "pytorch_peer.py"),
        replace(peer("pytorch-padded", "PyTorch, padded", "pytorch_peer.py", "--padded"), ragged_only=True),
        peer("keras", "Keras", "keras_peer.py"),
        peer("keras-xla", "Keras, XLA", "keras_peer.py", "--xla"),
        peer("jax", "JAX", "jax_peer.py"),
        peer("mlx", "MLX", "mlx_peer.py"),
        peer("onnxruntime", "ONNX Runtime", "onnxruntime_peer.py"),
        peer("openvino", "OpenVINO", "openvino_peer.py"),
    ]
    if ours is not None:
        contestants.insert(0, Contestant(OURS, "Recurrent", (str(ours), "benchmark", "--interactive")))
    return contestants


class Process:
    """A running contestant. It handles one request at a time and sleeps in between."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.errors = tempfile.TemporaryFile()
        self.pending = b""
        self.process = subprocess.Popen(
            contestant.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0)

    def ask(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """The response; {"error": ...} if the process dies or does not respond for `patience` seconds."""
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            line = self.line(time.monotonic() + patience)
        except (BrokenPipeError, EOFError):
            self.process.wait()
            return {"error": f"ended with status {self.process.returncode}: {self.last_words()}"}
        except TimeoutError:
            self.close()
            return {"error": f"no answer within {patience:.0f} s"}
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            self.close()
            return {"error": f"not JSON: {line[:100].decode(errors='replace')}"}

    def line(self, deadline: float) -> bytes:
        output = self.process.stdout
        while b"\n" not in self.pending:
            ready, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            chunk = os.read(output.fileno(), 65536)
            if not chunk:
                raise EOFError
            self.pending += chunk
        line, self.pending = self.pending.split(b"\n", 1)
        return line

    def last_words(self) -> str:
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "nothing said"

    def close(self) -> None:
        """End of input ends a contestant; one that hangs is killed."""
        try:
            self.process.stdin.close()
            self.process.wait(timeout=1)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def stay_on_cores(count: int) -> list[int] | None:
    """Keeps this process, and so every contestant it starts, on `count` physical cores: not every framework
    has a setting for all of its threads. Returns the processors, or nothing if there is no such call.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    available = sorted(os.sched_getaffinity(0))
    cores: dict[str, int] = {}  # the first processor of every core
    for processor in available:
        siblings = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        cores.setdefault(siblings.read_text().strip() if siblings.exists() else str(processor), processor)
    chosen = sorted(cores.values())[:count]
    if len(chosen) < count:
        chosen = available[:count]
    os.sched_setaffinity(0, chosen)
    return chosen
