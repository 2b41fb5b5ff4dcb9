"""Checks the stored fixtures with a second implementation that shares nothing with PyTorch.

1. Outputs and final states are computed again from the equations, one sequence and one step at a time, in NumPy.
2. Gradients are compared with central differences of that computation, at a few elements of every tensor.
3. A fixture that cannot fail proves nothing: the equations are damaged on purpose (gates exchanged, bias dropped, a
   given state ignored, padding read ...), and every damage must show in the fixtures by far more than a tolerance.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

import closed_form
import fixture_file

Values = dict[str, numpy.ndarray]


def sigmoid(x: numpy.ndarray) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-x))


def step(case: dict[str, Any], preactivation: numpy.ndarray, state: Values) -> Values:
    """One step of one sequence; `preactivation` is U x + W h + b."""
    if case["cell"] == "elman":
        return {"hidden": numpy.tanh(preactivation)}
    input_gate, forget, candidate, output = numpy.split(preactivation, 4)
    cell = sigmoid(forget) * state["cell"] + sigmoid(input_gate) * numpy.tanh(candidate)
    return {"hidden": sigmoid(output) * numpy.tanh(cell), "cell": cell}


def run(case: dict[str, Any], values: Values, lengths: list[int] | None) -> Values:
    """Outputs and final states of a case."""
    parts = ["hidden", "cell"] if case["cell"] == "lstm" else ["hidden"]
    results: Values = {"outputs": numpy.zeros((case["batch"], case["steps"], case["hidden"][-1]))}
    for layer, hidden in enumerate(case["hidden"]):
        for part in parts:
            results[f"final{part.capitalize()}_l{layer}"] = numpy.zeros((case["batch"], hidden))
    for index in range(case["batch"]):
        length = case["steps"] if lengths is None else lengths[index]
        sequence = values["inputs"][index, :length]
        for layer, hidden in enumerate(case["hidden"]):
            zeros = numpy.zeros((case["batch"], hidden))
            state = {part: values.get(f"{part}_l{layer}", zeros)[index] for part in parts}
            outputs = numpy.zeros((length, hidden))
            for time in range(length):
                preactivation = (
                    values[f"weight_ih_l{layer}"] @ sequence[time]
                    + values[f"weight_hh_l{layer}"] @ state["hidden"]
                    + values[f"bias_ih_l{layer}"]
                )
                state = step(case, preactivation, state)
                outputs[time] = state["hidden"]
            for part in parts:
                results[f"final{part.capitalize()}_l{layer}"][index] = state[part]
            sequence = outputs
        results["outputs"][index, :length] = sequence
    return results


def scalar(results: Values, values: Values) -> float:
    """What the gradients are gradients of."""
    total = float((results["outputs"] * values["outputWeights"]).sum())
    for name, result in results.items():
        if name != "outputs":
            total += float((result * values[name.replace("_l", "Weights_l")]).sum())
    return total


def load(case: dict[str, Any]) -> Values:
    return {
        tensor["name"]: closed_form.wave(number, tensor["shape"], tensor["scale"]).astype(float)
        for number, tensor in enumerate(case["tensors"])
    }


def relative(measured: numpy.ndarray, expected: numpy.ndarray) -> float:
    largest = numpy.abs(expected).max()
    return float(numpy.abs(measured - expected).max() / (largest if largest > 0 else 1))


def expected_results(case: dict[str, Any], shapes: Values) -> Values:
    return {name: numpy.reshape(case["expected"][name], shapes[name].shape) for name in shapes}


def check_gradients(case: dict[str, Any], values: Values) -> float:
    """The worst relative error at the first, the largest and the last element of every gradient."""
    worst, distance = 0.0, 1e-4
    for name, stored in case["expected"]["gradients"].items():
        gradient = numpy.array(stored)
        largest = numpy.abs(gradient).max()
        for element in {0, int(numpy.abs(gradient).argmax()), gradient.size - 1}:
            original = values[name].flat[element]
            sides = []
            for shift in (distance, -distance):
                values[name].flat[element] = original + shift
                sides.append(scalar(run(case, values, case["lengths"]), values))
            values[name].flat[element] = original
            difference = (sides[0] - sides[1]) / (2 * distance)
            worst = max(worst, abs(difference - gradient[element]) / (largest if largest > 0 else 1))
    return worst


def permuted(order: list[int]) -> Callable[[dict[str, Any], Values], None]:
    """Damage: the gates' rows in another order."""
    def damage(case: dict[str, Any], values: Values) -> None:
        for layer in range(len(case["hidden"])):
            for name in (f"weight_ih_l{layer}", f"weight_hh_l{layer}", f"bias_ih_l{layer}"):
                gates = numpy.split(values[name], 4)
                values[name] = numpy.concatenate([gates[gate] for gate in order])
    return damage


