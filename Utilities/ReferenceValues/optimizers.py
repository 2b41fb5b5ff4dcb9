"""Optimizers over closed-form gradients, without a network: optimizers.json.

The weights are tensor 0, the gradient of step s (0, 1, 2 ...) is tensor s + 1 of the wave. Stored are the weights
after every step, so that a failing test shows in which step an optimizer goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

import closed_form
import fixture_file

COUNT, STEPS = 13, 20


@dataclass(frozen=True)
class Case:
    name: str
    reason: str
    optimizer: str
    options: dict[str, float]
    gradient_scale: float
    make: Callable[[list[torch.Tensor], dict[str, float]], torch.optim.Optimizer]


def sgd(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.SGD(weights, lr=options["learningRate"])


def adam(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.Adam(
        weights, lr=options["learningRate"], betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])


# A further optimizer is a function as above and a case here; its options appear in the file as they are named here.
CASES = [
    Case("sgd", "the plain rule", "sgd", {"learningRate": 0.1}, 1.0, sgd),
    Case("adam", "PyTorch's default constants, the notebook's learning rate", "adam",
         {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 1.0, adam),
    Case("adam, other constants", "every constant differs from its default", "adam",
         {"learningRate": 0.003, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4}, 0.5, adam),
    Case("adam, small gradients", "ε is as large as the gradients: it stands outside the root, after the correction",
         "adam", {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3}, 1e-3, adam),
]


def run(case: Case, precision: torch.dtype) -> list[torch.Tensor]:
    weights = torch.from_numpy(closed_form.wave(0, [COUNT], closed_form.WEIGHT)).to(precision).requires_grad_()
    optimizer = case.make([weights], case.options)
    trajectory = []
    for step in range(STEPS):
        gradient = closed_form.wave(step + 1, [COUNT], case.gradient_scale)
        weights.grad = torch.from_numpy(gradient).to(precision)
        optimizer.step()
        trajectory.append(weights.detach().clone())
    return trajectory


def write(folder: Path) -> None:
    stored, worst = [], 0.0
    for case in CASES:
        exact = run(case, torch.float64)
        worst = max(worst, *map(fixture_file.deviation, run(case, torch.float32), exact))
        stored.append({
            "name": case.name,
            "reason": case.reason,
            "optimizer": case.optimizer,
            "options": case.options,
            "gradientScale": case.gradient_scale,
            "expected": {"weights": [fixture_file.digits(weights) for weights in exact]},
        })
    fixture_file.write(folder, "optimizers.json", {
        "rule": closed_form.WAVE_RULE,
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "count": COUNT,
        "steps": STEPS,
        "weightScale": closed_form.WEIGHT,
        "cases": stored,
    })
    print(f"  {len(CASES)} cases; PyTorch in float32 differs by at most {worst:.1e} of the largest weight")
