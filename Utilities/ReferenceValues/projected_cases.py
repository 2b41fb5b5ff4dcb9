"""LSTM layers whose hidden state is projected, PyTorch's `proj_size`: lstm_projected.json.

One `nn.LSTM` makes all layers and directions of a case, and ragged batches go through it as PyTorch packs them
(`pack_padded_sequence`), so that its own notion of layers, directions and lengths is what is stored. Packing knows no
sequences of length 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import closed_form
import fixture_file
from cells import TensorRule


@dataclass(frozen=True)
class Case:
    name: str
    reason: str
    batch: int
    steps: int
    input: int
    hidden: int
    projection: int
    layers: int = 1
    bidirectional: bool = False
    lengths: tuple[int, ...] | None = None

    @property
    def endings(self) -> list[str]:
        """What the names of all directions of all layers end in, from the bottom up, forward before reverse."""
        directions = ["", "_reverse"] if self.bidirectional else [""]
        return [f"_l{layer}{direction}" for layer in range(self.layers) for direction in directions]

    @property
    def width(self) -> int:
        return self.projection * (2 if self.bidirectional else 1)


CASES = [
    Case("one layer", "the smallest case in which no two sizes can be confused", 3, 4, 5, 7, 2),
    Case("a projection of one", "a hidden state of a single number", 4, 6, 3, 5, 1),
    Case("tails of one", "hidden 16 + 1, projection 8 + 1", 5, 3, 13, 17, 9),
    Case("two layers", "the second layer reads the projection", 5, 6, 2, 8, 3, layers=2),
    Case("both directions", "the projections stand side by side", 4, 5, 3, 8, 2, bidirectional=True),
    Case(
        "ragged", "ties, the longest in the middle, nobody reaches the last step", 6, 7, 5, 8, 3,
        lengths=(3, 6, 1, 6, 2, 4),
    ),
    Case(
        "ragged, two layers in both directions", "all at once", 7, 6, 4, 11, 5, layers=2, bidirectional=True,
        lengths=(2, 6, 1, 4, 6, 3, 1),
    ),
    Case(
        "shared by threads", "wide enough for all threads to work on one tile", 3, 2, 5, 97, 8,
        lengths=(2, 1, 2),
    ),
]


def tensor_rules(case: Case) -> list[TensorRule]:
    """The case's tensors, in the order that numbers them."""
    rules: list[TensorRule] = []
    for ending in case.endings:
        input_size = case.input if ending.startswith("_l0") else case.width
        rules += [
            TensorRule(f"weight_ih{ending}", [4 * case.hidden, input_size], closed_form.WEIGHT),
            TensorRule(f"weight_hh{ending}", [4 * case.hidden, case.projection], closed_form.WEIGHT),
            TensorRule(f"bias_ih{ending}", [4 * case.hidden], closed_form.BIAS),
            TensorRule(f"weight_hr{ending}", [case.projection, case.hidden], closed_form.WEIGHT),
        ]
    parts = {"hidden": case.projection, "cell": case.hidden}
    rules.append(TensorRule("inputs", [case.batch, case.steps, case.input], closed_form.INPUT))
    rules += [
        TensorRule(part + ending, [case.batch, size], closed_form.STATE)
        for ending in case.endings for part, size in parts.items()
    ]
    rules.append(TensorRule("outputWeights", [case.batch, case.steps, case.width], closed_form.OUTPUT_GRADIENT))
    rules += [
        TensorRule(f"final{part.capitalize()}Weights{ending}", [case.batch, size], closed_form.OUTPUT_GRADIENT)
        for ending in case.endings for part, size in parts.items()
    ]
    return rules


def evaluate(case: Case, rules: list[TensorRule], precision: torch.dtype) -> dict[str, dict[str, torch.Tensor]]:
    """What is expected of a case, as tensors of `precision`."""
    values = {
        rule.name: torch.from_numpy(closed_form.chirp(number, rule.shape, rule.scale)).to(precision)
        for number, rule in enumerate(rules)
    }
    module = nn.LSTM(
        case.input, case.hidden, case.layers, batch_first=True, bidirectional=case.bidirectional,
        proj_size=case.projection).to(precision)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values[name]) if name in values else parameter.zero_()  # one bias of PyTorch's two
    inputs = values["inputs"].requires_grad_()
    states = {
        part: torch.stack([values[part + ending] for ending in case.endings]).requires_grad_()
        for part in ("hidden", "cell")
    }
    sequence: Any = inputs
    if case.lengths is not None:
        sequence = pack_padded_sequence(inputs, torch.tensor(case.lengths), batch_first=True, enforce_sorted=False)
    outputs, finals = module(sequence, (states["hidden"], states["cell"]))
    if case.lengths is not None:
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=case.steps)

    expected = {"outputs": outputs}
    scalar = (outputs * values["outputWeights"]).sum()
    for part, final in zip(states, finals):
        for ending, tensor in zip(case.endings, final):
            expected[f"final{part.capitalize()}{ending}"] = tensor
            scalar = scalar + (tensor * values[f"final{part.capitalize()}Weights{ending}"]).sum()
    scalar.backward()

    gradients = {name: parameter.grad for name, parameter in module.named_parameters() if name in values}
    gradients["inputs"] = inputs.grad
    for part, state in states.items():
        gradients.update({part + ending: gradient for ending, gradient in zip(case.endings, state.grad)})
    return {"values": expected, "gradients": gradients}


def as_fixture(case: Case) -> tuple[dict[str, Any], float]:
    """A case as it is stored, and how far PyTorch in Float is from it."""
    sizes = [case.batch, case.steps, case.input, case.hidden, case.projection]
    assert len(set(sizes)) == len(sizes), f"{case.name}: two sizes are equal: {sizes}"
    rules = tensor_rules(case)
    exact = evaluate(case, rules, torch.float64)
    single = evaluate(case, rules, torch.float32)
    worst = max(
        fixture_file.deviation(single[kind][name], tensor)
        for kind, tensors in exact.items() for name, tensor in tensors.items()
    )
    fixture = {
        "name": case.name,
        "reason": case.reason,
        "batch": case.batch,
        "steps": case.steps,
        "input": case.input,
        "hidden": case.hidden,
        "projection": case.projection,
        "layers": case.layers,
        "bidirectional": case.bidirectional,
        "lengths": None if case.lengths is None else list(case.lengths),
        "tensors": [rule.described() for rule in rules],
        "expected": {
            kind: {name: fixture_file.digits(tensor) for name, tensor in tensors.items()}
            for kind, tensors in exact.items()
        },
    }
    return fixture, worst


def write(folder: Path) -> None:
    fixtures, worst = [], 0.0
    for case in CASES:
        fixture, deviation = as_fixture(case)
        fixtures.append(fixture)
        worst = max(worst, deviation)
    fixture_file.write(folder, "lstm_projected.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "cases": fixtures,
    })
    print(f"  {len(fixtures)} cases; PyTorch in float32 differs by at most {worst:.1e}")
