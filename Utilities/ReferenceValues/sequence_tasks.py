"""Losses, logits, final states and all gradients of whole models on whole tasks: sequence_tasks.json.

A model is an input, two recurrent layers and a head; the loss is a mean over all targets that count.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

import closed_form
import fixture_file
import task_cases
from cells import CELLS, Cell, States, TensorRule
from packed_layers import run_packed
from recurrent_cases import DOUBLE_TOLERANCE, final_name, make_layer, parameter_gradients, run_ragged
from task_cases import BATCH, EMBEDDING, HIDDEN, HUBER_DELTA, STEPS, VOCABULARY, Task

# Larger than those of the stacks: every gradient of a mean over many numbers has to stand clear of a tolerance.
WEIGHT, HEAD_WEIGHT, TARGET = 0.9, 1.6, 1.5
DIGITS = 7  # rounding of 5e-7 of a number at most, a twentieth of the tests' tolerance: the file is large enough

Values = dict[str, torch.Tensor]


def labels(task: Task, layer: int) -> list[str]:
    return [f"{layer}{direction}" for direction in task.directions]


def tensor_rules(task: Task) -> list[TensorRule]:
    """The model's parameters in their order, then the data; their place numbers them."""
    cell = CELLS[task.cell]
    rules: list[TensorRule] = []
    if task.input == "embedding":
        rules.append(TensorRule("embedding.weight", [VOCABULARY, EMBEDDING], closed_form.INPUT))
    width = task.input_width
    for layer, hidden in enumerate(HIDDEN):
        for label in labels(task, layer):
            rules += [
                replace(rule, scale=WEIGHT) if rule.name.startswith("weight") else rule
                for rule in cell.parameters(label, width, hidden)
            ]
            if task.state == "learned":
                shape = [len(cell.states) * hidden]
                rules.append(TensorRule(f"initial_state_l{label}", shape, closed_form.STATE))
        width = len(task.directions) * hidden
    rules.append(TensorRule("head.weight", [task.width, width], HEAD_WEIGHT))
    rules.append(TensorRule("head.bias", [task.width], closed_form.BIAS))
    if task.input == "features":
        rules.append(TensorRule("inputs", [BATCH, STEPS, task.input_width], closed_form.INPUT))
    if task.state == "given":
        rules += [
            TensorRule(f"{part}_l{label}", [BATCH, hidden], closed_form.STATE)
            for layer, hidden in enumerate(HIDDEN) for label in labels(task, layer) for part in cell.states
        ]
    if task.output == "values":
        rules.append(TensorRule("targets", task.target_shape, TARGET))
    return rules


def tokens(task: Task) -> list[int] | None:
    """Tokens [B, T] in row-major order, in the padding too; repeated ones, whose gradients add up, among them."""
    if task.input == "features":
        return None
    return [
        (7 * sample + 4 * step + sample * step + 1) % VOCABULARY for sample in range(BATCH) for step in range(STEPS)
    ]


def integer_targets(task: Task) -> list[int] | None:
    """Classes [B] or [B, T], or independent labels 0 and 1 in the shape of the logits."""
    steps = range(STEPS if task.readout == "everyStep" else 1)
    if task.output == "classes":
        return [(5 * sample + 2 * step + 3) % task.width for sample in range(BATCH) for step in steps]
    if task.output == "labels":
        return [
            int((2 * sample + step + number * number + sample * number) % 3 == 0)
            for sample in range(BATCH) for step in steps for number in range(task.width)
        ]
    return None


def missing(task: Task) -> list[int]:
    """Indices of the targets that are missing: of classes single steps; of numbers a whole step and single numbers."""
    if not task.has_missing_targets:
        return []
    if task.output == "classes":
        return [1, 2 * STEPS, 2 * STEPS + 5, 4 * STEPS + 3]
    whole = 2 * STEPS + 1
    return [3, task.width + 1, *range(whole * task.width, (whole + 1) * task.width), 4 * STEPS * task.width + 7]


def counted(task: Task) -> torch.Tensor:
    """Which targets count, in their shape: those of true steps that are not missing."""
    counts = torch.ones(task.target_shape, dtype=torch.bool)
    if task.readout == "everyStep":
        for sample, length in enumerate(task.true_lengths):
            counts[sample, length:] = False
    counts.view(-1)[missing(task)] = False
    return counts


