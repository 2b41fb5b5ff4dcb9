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

import check_tasks
import closed_form
import fixture_file
from stacks import Values, relative, run

FILES = ("lstm.json", "elman.json", "elman_relu.json", "gru.json", "gru_reset_before.json", "keras.json", "onnx.json")


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


def expected_results(case: dict[str, Any], shapes: Values) -> Values:
    return {name: numpy.reshape(case["expected"][name], shapes[name].shape) for name in shapes}


def check_gradients(case: dict[str, Any], values: Values) -> float:
    """The worst relative error at the first, the largest and the last element of every gradient."""
    worst, distance = 0.0, 1e-4
    for name, stored in case["expected"].get("gradients", {}).items():
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


def gate_tensors(values: Values) -> list[tuple[str, int]]:
    """The names of the tensors whose rows are gates, and the number of units of each gate."""
    return [
        (name, values[f"weight_hh_l{name.split('_l')[1]}"].shape[1])
        for name in values if name.startswith(("weight_", "bias_"))
    ]


def permuted(order: list[int]) -> Callable[[dict[str, Any], Values], None]:
    """Damage: the gates' rows in another order."""
    def damage(case: dict[str, Any], values: Values) -> None:
        for name, hidden in gate_tensors(values):
            gates = numpy.split(values[name], len(values[name]) // hidden)
            gates[: len(order)] = [gates[gate] for gate in order]
            values[name] = numpy.concatenate(gates)
    return damage


def update_reversed(case: dict[str, Any], values: Values) -> None:
    """Damage: h' = z n + (1 - z) h, which is what the update gate's sums with the other sign give."""
    for name, hidden in gate_tensors(values):
        values[name][hidden : 2 * hidden] *= -1


def reset_elsewhere(case: dict[str, Any], values: Values) -> None:
    """Damage: the reset gate before the product instead of after it, or the other way round."""
    is_after = case["cell"] == "gru"
    case["cell"] = "gru, reset before" if is_after else "gru"
    for name in [name for name in values if name.startswith("bias_ih")]:
        reset, update, candidate, *inner = numpy.split(values[name], 4 if is_after else 3)
        last = [candidate + inner[0]] if is_after else [candidate, numpy.zeros_like(candidate)]
        values[name] = numpy.concatenate([reset, update, *last])


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


def directions_exchanged(case: dict[str, Any], values: Values) -> None:
    """Damage: each direction has the weights and the state of the other."""
    for name in [name for name in values if name.endswith("_reverse")]:
        forward = name.removesuffix("_reverse")
        values[name], values[forward] = values[forward], values[name]


def reverse_reads_forward(case: dict[str, Any], values: Values) -> None:
    """Damage: the second direction reads in the order of time."""
    case["readsForward"] = True


def without_lengths(case: dict[str, Any], values: Values) -> None:
    """Damage: padding is read."""
    case["lengths"] = None


def of(*cells: str) -> Callable[[dict[str, Any]], bool]:
    return lambda case: case["cell"] in cells


GRU = of("gru", "gru, reset before")

# Each damage with the cases it applies to.
DAMAGES: list[tuple[str, Callable[[dict[str, Any]], bool], Callable[[dict[str, Any], Values], None]]] = [
    ("gates i and f exchanged", of("lstm"), permuted([1, 0, 2, 3])),
    ("gates i and o exchanged", of("lstm"), permuted([3, 1, 2, 0])),
    ("gates f and o exchanged", of("lstm"), permuted([0, 3, 2, 1])),
    ("gates g and o exchanged", of("lstm"), permuted([0, 1, 3, 2])),
    ("gates r and z exchanged", GRU, permuted([1, 0, 2])),
    ("gates r and n exchanged", GRU, permuted([2, 1, 0])),
    ("gates z and n exchanged", GRU, permuted([0, 2, 1])),
    ("update gate reversed", GRU, update_reversed),
    ("reset at the other place", GRU, reset_elsewhere),
    ("recurrent weights transposed", lambda case: max(case["hidden"]) > 2, transposed),
    ("biases ignored", lambda case: True, zeroed("bias")),
    ("the last layer's bias ignored", lambda case: True, zeroed("bias", last_only=True)),
    ("given hidden state ignored", lambda case: case["initialState"], zeroed("hidden")),
    ("given cell state ignored", lambda case: case["initialState"] and case["cell"] == "lstm", zeroed("cell")),
    ("directions exchanged", lambda case: case.get("bidirectional", False), directions_exchanged),
    ("reverse direction reads forward", lambda case: case.get("bidirectional", False) and case["steps"] > 1,
     reverse_reads_forward),
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
        damaged_case, values = dict(case), load(case)
        damage(damaged_case, values)
        damaged = run(damaged_case, values, damaged_case["lengths"])
        expected = expected_results(case, damaged)
        effect = max(relative(damaged[key], expected[key]) for key in damaged)
        smallest[name] = min(smallest.get(name, numpy.inf), effect)


def main() -> None:
    parser = argparse.ArgumentParser(description="Check the stored fixtures against plain NumPy.")
    parser.add_argument("--folder", type=Path, default=fixture_file.DEFAULT_FOLDER)
    folder = parser.parse_args().folder
    failed = False
    for file in FILES:
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
    failed = not check_tasks.check(folder) or failed
    if failed:
        raise SystemExit("the fixtures are wrong, or too weak")


if __name__ == "__main__":
    main()
