"""What all peers share: the protocol, the data, and the clock.

A contestant is a process. It reads one JSON object per line from standard input and responds with one per line:

    {"input":28,"steps":28,"hidden":20,"layers":3,"batch":100,"cell":"lstm","mode":"train","lengths":"full",
     "threads":2,"repeat":20}
    {"milliseconds":[4.61,4.58, ...], "loss":2.29}

`milliseconds` has one number per repetition, `loss` is the last one read. If a contestant does not support a request, it
responds with {"error":"..."}. It ends at the end of the input.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

CLASSES = 10  # of the head, whatever the row
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.001, 0.9, 0.999, 1e-8
BATCHES = 8  # different batches that a burst cycles through


class Unsupported(Exception):
    """The contestant has no such mode, cell or thread count."""


@dataclass(frozen=True)
class Problem:
    """One request without its repetitions: what is prepared once and then timed in bursts."""

    input: int
    steps: int
    hidden: int
    layers: int
    batch: int
    cell: str  # "lstm", "gru" or "elman"; "lstm & lstm" is a bidirectional layer
    mode: str
    lengths: str
    threads: int

    @staticmethod
    def parse(request: dict[str, Any]) -> Problem:
        return Problem(**{name: request[name] for name in Problem.__dataclass_fields__})

    @property
    def kind(self) -> str:
        """The cell of each direction."""
        kinds = self.cell.split(" & ")
        require(len(kinds) <= 2 and kinds[0] == kinds[-1], f"cell {self.cell} is not compared here")
        return kinds[0]

    @property
    def directions(self) -> int:
        return len(self.cell.split(" & "))

    @property
    def width(self) -> int:
        """The outputs of a layer: those of its directions, one after the other."""
        return self.hidden * self.directions

    @property
    def is_every_step(self) -> bool:
        """Whether the head gives a value at every step; otherwise it gives classes at the end."""
        return self.mode == "values"

    @property
    def outputs(self) -> int:
        return 1 if self.is_every_step else CLASSES

    def input_of(self, layer: int) -> int:
        return self.input if layer == 0 else self.width

    def require_cells(self, *kinds: str, bidirectional: bool = False) -> None:
        """Refuses what the contestant does not have, and what is not compared."""
        require(self.kind in kinds, f"cell {self.cell} is not compared here")
        if self.directions == 2:
            # The reverse direction of a padded batch would begin in the padding.
            possible = bidirectional and self.lengths == "full" and self.mode in ("train", "values", "infer")
            require(possible, f"cell {self.cell} is not compared here")
        require(self.lengths == "full" or not self.is_every_step, "values of ragged batches are not compared")

    def length_list(self) -> list[int] | None:
        """The true lengths of the samples of every batch: the same for every contestant."""
        if self.lengths == "full":
            return None
        return [1 + (sample * 7919 + 13) % self.steps for sample in range(self.batch)]


# One repetition: does the work on batch `k` of the cycle, reads its result, and returns it (a loss, or one output).
Step = Callable[[int], float]


def batches(problem: Problem) -> list[tuple[Any, Any]]:
    """Inputs [B, T, I] in 0 ... 1 (float32) and labels [B] (int64), or targets [B, T, 1] in 0 ... 1 (float32) if every
    step has one; the same for every peer."""
    import numpy

    generator = numpy.random.default_rng(0)

    def uniform(size: int) -> Any:
        return generator.random((problem.batch, problem.steps, size), dtype=numpy.float32)

    return [
        (uniform(problem.input), uniform(1) if problem.is_every_step else generator.integers(0, CLASSES, problem.batch))
        for _ in range(BATCHES)
    ]


def token_windows(problem: Problem) -> list[tuple[Any, Any]]:
    """Consecutive windows of `batch` streams: tokens [B, T] below `input`, and the tokens that follow them (int64)."""
    import numpy

    length = BATCHES * problem.steps + 1
    streams = numpy.random.default_rng(0).integers(0, problem.input, (problem.batch, length))
    return [
        (streams[:, start : start + problem.steps].copy(), streams[:, start + 1 : start + 1 + problem.steps].copy())
        for start in range(0, length - 1, problem.steps)
    ]


def stream_inputs(problem: Problem) -> Any:
    """Single steps of one sequence, [BATCHES * steps, 1, 1, I], to be fed one by one."""
    import numpy

    return numpy.random.default_rng(0).random((BATCHES * problem.steps, 1, 1, problem.input), dtype=numpy.float32)


def require(condition: bool, message: str) -> None:
    if not condition:
        raise Unsupported(message)


def limit_threads(threads: int) -> None:
    """Must run before a framework is imported: most read these once."""
    for name in (
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC", "PJRT_NPROC",
    ):
        os.environ[name] = str(threads)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""


class Candidate(NamedTuple):
    """One way to do the work; `activate` switches the process over to it, if that is necessary."""

    step: Step
    activate: Callable[[], None] = lambda: None


def working(candidates: list[Candidate]) -> list[Candidate]:
    """Those that can be run here: a compiler may be missing, or not know an operation."""
    found, failure = [], None
    for candidate in candidates:
        try:
            candidate.activate()
            candidate.step(0)
            found.append(candidate)
        except Exception as error:
            print(f"left out: {type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
            failure = error
    if not found:
        raise failure or Unsupported("there is no way to do this")
    return found


def fastest(candidates: list[Candidate], repetitions: int = 5) -> Step:
    """The fastest of several ways to do the same work, found before anything is measured."""

    def typical(candidate: Candidate) -> float:
        candidate.activate()
        candidate.step(0)  # compiles, fills caches
        durations: list[float] = []
        while len(durations) < repetitions and sum(durations) < 3:
            start = time.perf_counter()
            candidate.step(len(durations))
            durations.append(time.perf_counter() - start)
        return sorted(durations)[len(durations) // 2]

    best = min(candidates, key=typical) if len(candidates) > 1 else candidates[0]
    best.activate()
    return best.step


def serve(load: Callable[[int], Callable[[Problem], Step]]) -> None:
    """Responds to requests until the end of input. `load(threads)` imports the framework; its result prepares a step."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints must not mix with the responses
    prepare: Callable[[Problem], Step] | None = None
    threads = 0
    prepared: tuple[Problem, Step] | None = None
    for line in sys.stdin:
        try:
            request = json.loads(line)
            problem = Problem.parse(request)
            if prepare is None:
                threads = problem.threads
                limit_threads(threads)
                prepare = load(threads)
            require(problem.threads == threads, f"this process was started with {threads} threads")
            if prepared is None or prepared[0] != problem:
                prepared = None  # frees the previous one first
                prepared = (problem, prepare(problem))
            answer = timed(prepared[1], request["repeat"])
        except Unsupported as error:
            answer = {"error": str(error)}
        except Exception as error:  # a peer that fails must not end the comparison
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        answers.write(json.dumps(answer) + "\n")


def timed(step: Step, repeat: int) -> dict[str, Any]:
    """Every repetition timed on its own, with Python's garbage collector out of the way."""
    milliseconds, result = [], 0.0
    gc.collect()
    gc.disable()
    try:
        for repetition in range(repeat):
            start = time.perf_counter_ns()
            result = step(repetition)
            milliseconds.append((time.perf_counter_ns() - start) / 1e6)
    finally:
        gc.enable()
    return {"milliseconds": milliseconds, "loss": result if abs(result) < 1e30 else None}
