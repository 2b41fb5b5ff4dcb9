"""Outputs, final states and all gradients of recurrent stacks: lstm.json, elman.json.

The scalar that is differentiated is

    sum(outputs * outputWeights) + sum over layers and parts of the state of sum(final state * its weights)

so that every output and every final state has a gradient of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

import closed_form
import fixture_file
from cases import CASES, Case
from cells import CELLS, Cell, TensorRule


def tensor_rules(cell: Cell, case: Case) -> list[TensorRule]:
    """The case's tensors, in the order that numbers them."""
    rules: list[TensorRule] = []
    widths = [case.input, *case.hidden]
    for layer, hidden in enumerate(case.hidden):
        rules += cell.parameters(layer, widths[layer], hidden)
    rules.append(TensorRule("inputs", [case.batch, case.steps, case.input], closed_form.INPUT))
    if case.initial_state:
        for layer, hidden in enumerate(case.hidden):
            rules += [TensorRule(f"{part}_l{layer}", [case.batch, hidden], closed_form.STATE) for part in cell.states]
    rules.append(
        TensorRule("outputWeights", [case.batch, case.steps, case.hidden[-1]], closed_form.OUTPUT_GRADIENT))
    for layer, hidden in enumerate(case.hidden):
        rules += [
            TensorRule(f"final{part.capitalize()}Weights_l{layer}", [case.batch, hidden], closed_form.OUTPUT_GRADIENT)
            for part in cell.states
        ]
    return rules


def make_layer(cell: Cell, layer: int, input_size: int, hidden: int, values: dict[str, torch.Tensor]) -> nn.Module:
    """A layer that holds the case's parameters, and zeros in those the project does not have (PyTorch's bias_hh)."""
    module = cell.layer(input_size, hidden).to(values["inputs"].dtype)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        for rule in cell.parameters(layer, input_size, hidden):
            module.get_parameter(rule.name.replace(f"_l{layer}", "_l0")).copy_(values[rule.name])
    return module


def run_stack(
    cell: Cell, layers: list[nn.Module], inputs: torch.Tensor, states: list[list[torch.Tensor]]
) -> tuple[torch.Tensor, list[list[torch.Tensor]]]:
    """Batch [B, T, I] without padding through all layers; `states[layer][part]` is [B, H], before and after."""
    finals = []
    for module, state in zip(layers, states):
        inputs, final = module(inputs, cell.packed([part.unsqueeze(0).contiguous() for part in state]))
        finals.append([part.squeeze(0) for part in cell.unpacked(final)])
    return inputs, finals


def run_ragged(
    cell: Cell, layers: list[nn.Module], inputs: torch.Tensor, states: list[list[torch.Tensor]], lengths: list[int]
) -> tuple[torch.Tensor, list[list[torch.Tensor]]]:
    """Every sequence alone and cut to its length; behind it outputs are zero and the state is held."""
    steps, width = inputs.shape[1], states[-1][0].shape[1]
    outputs, finals = [], []
    for index, length in enumerate(lengths):
        own = [[part[index : index + 1] for part in state] for state in states]
        output = inputs.new_zeros(1, 0, width)
        if length > 0:
            output, own = run_stack(cell, layers, inputs[index : index + 1, :length], own)
        outputs.append(torch.cat([output, inputs.new_zeros(1, steps - length, width)], dim=1))
        finals.append(own)
    gathered = [
        [torch.cat([own[layer][part] for own in finals]) for part in range(len(cell.states))]
        for layer in range(len(layers))
    ]
    return torch.cat(outputs), gathered