def loss_of(task: Task, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean over the targets that count, of PyTorch's own losses."""
    counts = counted(task)
    chosen, wanted = logits[counts], targets[counts]
    functions = {
        "crossEntropy": nn.functional.cross_entropy,
        "sigmoidCrossEntropy": nn.functional.binary_cross_entropy_with_logits,
        "squared": nn.functional.mse_loss, "absolute": nn.functional.l1_loss,
        "huber": lambda found, expected: nn.functional.huber_loss(found, expected, delta=HUBER_DELTA),
    }
    return functions[task.loss](chosen, wanted)


def states_of(task: Task, cell: Cell, values: Values, precision: torch.dtype) -> States:
    """[layer][direction][part], each [B, H]; a learned state is that of every sequence."""

    def parts(label: str, hidden: int) -> list[torch.Tensor]:
        if task.state == "zero":
            return [torch.zeros(BATCH, hidden, dtype=precision) for _ in cell.states]
        if task.state == "given":
            return [values[f"{part}_l{label}"] for part in cell.states]
        return [part.expand(BATCH, hidden) for part in values[f"initial_state_l{label}"].split(hidden)]

    return [[parts(label, hidden) for label in labels(task, layer)] for layer, hidden in enumerate(HIDDEN)]


def evaluate(task: Task, precision: torch.dtype = torch.float64, is_packed: bool = False) -> dict[str, Any]:
    """What is expected of a task, as tensors of `precision`."""
    cell, rules = CELLS[task.cell], tensor_rules(task)
    values: Values = {
        rule.name: torch.from_numpy(closed_form.chirp(number, rule.shape, rule.scale)).to(precision)
        for number, rule in enumerate(rules)
    }
    trained = {
        name: values[name].requires_grad_() for name in values
        if name.startswith(("embedding", "head", "initial_state"))
    }
    if task.input != "features":
        picked = torch.tensor(tokens(task)).view(BATCH, STEPS)
        if task.input == "embedding":
            values["inputs"] = nn.functional.embedding(picked, values["embedding.weight"])
        else:
            values["inputs"] = nn.functional.one_hot(picked, VOCABULARY).to(precision)

    modules, layers, width = {}, [], task.input_width
    for layer, hidden in enumerate(HIDDEN):
        own = labels(task, layer)
        modules.update({label: make_layer(cell, label, width, hidden, values) for label in own})
        layers.append([modules[label] for label in own])
        width = len(own) * hidden

    run = run_packed if is_packed else run_ragged
    states = states_of(task, cell, values, precision)
    outputs, finals = run(cell, layers, values["inputs"], states, task.true_lengths)
    if task.readout == "last":  # the output of each direction after it has read the whole sequence
        outputs = torch.cat([direction[0] for direction in finals[-1]], dim=1)
    logits = nn.functional.linear(outputs, values["head.weight"], values["head.bias"])
    targets = values["targets"] if task.output == "values" else torch.tensor(integer_targets(task)).view(
        task.target_shape)
    loss = loss_of(task, logits, targets.to(precision) if task.output == "labels" else targets)
    loss.backward()

    gradients = {name: tensor.grad for name, tensor in trained.items()}
    for label, module in modules.items():
        gradients.update(parameter_gradients(cell, label, module))
    expected: dict[str, Any] = {"loss": loss.reshape(1), "logits": true_steps(task, logits)}
    if task.state == "given":
        for layer, directions in enumerate(finals):
            for label, parts in zip(labels(task, layer), directions):
                expected |= {final_name(f"{part}_l{label}"): tensor for part, tensor in zip(cell.states, parts)}
    expected["gradients"] = {rule.name: gradients[rule.name] for rule in rules if rule.name in gradients}
    return expected


def flat(expected: dict[str, Any]) -> Values:
    return {**{name: entry for name, entry in expected.items() if name != "gradients"}, **{
        f"gradient of {name}": entry for name, entry in expected["gradients"].items()}}


def counted_targets(task: Task) -> torch.Tensor:
    """The targets of values, in the order of the stored logits."""
    rules = tensor_rules(task)
    targets = torch.from_numpy(closed_form.chirp(len(rules) - 1, rules[-1].shape, rules[-1].scale)).double()
    return true_steps(task, targets)


def true_steps(task: Task, tensor: torch.Tensor) -> torch.Tensor:
    """[batch, steps, …] without the padding, one sequence after the other; a tensor of last steps as it is."""
    if task.readout == "last":
        return tensor
    return torch.cat([tensor[sample, :length] for sample, length in enumerate(task.true_lengths)])


def compare(task: Task, expected: dict[str, Any]) -> float:
    """Refuses what differs from packed sequences; returns how far PyTorch in float32 is from these values."""
    single = flat(evaluate(task, torch.float32))
    packed = flat(evaluate(task, is_packed=True))
    for name, exact in flat(expected).items():
        difference = fixture_file.deviation(packed[name], exact)
        assert difference < DOUBLE_TOLERANCE, f"{task.name}: {name} differs from packed sequences by {difference:.1e}"
        assert exact.abs().max() > 5e-5, f"{task.name}: {name} is too small to show an error: {exact.abs().max():.1e}"
    if task.loss in ("absolute", "huber"):
        errors = (expected["logits"] - counted_targets(task)).abs()
        # The gradient of |e| jumps at 0: rounding must not decide it.
        assert task.loss != "absolute" or errors.min() > 2e-4, f"{task.name}: a number lies at its target"
        assert task.loss != "huber" or (errors.min() < HUBER_DELTA < errors.max()), f"{task.name}: one branch alone"
    return max(fixture_file.deviation(single[name], exact) for name, exact in flat(expected).items())


def described(task: Task, expected: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": task.name,
        "reason": task.reason,
        "cell": task.cell,
        "input": task.input,
        "bidirectional": task.bidirectional,
        "readout": task.readout,
        "output": task.output,
        "width": task.width,
        "loss": task.loss,
        "state": task.state,
        "lengths": None if task.lengths is None else list(task.lengths),
        "tokens": tokens(task),
        "integerTargets": integer_targets(task),
        "missing": missing(task),
        "tensors": [rule.described() for rule in tensor_rules(task)],
        "expected": {
            name: {key: fixture_file.digits(tensor, DIGITS) for key, tensor in entry.items()} if name == "gradients"
            else fixture_file.digits(entry, DIGITS)
            for name, entry in expected.items()
        },
    }


def write(folder: Path) -> None:
    tasks = task_cases.all_tasks()
    task_cases.check(tasks)
    cases, worst = [], 0.0
    for task in tasks:
        expected = evaluate(task)
        worst = max(worst, compare(task, expected))
        cases.append(described(task, expected))
    fixture_file.write(folder, "sequence_tasks.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "batch": BATCH,
        "steps": STEPS,
        "hidden": list(HIDDEN),
        "features": task_cases.FEATURES,
        "vocabulary": VOCABULARY,
        "embedding": EMBEDDING,
        "huberDelta": HUBER_DELTA,
        "float32Deviation": float(f"{worst:.2g}"),
        "cases": cases,
    })
    print(f"  {len(tasks)} tasks; PyTorch in float32 differs by at most {worst:.1e} of a tensor's largest magnitude")
