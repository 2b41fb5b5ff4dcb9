"""What is compared: one row per network, with the requests that are sent to every contestant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OURS = "recurrent"


@dataclass(frozen=True)
class Job:
    """One request, and the contestants that receive it (all by default)."""

    label: str
    request: dict[str, Any]
    contestants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    jobs: tuple[Job, ...]  # the first one decides the row; further ones are references
    goal: str
    relation: str = ""  # what our figure is set in relation to, if there is a reference

    @property
    def request(self) -> dict[str, Any]:
        return self.jobs[0].request

    def sizes(self) -> str:
        r = self.request
        batch = "one sequence" if r["mode"] == "stream" else f"batch {r['batch']}"
        directions = " in both directions" if "&" in r["cell"] else ""
        return f"{r['input']} inputs, {r['steps']} steps, {r['hidden']} × {r['layers']}{directions}, {batch}"


def request(
    input: int, steps: int, hidden: int, layers: int, batch: int, repeat: int, mode: str = "train",
    lengths: str = "full", threads: int = 2, cell: str = "lstm",
) -> dict[str, Any]:
    return {
        "input": input, "steps": steps, "hidden": hidden, "layers": layers, "batch": batch, "cell": cell,
        "mode": mode, "lengths": lengths, "threads": threads, "repeat": repeat,
    }


def trains(request: dict[str, Any]) -> bool:
    """Whether a repetition is a training step."""
    return request["mode"] in ("train", "characters", "values")


def training(key: str, title: str, goal: str, *sizes: int) -> Row:
    return Row(key, title, (Job("full", request(*sizes)),), goal)


def ragged(key: str, goal: str, *sizes: int) -> Row:
    return Row(
        key, "training step, ragged batch",
        (
            Job("ragged", request(*sizes, lengths="uniform")),
            Job("padded", request(*sizes), (OURS, "pytorch")),
        ),
        goal, "of our padded time")


def beside(key: str, title: str, name: str, cell: str, base: str, ratio: str) -> Row:
    """A training step of another kind of layer; beside it ours of a forward LSTM of the same size."""
    sizes = (28, 28, 128, 1, 100, 20)
    jobs = (Job(name, request(*sizes, cell=cell), (OURS, *CELL_PEERS)), Job(base, request(*sizes), (OURS,)))
    return Row(key, title, jobs, "1.4 × the best peer", ratio)


# Those with a GRU that resets after the product, with both directions, or with a value at every step.
CELL_PEERS = ("pytorch", "keras", "keras-xla", "jax")

# What wide layers should reach: most of their time is in products.
WIDE = "1.4 ×, 80 % of peak, 70 % on AVX2"

# input, steps, hidden, layers, batch, repetitions of a burst
ROWS: list[Row] = [
    training(
        "a", "training step, the notebook's network", "7 × the best peer, 6 × on AVX2, 50 % of peak",
        28, 28, 20, 3, 100, 20),
    training("b1", "training step, wider", WIDE, 28, 28, 128, 1, 100, 20),
    training("b2", "training step, wider and deeper", WIDE, 28, 28, 128, 3, 100, 10),
    training("b3", "training step, two layers of 256", WIDE, 28, 28, 256, 2, 100, 5),
    training("b4", "training step, one layer of 512", WIDE, 28, 28, 512, 1, 100, 5),
    training("b5", "training step, pixel by pixel", WIDE, 1, 784, 128, 1, 100, 3),
    training("b6", "training step, characters", WIDE, 65, 50, 128, 2, 50, 20),
    training("b7", "training step, one layer of 1024", WIDE, 256, 64, 1024, 1, 64, 3),
    ragged("c", "5 × PyTorch's packed sequences, 0.58 of our padded time", 28, 28, 128, 1, 100, 20),
    ragged("c2", "5 × PyTorch's packed sequences, 0.58 of our padded time", 28, 28, 128, 3, 100, 10),
    Row("d", "one image", (Job("full", request(28, 28, 20, 3, 1, 300, mode="infer")),), "4 × the best peer"),
    Row(
        "d2", "one streaming step", (Job("full", request(28, 28, 20, 3, 1, 300, mode="stream")),), "3 × the best peer"
    ),
    Row("e", "1,000 images", (Job("full", request(28, 28, 20, 3, 1000, 20, mode="infer")),), "3 × the best peer"),
    Row(
        "g", "two threads against one, the notebook's network",
        (
            Job("two threads", request(28, 28, 20, 3, 100, 20), (OURS,)),
            Job("one thread", request(28, 28, 20, 3, 100, 20, threads=1), (OURS,)),
        ),
        "1.8 ×",
    ),
    beside("h", "training step, GRU", "gru", "gru", "lstm", "of our LSTM's time"),
    Row(
        "i", "training step, a class at every step",
        (Job("carried state", request(65, 50, 128, 2, 50, 20, mode="characters"), (OURS, *CELL_PEERS)),),
        "1.4 × the best peer",
    ),
    beside(
        "j", "training step, both directions", "both directions", "lstm & lstm", "forward",
        "of our time for one direction"),
    Row(
        "k", "training step, a value at every step: the catchments",
        (Job("every step", request(3, 365, 128, 1, 32, 5, mode="values"), (OURS, *CELL_PEERS)),),
        "1.4 × the best peer",
    ),
]

# Row f is not a request but two whole processes: see `whole_process.py`.
WHOLE_PROCESS = "f"


def selected(keys: list[str]) -> list[Row]:
    """Rows by key; a key without its number stands for all of its rows (`b` for b1 to b7)."""
    unknown = [key for key in keys if key != WHOLE_PROCESS and not any(row.key.startswith(key) for row in ROWS)]
    if unknown:
        raise SystemExit(f"--rows: there is no row {', '.join(unknown)}; rows are "
                         f"{', '.join(row.key for row in ROWS)}, {WHOLE_PROCESS}")
    return [row for row in ROWS if any(row.key == key or row.key.rstrip("0123456789") == key for key in keys)]


def operations(request: dict[str, Any]) -> float:
    """Floating-point operations of the products of one repetition; gate arithmetic, head and update count nothing.

    A training step needs three products of each weight matrix with the batch: forward, gradient of its input, gradient
    of its weights. The first layer's input needs no gradient and is not counted. Tokens pick columns of the first
    layer's weights: no product. The head counts if it runs at every step. Both directions of a layer read the outputs
    of both below.
    """
    kinds = request["cell"].split(" & ")
    gates = {"lstm": 4, "elman": 1, "gru": 3}[kinds[0]]
    width = request["hidden"] * len(kinds)
    if request["mode"] == "stream":
        positions = 1
    elif request["lengths"] == "uniform":
        positions = sum(1 + (sample * 7919 + 13) % request["steps"] for sample in range(request["batch"]))
    else:
        positions = request["batch"] * request["steps"]
    has_tokens = request["mode"] == "characters"
    passes = 3 if trains(request) else 1
    outputs = {"characters": request["input"], "values": 1}.get(request["mode"], 0)
    total = 2.0 * positions * width * outputs * passes
    for layer in range(request["layers"]):
        columns = request["input"] if layer == 0 else width
        input_passes = passes - 1 if layer == 0 and passes == 3 else passes
        if layer == 0 and has_tokens:
            input_passes = 0
        total += 2 * positions * gates * width * (columns * input_passes + request["hidden"] * passes)
    return total