def evaluate(cell: Cell, case: Case, rules: list[TensorRule], precision: torch.dtype) -> dict[str, Any]:
    """What is expected of a case, as tensors of `precision`."""
    values = {
        rule.name: torch.from_numpy(closed_form.wave(number, rule.shape, rule.scale)).to(precision)
        for number, rule in enumerate(rules)
    }
    widths = [case.input, *case.hidden]
    layers = [make_layer(cell, layer, widths[layer], hidden, values) for layer, hidden in enumerate(case.hidden)]
    inputs = values["inputs"].requires_grad_()
    states = [
        [
            values[f"{part}_l{layer}"].requires_grad_() if case.initial_state
            else torch.zeros(case.batch, hidden, dtype=precision)
            for part in cell.states
        ]
        for layer, hidden in enumerate(case.hidden)
    ]

    if case.lengths is None:
        outputs, finals = run_stack(cell, layers, inputs, states)
    else:
        outputs, finals = run_ragged(cell, layers, inputs, states, list(case.lengths))

    expected: dict[str, Any] = {"outputs": outputs}
    scalar = (outputs * values["outputWeights"]).sum()
    for layer, final in enumerate(finals):
        for part, tensor in zip(cell.states, final):
            expected[f"final{part.capitalize()}_l{layer}"] = tensor
            scalar = scalar + (tensor * values[f"final{part.capitalize()}Weights_l{layer}"]).sum()
    scalar.backward()

    gradients: dict[str, torch.Tensor] = {}
    for layer, module in enumerate(layers):
        for rule in cell.parameters(layer, widths[layer], case.hidden[layer]):
            gradients[rule.name] = module.get_parameter(rule.name.replace(f"_l{layer}", "_l0")).grad
    gradients["inputs"] = inputs.grad
    if case.initial_state:
        for layer, state in enumerate(states):
            gradients.update({f"{part}_l{layer}": tensor.grad for part, tensor in zip(cell.states, state)})
    # With nothing but empty sequences no gradient ever reaches the parameters: it is zero.
    for rule in rules:
        if rule.name in gradients and gradients[rule.name] is None:
            gradients[rule.name] = torch.zeros(rule.shape, dtype=precision)
    expected["gradients"] = gradients
    return expected


def check_sizes(cell: Cell, case: Case) -> None:
    """The rules of `cases.py`, and the one thing a wave could hide: gates whose weights look alike."""
    sizes = [case.batch, case.steps, case.input, *case.hidden]
    free = [size for size in sizes if size != 1]
    assert len(set(free)) == len(free), f"{case.name}: two sizes are equal: {sizes}"
    assert all(size % 9 for size in [case.input, *case.hidden]), f"{case.name}: rows would repeat: {sizes}"
    assert case.lengths is None or (len(case.lengths) == case.batch and max(case.lengths) <= case.steps), case.name
    if cell.gates > 1:
        for width, hidden in zip([case.input, *case.hidden], case.hidden):
            for columns in (width, hidden, 1):
                turn = (0.7 * hidden * columns) % 6.283185307179586
                assert all(
                    min(turn * gate % 6.2831853, -turn * gate % 6.2831853) > 0.1 for gate in range(1, cell.gates)
                ), f"{case.name}: the gates' weights are nearly the same ({hidden} rows of {columns})"


def as_fixture(cell: Cell, case: Case) -> tuple[dict[str, Any], dict[str, float]]:
    """A case as it is stored, and how far PyTorch in Float is from it, tensor by tensor."""
    check_sizes(cell, case)
    rules = tensor_rules(cell, case)
    exact = evaluate(cell, case, rules, torch.float64)
    single = evaluate(cell, case, rules, torch.float32)

    deviations: dict[str, float] = {}
    stored: dict[str, Any] = {}
    for name, tensor in exact.items():
        if name == "gradients":
            stored[name] = {key: fixture_file.digits(gradient) for key, gradient in tensor.items()}
            for key, gradient in tensor.items():
                deviations[f"gradient of {key}"] = fixture_file.deviation(single[name][key], gradient)
        else:
            stored[name] = fixture_file.digits(tensor)
            deviations[name] = fixture_file.deviation(single[name], tensor)
    fixture = {
        "name": case.name,
        "reason": case.reason,
        "cell": cell.name,
        "batch": case.batch,
        "steps": case.steps,
        "input": case.input,
        "hidden": list(case.hidden),
        "lengths": None if case.lengths is None else list(case.lengths),
        "initialState": case.initial_state,
        "tensors": [rule.described() for rule in rules],
        "expected": stored,
    }
    return fixture, deviations


def write(folder: Path) -> None:
    for name, cases in CASES.items():
        fixtures, worst = [], (0.0, "")
        for case in cases:
            fixture, deviations = as_fixture(CELLS[name], case)
            fixtures.append(fixture)
            worst = max(worst, *((value, f"{case.name}, {tensor}") for tensor, value in deviations.items()))
        fixture_file.write(folder, f"{name}.json", {
            "rule": closed_form.WAVE_RULE,
            "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
            "cases": fixtures,
        })
        print(f"  {len(fixtures)} cases; PyTorch in float32 differs by at most {worst[0]:.1e} ({worst[1]})")
