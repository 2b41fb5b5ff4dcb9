"""Outputs, final states and all gradients of recurrent stacks: one file for each cell, keras.json and onnx.json.

The scalar that is differentiated is

    sum(outputs * outputWeights) + sum over layers and parts of the state of sum(final state * its weights)

so that every output and every final state has a gradient of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

import closed_form
import fixture_file
from cases import CASES, KERAS_CASES, ONNX_CASES, Case
from cells import CELLS, Cell, Layers, States, TensorRule
from keras_layers import KerasLayer, keras
from onnx_layers import OPERATORS, OnnxLayer
from packed_layers import run_packed

# How far two computations of the same in Double may lie apart.
DOUBLE_TOLERANCE = 1e-12


def tensor_rules(cell: Cell, case: Case) -> list[TensorRule]:
    """The case's tensors, in the order that numbers them."""
    layers = range(len(case.hidden))
    states = [
        TensorRule(f"{part}_l{label}", [case.batch, case.hidden[layer]], closed_form.STATE)
        for layer in layers for label in case.labels(layer) for part in cell.states
    ]
    rules: list[TensorRule] = []
    for layer in layers:
        for label in case.labels(layer):
            rules += cell.parameters(label, case.width(layer), case.hidden[layer])
    rules.append(TensorRule("inputs", [case.batch, case.steps, case.input], closed_form.INPUT))
    if case.initial_state:
        rules += states
    width = len(case.directions) * case.hidden[-1]
    rules.append(TensorRule("outputWeights", [case.batch, case.steps, width], closed_form.OUTPUT_GRADIENT))
    return rules + [
        TensorRule(final_name(rule.name, "Weights"), rule.shape, closed_form.OUTPUT_GRADIENT) for rule in states
    ]


def final_name(name: str, addition: str = "") -> str:
    """Of hidden_l0 finalHidden_l0, and with an addition finalHiddenWeights_l0."""
    part, label = name.split("_", 1)
    return f"final{part.capitalize()}{addition}_{label}"


def make_layer(cell: Cell, label: str, width: int, hidden: int, values: dict[str, torch.Tensor]) -> nn.Module:
    """A layer that holds the case's parameters."""
    module = cell.layer(width, hidden).to(values["inputs"].dtype)
    first, second = cell.two_biases(values[f"bias_ih_l{label}"])
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh"):
            module.get_parameter(f"{name}_l0").copy_(values[f"{name}_l{label}"])
        module.bias_ih_l0.copy_(first)
        module.bias_hh_l0.copy_(second)
    return module


def parameter_gradients(cell: Cell, label: str, module: nn.Module) -> dict[str, torch.Tensor | None]:
    biases = (module.bias_ih_l0.grad, module.bias_hh_l0.grad)
    return {
        f"weight_ih_l{label}": module.weight_ih_l0.grad,
        f"weight_hh_l{label}": module.weight_hh_l0.grad,
        f"bias_ih_l{label}": None if biases[0] is None else cell.one_bias(*biases),
    }


def run_stack(cell: Cell, layers: Layers, inputs: torch.Tensor, states: States) -> tuple[torch.Tensor, States]:
    """Batch [B, T, I] without padding through all layers; states are those before and after."""
    finals = []
    for modules, state in zip(layers, states):
        outputs, final = [], []
        for backwards, (module, own) in enumerate(zip(modules, state)):
            output, after = module(
                inputs.flip(1) if backwards else inputs,
                cell.packed([part.unsqueeze(0).contiguous() for part in own]))
            outputs.append(output.flip(1) if backwards else output)
            final.append([part.squeeze(0) for part in cell.unpacked(after)])
        inputs = torch.cat(outputs, dim=2)
        finals.append(final)
    return inputs, finals


def run_ragged(
    cell: Cell, layers: Layers, inputs: torch.Tensor, states: States, lengths: list[int]
) -> tuple[torch.Tensor, States]:
    """Every sequence alone and cut to its length; behind it outputs are zero and the state is held."""
    steps, width = inputs.shape[1], sum(own[0].shape[1] for own in states[-1])
    outputs, finals = [], []
    for index, length in enumerate(lengths):
        own = [[[part[index : index + 1] for part in parts] for parts in state] for state in states]
        output = inputs.new_zeros(1, 0, width)
        if length > 0:
            output, own = run_stack(cell, layers, inputs[index : index + 1, :length], own)
        outputs.append(torch.cat([output, inputs.new_zeros(1, steps - length, width)], dim=1))
        finals.append(own)
    gathered = [
        [
            [torch.cat([own[layer][direction][part] for own in finals]) for part in range(len(parts))]
            for direction, parts in enumerate(state)
        ]
        for layer, state in enumerate(states)
    ]
    return torch.cat(outputs), gathered


