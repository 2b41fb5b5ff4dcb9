"""Optimizers over closed-form gradients, without a network: optimizers.json.

The weights are tensor 0, the gradient of step s (0, 1, 2 ...) is tensor s + 1 of the wave. Stored are the weights
after every step, so that a failing test shows in which step an optimizer goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
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


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of the paper, which PyTorch has not got, in NumPy."""

    def __init__(self, weights: list[torch.Tensor], options: dict[str, float]) -> None:
        super().__init__(weights, {})
        self.options = options
        self.mean = numpy.zeros(weights[0].shape, weights[0].detach().numpy().dtype)

    def step(self) -> None:
        beta1, beta2 = self.options["beta1"], self.options["beta2"]
        (weights,) = self.param_groups[0]["params"]
        w, g = weights.detach().numpy(), weights.grad.numpy()
        update = numpy.sign(beta1 * self.mean + (1 - beta1) * g)
        w -= self.options["learningRate"] * (update + self.options["weightDecay"] * w)
        self.mean = beta2 * self.mean + (1 - beta2) * g


def sgd(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        weights, lr=options["learningRate"], momentum=options.get("momentum", 0),
        nesterov=bool(options.get("isNesterov", 0)), weight_decay=options.get("weightDecay", 0))


def rmsprop(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(
        weights, lr=options["learningRate"], alpha=options["alpha"], eps=options["epsilon"],
        weight_decay=options["weightDecay"])


def adagrad(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.Adagrad(
        weights, lr=options["learningRate"], initial_accumulator_value=options["initialSum"], eps=options["epsilon"],
        weight_decay=options["weightDecay"])


def adam_settings(options: dict[str, float]) -> dict[str, object]:
    return {
        "lr": options["learningRate"], "betas": (options["beta1"], options["beta2"]), "eps": options["epsilon"],
        "weight_decay": options.get("weightDecay", 0),
    }


def adam(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.Adam(weights, **adam_settings(options))


def adamw(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(weights, **adam_settings(options))


def nadam(weights: list[torch.Tensor], options: dict[str, float]) -> torch.optim.Optimizer:
    return torch.optim.NAdam(weights, momentum_decay=options["momentumDecay"], **adam_settings(options))


# A further optimizer is a function as above and a case here; its options appear in the file as they are named here.
CASES = [
    Case("sgd", "the plain rule", "sgd", {"learningRate": 0.1}, 1.0, sgd),
    Case("sgd, momentum", "the rate scales what leaves the momentum, not what enters it", "sgd",
         {"learningRate": 0.05, "momentum": 0.9}, 1.0, sgd),
    Case("sgd, Nesterov", "the step looks ahead along the momentum", "sgd",
         {"learningRate": 0.05, "momentum": 0.8, "isNesterov": 1}, 1.0, sgd),
    Case("sgd, decay", "the decay is part of the gradient", "sgd", {"learningRate": 0.1, "weightDecay": 0.3}, 1.0, sgd),
    Case("sgd, all", "decay enters the momentum", "sgd",
         {"learningRate": 0.03, "momentum": 0.7, "isNesterov": 1, "weightDecay": 0.2}, 1.0, sgd),
    Case("rmsprop", "PyTorch's default constants", "rmsprop",
         {"learningRate": 0.01, "alpha": 0.99, "epsilon": 1e-8, "weightDecay": 0}, 1.0, rmsprop),
    Case("rmsprop, other constants", "every constant differs from its default; ε outside the root is large", "rmsprop",
         {"learningRate": 0.003, "alpha": 0.8, "epsilon": 1e-2, "weightDecay": 0.1}, 0.05, rmsprop),
    Case("adagrad", "PyTorch's default constants", "adagrad",
         {"learningRate": 0.01, "initialSum": 0, "epsilon": 1e-10, "weightDecay": 0}, 1.0, adagrad),
    Case("adagrad, other constants", "every constant differs from its default", "adagrad",
         {"learningRate": 0.1, "initialSum": 0.1, "epsilon": 1e-2, "weightDecay": 0.2}, 0.2, adagrad),
    Case("adam", "PyTorch's default constants, the notebook's learning rate", "adam",
         {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 1.0, adam),
    Case("adam, other constants", "every constant differs from its default", "adam",
         {"learningRate": 0.003, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4}, 0.5, adam),
    Case("adam, small gradients", "ε is as large as the gradients: it stands outside the root, after the correction",
         "adam", {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3}, 1e-3, adam),
    Case("adam, decay", "the decay is part of the gradient, and is scaled with it", "adam",
         {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.5}, 0.1, adam),
    Case("adamw", "PyTorch's default constants, a decay that shows", "adamw",
         {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.5}, 0.1, adamw),
    Case("adamw, other constants", "every constant differs from its default", "adamw",
         {"learningRate": 0.02, "beta1": 0.7, "beta2": 0.95, "epsilon": 1e-4, "weightDecay": 1.5}, 0.5, adamw),
    Case("nadam", "PyTorch's default constants", "nadam",
         {"learningRate": 0.002, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0,
          "momentumDecay": 0.004}, 1.0, nadam),
    Case("nadam, other constants", "every constant differs from its default", "nadam",
         {"learningRate": 0.01, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weightDecay": 0.3,
          "momentumDecay": 0.5}, 0.1, nadam),
    Case("lion", "the paper's constants, a rate that shows", "lion",
         {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "weightDecay": 0}, 1.0, Lion),
    Case("lion, other constants", "every constant differs from its default", "lion",
         {"learningRate": 0.003, "beta1": 0.6, "beta2": 0.8, "weightDecay": 2.0}, 0.3, Lion),
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
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64; Lion, which it has not got, NumPy",
        "count": COUNT,
        "steps": STEPS,
        "weightScale": closed_form.WEIGHT,
        "cases": stored,
    })
    print(f"  {len(CASES)} cases; PyTorch in float32 differs by at most {worst:.1e} of the largest weight")
