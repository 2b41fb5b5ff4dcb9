"""The list of cases: sizes, and the reason for which each case exists.

Batch, steps, input and hidden sizes differ pairwise and none is one, except where the reason says so. Sizes next to
multiples of 8, 16 and 64 leave tails of vectors and of tiles. Sizes that are multiples of 9 are avoided, since
0.7 * 9 is nearly a full turn of the sine: rows of a weight matrix would repeat themselves.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str
    reason: str
    batch: int
    steps: int
    input: int
    hidden: tuple[int, ...]  # one width per layer
    initial_state: bool = False
    lengths: tuple[int, ...] | None = None
    bidirectional: bool = False  # outputs of both directions side by side, as PyTorch concatenates them

    @property
    def directions(self) -> tuple[str, ...]:
        """What is added to the number of a layer in the names of its parameters and states."""
        return ("", "_reverse") if self.bidirectional else ("",)

    def labels(self, layer: int) -> list[str]:
        return [f"{layer}{direction}" for direction in self.directions]

    def width(self, layer: int) -> int:
        """The number of features a layer reads."""
        return self.input if layer == 0 else len(self.directions) * self.hidden[layer - 1]


def ragged(batch: int, steps: int) -> tuple[int, ...]:
    """Lengths 0 ... steps in no order, with ties, for batches too large to write out."""
    return tuple((index * 7919 + 3) % (steps + 1) for index in range(batch))


# All cells go through these.
COMMON: list[Case] = [
    Case("one layer", "the smallest case in which no two sizes can be confused", 3, 4, 5, (7,)),
    Case("one layer from a given state", "the initial state is used and has its gradients", 4, 3, 7, (5,), True),
    Case("two layers that widen", "the second layer's input is narrower than its state", 5, 6, 2, (4, 7)),
    Case("two layers that narrow, from given states", "each layer has its own state", 7, 4, 13, (11, 5), True),
    Case("three layers of different widths", "the middle layer is the narrowest", 6, 7, 10, (8, 5, 11), True),
    Case("tails of one", "batch 8 + 1, hidden 16 + 1", 9, 2, 13, (17,), True),
    Case("tails of one less", "batch 16 + 3, hidden 24 - 1", 19, 3, 5, (23,)),
    Case("batch larger than a tile", "batch 64 + 6", 70, 3, 2, (5,), True),
    Case(
        "ragged, unsorted, from a given state",
        "lengths 0 and 1, ties, and the longest neither first nor last",
        11, 7, 5, (8,), True, (3, 6, 0, 1, 5, 7, 2, 0, 4, 7, 1),
    ),
    Case(
        "ragged through two layers",
        "the second layer must not see the first one's padding",
        10, 6, 4, (7, 5), False, (2, 0, 6, 4, 1, 6, 3, 5, 1, 2),
    ),
    Case(
        "ragged, nobody reaches the last step",
        "the last steps are padding for the whole batch",
        5, 8, 3, (7,), True, (3, 5, 1, 0, 4),
    ),
    Case("ragged and larger than a tile", "lengths differ between and inside tiles", 67, 5, 3, (7, 2), True,
         ragged(67, 5)),
    Case("single step", "no recurrence but through the given state", 6, 1, 5, (7,), True),
    Case("batch of one", "a single sequence, through two layers", 1, 6, 5, (7, 4), True),
    Case("hidden size of one", "one unit, between a wider input and a wider layer", 5, 7, 4, (1, 2), True),
    Case("all lengths zero", "outputs are zero, the state passes through untouched", 3, 2, 4, (5,), True, (0, 0, 0)),
]

SCALARS = Case("input size of one", "a series of single values, as pixel by pixel", 4, 11, 1, (7,))
MANY_STEPS = Case("many steps", "errors that grow with time would show", 2, 40, 7, (5,), True)

# All cells go through these, too, in both directions.
BOTH: list[Case] = [
    Case(name, reason, *sizes, bidirectional=True)
    for name, reason, *sizes in [
        ("both directions", "the reverse cell's output at a step is that of what comes after", 3, 4, 5, (7,)),
        ("both directions, two layers from given states", "each direction of each layer has its own state",
         6, 3, 2, (5, 4), True),
        ("both directions, three layers", "from zeros, with the narrowest layer between wider ones",
         8, 6, 3, (7, 2, 5)),
        ("both directions, ragged, unsorted, from a given state",
         "the reverse cell begins at each sequence's own last step; lengths 0 and 1, and ties",
         11, 6, 3, (7,), True, (3, 6, 0, 1, 5, 4, 2, 0, 4, 6, 1)),
        ("both directions, ragged through two layers", "the second layer must not see the first one's padding",
         8, 5, 3, (7, 2), False, (2, 0, 5, 4, 1, 5, 3, 1)),
        ("both directions, ragged through three layers", "nobody reaches the last step",
         11, 6, 3, (7, 5, 2), True, (3, 5, 1, 0, 5, 4, 2, 5, 1, 4, 3)),
        ("both directions, ragged and larger than a tile", "lengths differ between and inside tiles",
         67, 3, 5, (2,), True, ragged(67, 3)),
        ("both directions, single step", "both read the same step, from states of their own", 5, 1, 3, (7, 2), True),
        ("both directions, all lengths zero", "no direction reads anything", 3, 2, 4, (5,), True, (0, 0, 0)),
    ]
]

# With gradients, one file for each cell.
CASES: dict[str, list[Case]] = {
    "lstm": [*COMMON, SCALARS, MANY_STEPS, *BOTH],
    "elman": [*COMMON, SCALARS, *BOTH],
    "elman, relu": [*COMMON, SCALARS, *BOTH],
    "gru": [*COMMON, SCALARS, MANY_STEPS, *BOTH],
    "gru, reset before": [*COMMON, SCALARS, MANY_STEPS, *BOTH],
}

# Values alone, every cell through each of them, as ONNX computes them.
ONNX_CASES: list[Case] = [
    Case("ONNX, one layer", "ONNX orders gates, biases and dimensions otherwise", 2, 5, 3, (8,)),
    Case("ONNX, two layers from given states", "nodes one after the other", 4, 3, 6, (10, 7), True),
    Case("ONNX, ragged", "lengths 0 and 1, and a tail of one sequence", 9, 4, 2, (5,), True,
         (4, 0, 1, 3, 4, 2, 0, 1, 3)),
    Case("ONNX, three layers of single steps", "no recurrence but through the given states", 5, 1, 4, (7, 11, 2), True),
]

# With gradients: what only Keras has, a GRU that resets before its product.
KERAS_CASES: list[Case] = [
    Case("Keras, one layer", "Keras orders gates z r h and multiplies from the right", 3, 6, 4, (5,)),
    Case("Keras, two layers from given states", "with gradients of both states", 4, 5, 3, (8, 7), True),
    Case("Keras, ragged through three layers", "lengths 0 and 1, and nobody reaches the last step", 6, 8, 3, (5, 7, 2),
         True, (2, 0, 7, 1, 5, 4)),
]
