"""The list of sequence tasks: every input × direction × readout × output × lengths of an LSTM, and some of a GRU.

The sizes of a case differ pairwise, so that none can be taken for another.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

BATCH, STEPS, HIDDEN = 5, 7, (2, 3)
FEATURES, VOCABULARY, EMBEDDING = 8, 11, 8
# The numbers that the head gives for each kind of output.
WIDTHS = {"classes": 9, "values": 10, "labels": 9}
RAGGED = (3, 0, 7, 1, 4)  # in no order, with 0, 1 and all steps

INPUTS = ("features", "tokens", "embedding")
READOUTS = ("last", "everyStep")
STATES = ("zero", "given", "learned")
REGRESSION_LOSSES = ("squared", "absolute", "huber")
HUBER_DELTA = 0.75


@dataclass(frozen=True)
class Task:
    reason: str
    cell: str
    input: str  # of INPUTS
    bidirectional: bool
    readout: str  # of READOUTS
    output: str  # a key of WIDTHS
    lengths: tuple[int, ...] | None
    state: str  # of STATES
    loss: str  # crossEntropy, sigmoidCrossEntropy, or of REGRESSION_LOSSES
    has_missing_targets: bool = False

    @property
    def name(self) -> str:
        return ", ".join([
            self.cell, self.input, "both directions" if self.bidirectional else "forward", self.readout, self.output,
            self.loss, "full" if self.lengths is None else "ragged", f"{self.state} state",
            *(["missing targets"] if self.has_missing_targets else []),
        ])

    @property
    def width(self) -> int:
        return WIDTHS[self.output]

    @property
    def directions(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def input_width(self) -> int:
        """The number of features that the first layer reads."""
        return {"features": FEATURES, "tokens": VOCABULARY, "embedding": EMBEDDING}[self.input]

    @property
    def target_shape(self) -> list[int]:
        """[batch] or [batch, steps]; numbers follow as the last dimension, but for classes."""
        shape = [BATCH, STEPS] if self.readout == "everyStep" else [BATCH]
        return shape if self.output == "classes" else [*shape, self.width]

    @property
    def true_lengths(self) -> list[int]:
        return list(self.lengths or [STEPS] * BATCH)


def task(
    reason: str, cell: str, input: str, bidirectional: bool, readout: str, output: str, is_ragged: bool,
    has_missing_targets: bool = False,
) -> Task:
    """A task whose state and loss take turns: each comes together with each choice of the others."""
    first, second, third = INPUTS.index(input), READOUTS.index(readout), list(WIDTHS).index(output)
    state = STATES[(first + third + second + bidirectional + is_ragged) % 3]
    losses = {
        "classes": "crossEntropy", "labels": "sigmoidCrossEntropy",
        "values": REGRESSION_LOSSES[(2 * first + second + 2 * bidirectional + is_ragged) % 3],
    }
    return Task(reason, cell, input, bidirectional, readout, output, RAGGED if is_ragged else None, state,
                losses[output], has_missing_targets)


def all_tasks() -> list[Task]:
    tasks = [
        task("every combination", "lstm", *choice)
        for choice in itertools.product(INPUTS, (False, True), READOUTS, WIDTHS, (False, True))
    ]
    # The diagonal: every choice at least twice, and every pair of input and output.
    tasks += [
        task("a cell with one part of state", "gru", input, (row + column) % 2 == 1, READOUTS[(row + column // 2) % 2],
             output, (row + column) % 3 > 0)
        for row, input in enumerate(INPUTS) for column, output in enumerate(WIDTHS)
    ]
    return tasks + [
        task("a missing target counts for nothing, neither in the sum nor in the count", "lstm", input, False,
             "everyStep", output, True, has_missing_targets=True)
        for input, output in zip(("tokens", "embedding", "tokens"), WIDTHS)
    ]


def check(tasks: list[Task]) -> None:
    """Refuses a list that leaves something out or could hide an error."""
    assert len({entry.name for entry in tasks}) == len(tasks), "two tasks are the same"
    lstm = [entry for entry in tasks if entry.cell == "lstm"]
    pairs = {
        "state and input": (lambda e: (e.state, e.input), 9), "state and output": (lambda e: (e.state, e.output), 9),
        "state and readout": (lambda e: (e.state, e.readout, e.lengths), 12),
        "state and direction": (lambda e: (e.state, e.bidirectional, e.lengths), 12),
    }
    for what, (key, count) in pairs.items():
        assert len({key(entry) for entry in lstm}) == count, f"{what}: not every pair"
    regression = [entry for entry in lstm if entry.output == "values"]
    for key in (lambda e: (e.loss, e.readout), lambda e: (e.loss, e.lengths), lambda e: (e.loss, e.bidirectional)):
        assert len({key(entry) for entry in regression}) == 6, "not every regression loss with every choice"
    for entry in tasks:
        sizes = [BATCH, STEPS, entry.input_width, *HIDDEN, entry.width]
        sizes += [2 * hidden for hidden in HIDDEN] if entry.bidirectional else []
        sizes += [VOCABULARY] if entry.input == "embedding" else []
        assert len(set(sizes)) == len(sizes), f"{entry.name}: two sizes are equal: {sizes}"