def zeroed(prefix: str, last_only: bool = False) -> Callable[[dict[str, Any], Values], None]:
    """Damage: tensors whose name begins with `prefix` are ignored."""
    def damage(case: dict[str, Any], values: Values) -> None:
        names = [name for name in values if name.startswith(prefix) and "Weights" not in name]
        for name in names[-1:] if last_only else names:
            values[name] = numpy.zeros_like(values[name])
    return damage


def transposed(case: dict[str, Any], values: Values) -> None:
    """Damage: the recurrent weights of every gate transposed."""
    for name in [name for name in values if name.startswith("weight_hh")]:
        width = values[name].shape[1]
        gates = numpy.split(values[name], values[name].shape[0] // width)
        values[name] = numpy.concatenate([gate.T for gate in gates])


def without_lengths(case: dict[str, Any], values: Values) -> None:
    """Damage: padding is read. (`run` is then called with full lengths.)"""


# Each damage with the cases it applies to.
DAMAGES: list[tuple[str, Callable[[dict[str, Any]], bool], Callable[[dict[str, Any], Values], None]]] = [
    ("gates i and f exchanged", lambda case: case["cell"] == "lstm", permuted([1, 0, 2, 3])),
    ("gates i and o exchanged", lambda case: case["cell"] == "lstm", permuted([3, 1, 2, 0])),
    ("gates f and o exchanged", lambda case: case["cell"] == "lstm", permuted([0, 3, 2, 1])),
    ("gates g and o exchanged", lambda case: case["cell"] == "lstm", permuted([0, 1, 3, 2])),
    ("recurrent weights transposed", lambda case: max(case["hidden"]) > 2, transposed),
    ("biases ignored", lambda case: True, zeroed("bias")),
    ("the last layer's bias ignored", lambda case: True, zeroed("bias", last_only=True)),
    ("given hidden state ignored", lambda case: case["initialState"], zeroed("hidden")),
    ("given cell state ignored", lambda case: case["initialState"] and case["cell"] == "lstm", zeroed("cell")),
    ("lengths ignored", lambda case: case["lengths"] is not None, without_lengths),
]


def check_damages(case: dict[str, Any], smallest: dict[str, float]) -> None:
    """Keeps the smallest effect of every damage over all cases."""
    for name, applies, damage in DAMAGES:
        # Weights of single units and empty sequences cannot show what is done to weights.
        if not applies(case) or (max(case["lengths"] or [1]) == 0 and "state" not in name and "lengths" not in name):
            continue
        if case["steps"] == 1 and name == "recurrent weights transposed" and not case["initialState"]:
            continue
        values = load(case)
        damage(case, values)
        damaged = run(case, values, None if name == "lengths ignored" else case["lengths"])
        expected = expected_results(case, damaged)
        effect = max(relative(damaged[key], expected[key]) for key in damaged)
        smallest[name] = min(smallest.get(name, numpy.inf), effect)


def main() -> None:
    parser = argparse.ArgumentParser(description="Check the stored fixtures against plain NumPy.")
    parser.add_argument("--folder", type=Path, default=fixture_file.DEFAULT_FOLDER)
    folder = parser.parse_args().folder
    failed = False
    for file in ("lstm.json", "elman.json"):
        cases = json.loads((folder / file).read_text(encoding="utf-8"))["cases"]
        forward = gradient = 0.0
        smallest: dict[str, float] = {}
        for case in cases:
            values = load(case)
            results = run(case, values, case["lengths"])
            expected = expected_results(case, results)
            forward = max(forward, *(relative(results[name], expected[name]) for name in results))
            gradient = max(gradient, check_gradients(case, values))
            check_damages(case, smallest)
        print(f"{file}: {len(cases)} cases, forward within {forward:.1e}, gradients within {gradient:.1e}")
        for name, effect in smallest.items():
            print(f"  {name}: shows as at least {effect:.1e}")
        failed = failed or forward > 1e-8 or gradient > 1e-6 or min(smallest.values()) < 1e-3
    if failed:
        raise SystemExit("the fixtures are wrong, or too weak")


if __name__ == "__main__":
    main()
