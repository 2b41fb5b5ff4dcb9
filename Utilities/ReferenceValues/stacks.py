"""Recurrent stacks in plain NumPy, from the equations, one sequence and one step at a time: the checks' own way."""

from __future__ import annotations

from typing import Any

import numpy

Values = dict[str, numpy.ndarray]


def sigmoid(x: numpy.ndarray) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-x))


def step(cell: str, x: numpy.ndarray, state: Values, weights: Values) -> Values:
    """One step of one sequence; `weights` holds W, U and b."""
    h = state["hidden"]
    if cell.startswith("gru"):
        inputs = numpy.split(weights["W"] @ x, 3)
        rows = numpy.split(weights["U"], 3)
        biases = numpy.split(weights["b"], len(weights["b"]) // len(h))
        reset = sigmoid(inputs[0] + rows[0] @ h + biases[0])
        update = sigmoid(inputs[1] + rows[1] @ h + biases[1])
        inner = reset * (rows[2] @ h + biases[3]) if cell == "gru" else rows[2] @ (reset * h)
        return {"hidden": (1 - update) * numpy.tanh(inputs[2] + biases[2] + inner) + update * h}
    preactivation = weights["W"] @ x + weights["U"] @ h + weights["b"]
    if cell == "elman, relu":
        return {"hidden": numpy.maximum(preactivation, 0)}
    if cell == "elman":
        return {"hidden": numpy.tanh(preactivation)}
    input_gate, forget, candidate, output = numpy.split(preactivation, 4)
    c = sigmoid(forget) * state["cell"] + sigmoid(input_gate) * numpy.tanh(candidate)
    return {"hidden": sigmoid(output) * numpy.tanh(c), "cell": c}


def directions(case: dict[str, Any]) -> list[str]:
    return ["", "_reverse"] if case.get("bidirectional") else [""]


def run(case: dict[str, Any], values: Values, lengths: list[int] | None) -> Values:
    """Outputs and final states of a case."""
    parts = ["hidden", "cell"] if case["cell"] == "lstm" else ["hidden"]
    width = len(directions(case)) * case["hidden"][-1]
    results: Values = {"outputs": numpy.zeros((case["batch"], case["steps"], width))}
    for layer, hidden in enumerate(case["hidden"]):
        for direction in directions(case):
            for part in parts:
                name = f"final{part.capitalize()}_l{layer}{direction}"
                results[name] = numpy.zeros((case["batch"], hidden))
    for index in range(case["batch"]):
        length = case["steps"] if lengths is None else lengths[index]
        sequence = values["inputs"][index, :length]
        for layer, hidden in enumerate(case["hidden"]):
            sides = []
            for direction in directions(case):
                label = f"{layer}{direction}"
                weights = {
                    "W": values[f"weight_ih_l{label}"], "U": values[f"weight_hh_l{label}"],
                    "b": values[f"bias_ih_l{label}"],
                }
                zeros = numpy.zeros((case["batch"], hidden))
                state = {part: values.get(f"{part}_l{label}", zeros)[index] for part in parts}
                outputs = numpy.zeros((length, hidden))
                is_reversed = direction and not case.get("readsForward")
                for time in reversed(range(length)) if is_reversed else range(length):
                    state = step(case["cell"], sequence[time], state, weights)
                    outputs[time] = state["hidden"]
                for part in parts:
                    results[f"final{part.capitalize()}_l{label}"][index] = state[part]
                sides.append(outputs)
            sequence = numpy.concatenate(sides, axis=1)
        results["outputs"][index, :length] = sequence
    return results


def relative(measured: numpy.ndarray, expected: numpy.ndarray) -> float:
    largest = numpy.abs(expected).max()
    return float(numpy.abs(measured - expected).max() / (largest if largest > 0 else 1))
