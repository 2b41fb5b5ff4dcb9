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


def ragged(batch: int, steps: int) -> tuple[int, ...]:
    """Lengths 0 ... steps in no order, with ties, for batches too large to write out."""
    return tuple((index * 7919 + 3) % (steps + 1) for index in range(batch))


# Both cells go through these.
COMMON: list[Case] = [
    Case("one layer", "the smallest case in which no two sizes can be confused", 3, 4, 5, (7,)),
    Case("one layer from a given state", "the initial state is used and has its gradients", 4, 3, 7, (5,), True),
    Case("two layers that widen", "the second layer's input is narrower than its state", 5, 6, 2, (4, 7)),
    Case("two layers that narrow, from given states", "each layer has its own state", 7, 4, 13, (11, 5), True),
    Case("three layers of different widths", "the middle layer is the narrowest", 6, 7, 10, (8, 5, 11), True),
    Case("tails of one", "batch 8 + 1, hidden 16 + 1", 9, 2, 13, (17,), True),
    Case("tails of one less", "batch 16 + 3, hidden 32 - 1", 19, 3, 5, (31,)),
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

CASES: dict[str, list[Case]] = {
    "lstm": [
        *COMMON,
        Case("input size of one", "a series of single values, as pixel by pixel", 4, 11, 1, (7,)),
        Case("many steps", "errors that grow with time would show", 2, 40, 7, (5,), True),
    ],
    "elman": [
        *COMMON,
        Case("input size of one", "a series of single values, as pixel by pixel", 4, 11, 1, (7,)),
    ],
}
