"""Checks sequence_tasks.json with the equations in NumPy: logits, losses, final states, gradients by differences.

Every way of getting a task wrong must show: padding or missing targets counted, the other readout, a state ignored,
tokens shifted, a mean over something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

import closed_form
import stacks
from stacks import Values

Task = dict[str, Any]


def load(case: Task) -> Values:
    return {
        tensor["name"]: closed_form.chirp(number, tensor["shape"], tensor["scale"]).astype(float)
        for number, tensor in enumerate(case["tensors"])
    }


def logits_and_states(case: Task, values: Values) -> tuple[list[numpy.ndarray], Values]:
    """The logits of each sequence, [true steps or 1, width], and all outputs and final states."""
    batch, steps = case["batch"], case["steps"]
    inputs = values.get("inputs")
    if case["tokens"]:
        table = values["embedding.weight"] if case["input"] == "embedding" else numpy.eye(case["vocabulary"])
        inputs = table[numpy.reshape(case["tokens"], (batch, steps))]
    states: Values = {}
    for name, value in values.items():
        if name.startswith("initial_state"):
            parts = numpy.split(value, 2 if case["cell"] == "lstm" else 1)
            label = name.removeprefix("initial_state_")
            states |= {f"{part}_{label}": numpy.tile(own, (batch, 1)) for part, own in zip(("hidden", "cell"), parts)}
    results = stacks.run(case, {**values, **states, "inputs": inputs}, case["lengths"])
    last = len(case["hidden"]) - 1
    ends = numpy.concatenate(
        [results[f"finalHidden_l{last}{direction}"] for direction in stacks.directions(case)], axis=1)
    lengths = case["lengths"] or [steps] * batch
    logits = []
    for index in range(batch):
        rows = ends[index : index + 1] if case["readout"] == "last" else results["outputs"][index, : lengths[index]]
        logits.append(rows @ values["head.weight"].T + values["head.bias"])
    return logits, results


def loss_of(case: Task, values: Values, logits: list[numpy.ndarray]) -> float:
    """The mean over the targets that count."""
    steps = 1 if case["readout"] == "last" else case["steps"]
    numbers = 1 if case["output"] == "classes" else case["width"]
    targets = values["targets"] if case["output"] == "values" else numpy.array(case["integerTargets"])
    targets = targets.reshape(case["batch"], steps, numbers)
    missing = numpy.zeros(targets.size, dtype=bool)
    missing[case["missing"]] = True
    missing = missing.reshape(targets.shape)
    terms: list[float] = []
    for index, rows in enumerate(logits):
        for step, row in enumerate(rows):
            wanted = targets[index, step]
            if case["loss"] == "crossEntropy":
                found = numpy.array([numpy.log(numpy.exp(row).sum()) - row[wanted[0]]])
            elif case["loss"] == "sigmoidCrossEntropy":
                found = numpy.log(1 + numpy.exp(row)) - wanted * row
            else:
                error, delta = numpy.abs(row - wanted), case["huberDelta"]
                found = {
                    "squared": error**2, "absolute": error,
                    "huber": numpy.where(error <= delta, error**2 / 2, delta * (error - delta / 2)),
                }[case["loss"]]
            terms += found[~missing[index, step]].tolist()
    return sum(terms) / len(terms)


def check_gradients(case: Task, values: Values) -> float:
    """The worst relative error at the first, the largest and the last element of every gradient."""
    worst, distance = 0.0, 1e-4
    for name, stored in case["expected"]["gradients"].items():
        gradient = numpy.array(stored)
        largest = numpy.abs(gradient).max()
        for element in {0, int(numpy.abs(gradient).argmax()), gradient.size - 1}:
            original, sides = values[name].flat[element], []
            for shift in (distance, -distance):
                values[name].flat[element] = original + shift
                sides.append(loss_of(case, values, logits_and_states(case, values)[0]))
            values[name].flat[element] = original
            worst = max(worst, abs((sides[0] - sides[1]) / (2 * distance) - gradient[element]) / largest)
    return worst


def errors(case: Task, values: Values) -> float:
    """How far loss, logits and final states are from those stored."""
    logits, results = logits_and_states(case, values)
    expected = case["expected"]
    found = {**results, "logits": numpy.concatenate(logits), "loss": numpy.array([loss_of(case, values, logits)])}
    pairs = [(found[name].reshape(-1), numpy.array(stored)) for name, stored in expected.items() if name != "gradients"]
    return max(
        stacks.relative(one, other) if one.shape == other.shape else numpy.inf for one, other in pairs)


def exchanged_readout(case: Task, values: Values) -> None:
    """The output at the last step that is stored instead of that at the last true one: of length 0 nothing is."""
    case["lengths"] = None


def without_state(case: Task, values: Values) -> None:
    for name in values:
        if name.startswith(("hidden", "cell", "initial_state")):
            values[name] = numpy.zeros_like(values[name])


def shifted_tokens(case: Task, values: Values) -> None:
    case["tokens"] = [(token + 1) % case["vocabulary"] for token in case["tokens"]]


def shifted_targets(case: Task, values: Values) -> None:
    if case["output"] == "values":
        values["targets"] = numpy.roll(values["targets"], 1)
    else:
        case["integerTargets"] = case["integerTargets"][1:] + case["integerTargets"][:1]


def directions_exchanged(case: Task, values: Values) -> None:
    half = values["head.weight"].shape[1] // 2
    values["head.weight"] = numpy.roll(values["head.weight"], half, axis=1)


def other_loss(case: Task, values: Values) -> None:
    case["loss"] = {"squared": "absolute", "absolute": "huber", "huber": "squared"}[case["loss"]]


DAMAGES: list[tuple[str, Callable[[Task], bool], Callable[[Task, Values], None]]] = [
    ("lengths ignored", lambda case: case["lengths"] is not None, exchanged_readout),
    ("state ignored", lambda case: case["state"] != "zero", without_state),
    ("tokens shifted", lambda case: case["tokens"] is not None, shifted_tokens),
    ("targets shifted", lambda case: True, shifted_targets),
    ("missing targets counted", lambda case: case["missing"] != [], lambda case, values: case.update(missing=[])),
    ("directions exchanged in the head", lambda case: case["bidirectional"], directions_exchanged),
    ("another loss", lambda case: case["output"] == "values", other_loss),
]


def check(folder: Path) -> bool:
    """Prints what was found; whether all is well."""
    content = json.loads((folder / "sequence_tasks.json").read_text(encoding="utf-8"))
    shared = {name: content[name] for name in ("batch", "steps", "hidden", "vocabulary", "huberDelta")}
    cases = [{**shared, **case} for case in content["cases"]]
    forward = gradient = 0.0
    smallest: dict[str, float] = {}
    for case in cases:
        forward = max(forward, errors(case, load(case)))
        gradient = max(gradient, check_gradients(case, load(case)))
        for name, applies, damage in DAMAGES:
            if applies(case):
                damaged, values = dict(case), load(case)
                damage(damaged, values)
                smallest[name] = min(smallest.get(name, numpy.inf), errors(damaged, values))
    print(f"sequence_tasks.json: {len(cases)} cases, forward within {forward:.1e}, gradients within {gradient:.1e}")
    for name, effect in smallest.items():
        print(f"  {name}: shows as at least {effect:.1e}")
    return forward < 1e-6 and gradient < 2e-6 and min(smallest.values()) > 1e-4  # ten times the tests' tolerance