def evaluate(
    cell: Cell, case: Case, precision: torch.dtype = torch.float64, layer_type: type | None = None,
    is_packed: bool = False,
) -> dict[str, Any]:
    """What is expected of a case, as tensors of `precision`, by PyTorch or by layers of another type; ONNX's values
    come without gradients."""
    rules = tensor_rules(cell, case)
    values = {
        rule.name: torch.from_numpy(closed_form.wave(number, rule.shape, rule.scale)).to(precision)
        for number, rule in enumerate(rules)
    }
    modules = {
        label: make_layer(cell, label, case.width(layer), hidden, values)
        for layer, hidden in enumerate(case.hidden) for label in case.labels(layer)
    }
    inputs = values["inputs"].requires_grad_()
    states = {
        f"{part}_l{label}": values[f"{part}_l{label}"].requires_grad_() if case.initial_state
        else torch.zeros(case.batch, hidden, dtype=precision)
        for layer, hidden in enumerate(case.hidden) for label in case.labels(layer) for part in cell.states
    }

    layers = [
        [layer_type(cell, modules[label]) if layer_type else modules[label] for label in case.labels(layer)]
        for layer in range(len(case.hidden))
    ]
    nested = [
        [[states[f"{part}_l{label}"] for part in cell.states] for label in case.labels(layer)]
        for layer in range(len(case.hidden))
    ]
    if is_packed:
        outputs, finals = run_packed(cell, layers, inputs, nested, list(case.lengths or [case.steps] * case.batch))
    elif case.lengths is None:
        outputs, finals = run_stack(cell, layers, inputs, nested)
    else:
        outputs, finals = run_ragged(cell, layers, inputs, nested, list(case.lengths))

    flat = [part for state in finals for parts in state for part in parts]
    expected: dict[str, Any] = {"outputs": outputs}
    expected.update({final_name(name): tensor for name, tensor in zip(states, flat)})
    if layer_type is OnnxLayer:
        return expected

    scalar = (outputs * values["outputWeights"]).sum()
    for name, tensor in zip(states, flat):
        scalar = scalar + (tensor * values[final_name(name, "Weights")]).sum()
    scalar.backward()

    gradients: dict[str, torch.Tensor | None] = {}
    for label, module in modules.items():
        gradients.update(parameter_gradients(cell, label, module))
    gradients["inputs"] = inputs.grad
    if case.initial_state:
        gradients.update({name: tensor.grad for name, tensor in states.items()})
    # With nothing but empty sequences no gradient ever reaches the parameters: it is zero.
    for rule in rules:
        if rule.name in gradients and gradients[rule.name] is None:
            gradients[rule.name] = torch.zeros(rule.shape, dtype=precision)
    expected["gradients"] = gradients
    return expected


def check_sizes(cell: Cell, case: Case) -> None:
    """The rules of `cases.py`, and the one thing a wave could hide: gates whose weights look alike."""
    outputs = [2 * hidden for hidden in case.hidden] if case.bidirectional else []
    sizes = [case.batch, case.steps, case.input, *case.hidden, *outputs]
    free = [size for size in sizes if size != 1]
    assert len(set(free)) == len(free), f"{case.name}: two sizes are equal: {sizes}"
    assert all(size % 9 for size in [case.input, *case.hidden, *outputs]), f"{case.name}: rows would repeat: {sizes}"
    assert case.lengths is None or (len(case.lengths) == case.batch and max(case.lengths) <= case.steps), case.name
    if cell.gates > 1:
        for layer, hidden in enumerate(case.hidden):
            for columns in (case.width(layer), hidden, 1):
                turn = (0.7 * hidden * columns) % 6.283185307179586
                assert all(
                    min(turn * gate % 6.2831853, -turn * gate % 6.2831853) > 0.1 for gate in range(1, cell.gates)
                ), f"{case.name}: the gates' weights are nearly the same ({hidden} rows of {columns})"


