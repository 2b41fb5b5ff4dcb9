"""What stands around an optimizer: losses, clipping, averaged weights and learning rates: learning.json.

Logits are tensor 0 of the chirp, `[samples, classes]`; the label of sample j is (5 j + j // 3) mod classes.
A gradient to be clipped is tensors 0 and 1 of the wave, the weights that are averaged are its tensors 0, 1, 2 ...
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

import closed_form
import fixture_file

SAMPLES, CLASSES, LOGIT_SCALE = 7, 5, 3.0
CLASS_WEIGHTS = [0.5, 2.0, 0.25, 1.0, 3.0]
GRADIENT_SHAPES = [[4, 3], [5]]
AVERAGED, AVERAGE_COUNT = 6, 9


def losses() -> list[dict[str, Any]]:
    cases = []
    for smoothing, weights, reason in [
        (0.0, None, "the plain loss"),
        (0.1, None, "smoothed labels"),
        (0.0, CLASS_WEIGHTS, "weighted classes: the mean is divided by the weights of the labels"),
        (0.2, CLASS_WEIGHTS, "both: the smoothed part is weighted class by class"),
        (1.0, [1.0, 0.0, 2.0, 0.5, 1.5], "nothing but smoothing, and a class without weight"),
    ]:
        logits = torch.from_numpy(closed_form.chirp(0, [SAMPLES, CLASSES], LOGIT_SCALE)).double().requires_grad_()
        labels = torch.tensor([(5 * j + j // 3) % CLASSES for j in range(SAMPLES)])
        loss = torch.nn.functional.cross_entropy(
            logits, labels, label_smoothing=smoothing,
            weight=None if weights is None else torch.tensor(weights, dtype=torch.float64))
        loss.backward()
        cases.append({
            "reason": reason, "labelSmoothing": smoothing, "classWeights": weights,
            "loss": fixture_file.digits(loss)[0], "gradient": fixture_file.digits(logits.grad),
        })
    return cases


def clippings() -> list[dict[str, Any]]:
    cases = []
    for kind, limit, scale, reason in [
        ("norm", 1.0, 1.0, "a gradient longer than the limit keeps its direction"),
        ("norm", 100.0, 1.0, "a shorter one stays as it is"),
        ("norm", 1e-6, 1e-6, "10⁻⁶ is added to the norm"),
        ("value", 0.3, 1.0, "each element by itself"),
    ]:
        parts = []
        for number, shape in enumerate(GRADIENT_SHAPES):
            part = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
            part.grad = torch.from_numpy(closed_form.wave(number, shape, scale)).double()
            parts.append(part)
        norm = torch.nn.utils.get_total_norm([part.grad for part in parts])
        if kind == "norm":
            torch.nn.utils.clip_grad_norm_(parts, limit)
        else:
            torch.nn.utils.clip_grad_value_(parts, limit)
        cases.append({
            "reason": reason, "kind": kind, "limit": limit, "scale": scale, "norm": fixture_file.digits(norm)[0],
            "gradients": [fixture_file.digits(part.grad) for part in parts],
        })
    return cases


def averages() -> dict[str, Any]:
    decay = 0.8
    model = torch.nn.ParameterList([torch.zeros(AVERAGE_COUNT, dtype=torch.float64)])
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay))
    found = []
    for step in range(AVERAGED):
        model[0].data = torch.from_numpy(closed_form.wave(step, [AVERAGE_COUNT], closed_form.WEIGHT)).double()
        average.update_parameters(model)
        found.append(fixture_file.digits(average.module[0]))
    return {"decay": decay, "count": AVERAGE_COUNT, "averages": found}


def schedules() -> list[dict[str, Any]]:
    cases = []

    def add(name: str, reason: str, options: dict[str, float], count: int, make: Any) -> None:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.3)
        schedule = make(optimizer)
        rates = []
        for _ in range(count):
            rates.append(optimizer.param_groups[0]["lr"])
            schedule.step()
        cases.append({"name": name, "reason": reason, "options": options, "initial": 0.3, "rates": rounded(rates)})

    rates = torch.optim.lr_scheduler
    add("step", "falls every four places", {"every": 4, "factor": 0.5}, 13, lambda o: rates.StepLR(o, 4, 0.5))
    add("exponential", "falls at every place", {"factor": 0.9}, 9, lambda o: rates.ExponentialLR(o, 0.9))
    add("cosine", "half a cosine to a minimum", {"total": 11, "warmUp": 0, "minimum": 0.02}, 12,
        lambda o: rates.CosineAnnealingLR(o, 11, 0.02))
    add("cosine", "four places of warm-up, then half a cosine", {"total": 15, "warmUp": 4, "minimum": 0.01}, 16,
        lambda o: rates.SequentialLR(
            o, [rates.LinearLR(o, 1 / 5, 1, 4), rates.CosineAnnealingLR(o, 11, 0.01)], milestones=[4]))
    return cases


# Losses that fall, stay, rise, and fall by less than the threshold.
PLATEAU_LOSSES = [2.0, 1.5, 1.4999, 1.6, 1.55, 1.52, 1.2, 1.3, 1.25, 1.21, 1.3, 1.19, 1.19, 1.19, 1.19, 1.19, 1.19,
                  1.19, 1.19, 1.0, 1.1, 1.1, 1.1, 1.1]


def plateaus() -> list[dict[str, Any]]:
    cases = []
    for reason, factor, patience, threshold, cooldown, minimum in [
        ("PyTorch's threshold, little patience", 0.1, 2, 1e-4, 0, 0.0),
        ("a threshold that much fails to meet", 0.5, 1, 0.1, 0, 0.0),
        ("a cooldown after each fall", 0.5, 1, 1e-4, 2, 0.0),
        ("no patience and a minimum", 0.5, 0, 1e-4, 0, 0.02),
    ]:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.3)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=factor, patience=patience, threshold=threshold, cooldown=cooldown, min_lr=minimum, eps=0)
        rates = []
        for loss in PLATEAU_LOSSES:
            schedule.step(loss)
            rates.append(optimizer.param_groups[0]["lr"])
        cases.append({
            "reason": reason, "factor": factor, "patience": patience, "threshold": threshold, "cooldown": cooldown,
            "minimum": minimum, "initial": 0.3, "losses": PLATEAU_LOSSES, "rates": rounded(rates),
        })
    return cases


def rounded(values: list[float]) -> list[float]:
    return fixture_file.digits(torch.tensor(values, dtype=torch.float64))


def write(folder: Path) -> None:
    with warnings.catch_warnings():
        # Schedulers want to be told of optimizer steps, of which there are none here.
        warnings.simplefilter("ignore")
        fixture_file.write(folder, "learning.json", {
            "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
            "samples": SAMPLES,
            "classes": CLASSES,
            "logitScale": LOGIT_SCALE,
            "losses": losses(),
            "gradientShapes": GRADIENT_SHAPES,
            "clippings": clippings(),
            "average": averages(),
            "weightScale": closed_form.WEIGHT,
            "schedules": schedules(),
            "plateaus": plateaus(),
        })