def check_against(found: dict[str, Any], cell: Cell, case: Case, exact: dict[str, Any]) -> float:
    """How far a second computation in Double is from the first, in all that both have."""
    def tensors(results: dict[str, Any]) -> dict[str, torch.Tensor]:
        values = {name: tensor for name, tensor in results.items() if name != "gradients"}
        return values | {f"gradient of {name}": tensor for name, tensor in results.get("gradients", {}).items()}

    first, second = tensors(exact), tensors(found)
    worst = max(
        (fixture_file.deviation(second[name].detach(), first[name].detach()), name) for name in first.keys() & second)
    assert worst[0] < DOUBLE_TOLERANCE, f"{cell.name}, {case.name}: {worst[1]} differs by {worst[0]:.1e}"
    return worst[0]


def as_fixture(cell: Cell, case: Case, expected: dict[str, Any]) -> dict[str, Any]:
    """A case as it is stored."""
    gradients = expected.get("gradients")
    stored: dict[str, Any] = {
        name: fixture_file.digits(tensor) for name, tensor in expected.items() if name != "gradients"
    }
    rules = tensor_rules(cell, case)
    if gradients is None:
        rules = [rule for rule in rules if "Weights" not in rule.name]  # they come last, so that no number changes
    else:
        stored["gradients"] = {name: fixture_file.digits(tensor) for name, tensor in gradients.items()}
    return {
        "name": case.name,
        "reason": case.reason,
        "cell": cell.name,
        **({"bidirectional": True} if case.bidirectional else {}),
        "batch": case.batch,
        "steps": case.steps,
        "input": case.input,
        "hidden": list(case.hidden),
        "lengths": None if case.lengths is None else list(case.lengths),
        "initialState": case.initial_state,
        "tensors": [rule.described() for rule in rules],
        "expected": stored,
    }


def single_precision(cell: Cell, case: Case, exact: dict[str, Any]) -> dict[str, float]:
    """How far PyTorch in Float is from what is stored, tensor by tensor."""
    single = evaluate(cell, case, torch.float32)
    deviations = {
        f"gradient of {name}": fixture_file.deviation(single["gradients"][name], gradient)
        for name, gradient in exact["gradients"].items()
    }
    for name, tensor in exact.items():
        if name != "gradients":
            deviations[name] = fixture_file.deviation(single[name].detach(), tensor.detach())
    return deviations


def write(folder: Path) -> None:
    pytorch = f"PyTorch {torch.__version__.split('+')[0]}, float64"
    for name, cases in CASES.items():
        cell = CELLS[name]
        fixtures, worst, onnx_worst, packed_worst = [], (0.0, ""), 0.0, 0.0
        for case in cases:
            check_sizes(cell, case)
            exact = evaluate(cell, case)
            fixtures.append(as_fixture(cell, case, exact))
            if cell.name in OPERATORS:
                found = evaluate(cell, case, layer_type=OnnxLayer)
                onnx_worst = max(onnx_worst, check_against(found, cell, case, exact))
            if cell.module:
                found = evaluate(cell, case, is_packed=True)
                packed_worst = max(packed_worst, check_against(found, cell, case, exact))
            deviations = single_precision(cell, case, exact)
            worst = max(worst, *((value, f"{case.name}, {tensor}") for tensor, value in deviations.items()))
        fixture_file.write(folder, cell.file, {"rule": closed_form.WAVE_RULE, "source": pytorch, "cases": fixtures})
        print(f"  {len(fixtures)} cases; float32 differs by at most {worst[0]:.1e} ({worst[1]}), "
              f"ONNX by {onnx_worst:.1e}, packed sequences by {packed_worst:.1e}")

    reset_before = CELLS["gru, reset before"]
    write_other(folder, "keras.json", f"Keras {keras.__version__}, float64", KERAS_CASES, [reset_before], KerasLayer)
    onnx_source = f"onnx.reference {onnx.__version__}, float64"
    in_onnx = [cell for cell in CELLS.values() if cell.name in OPERATORS]
    write_other(folder, "onnx.json", onnx_source, ONNX_CASES, in_onnx, OnnxLayer)


def write_other(
    folder: Path, file: str, source: str, cases: list[Case], cells: list[Cell], layer_type: type
) -> None:
    """Cases of which another implementation than PyTorch has computed the values."""
    fixtures = []
    for cell in cells:
        for case in cases:
            check_sizes(cell, case)
            expected = evaluate(cell, case, layer_type=layer_type)
            check_against(evaluate(cell, case), cell, case, expected)
            fixtures.append(as_fixture(cell, case, expected))
    fixture_file.write(folder, file, {"rule": closed_form.WAVE_RULE, "source": source, "cases": fixtures})
    print(f"  {len(fixtures)} cases")
