"""Ten training steps of the notebook's network from stored weights on stored batches: training_steps.json.

Three LSTM layers of 20 over 28 steps of 28 values, a head for 10 classes, mean softmax cross-entropy, Adam.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

import closed_form
import fixture_file
from cells import TensorRule

INPUT, STEPS, HIDDEN, LAYERS, CLASSES, BATCH, UPDATES = 28, 28, 20, 3, 10, 12, 10

# Adam divides a gradient by its own size, so that a weight whose gradients nearly vanish magnifies their rounding.
# These scales were chosen, out of eight tried, because no such weight decides: moving every starting value and input
# by one unit in the last place, up or down at random, moved no final weight by more than about 1e-6 of its tensor's
# largest in six trials. (With weights of 0.25 it was up to 1e-4 in Double, 2e-4 in Float, and PyTorch's own float32 run
# ended 3e-5 away: a tolerance of 1e-5 would have tested luck.)
WEIGHT, BIAS, HEAD_WEIGHT, HEAD_BIAS = 0.5, 0.1, 0.5, 0.1

ADAM = {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def parameter_rules() -> list[TensorRule]:
    """The 10,690 parameters, tensors 0 to 10."""
    rules = []
    for layer in range(LAYERS):
        rules += [
            TensorRule(f"weight_ih_l{layer}", [4 * HIDDEN, INPUT if layer == 0 else HIDDEN], WEIGHT),
            TensorRule(f"weight_hh_l{layer}", [4 * HIDDEN, HIDDEN], WEIGHT),
            TensorRule(f"bias_ih_l{layer}", [4 * HIDDEN], BIAS),
        ]
    return [
        *rules,
        TensorRule("head.weight", [CLASSES, HIDDEN], HEAD_WEIGHT),
        TensorRule("head.bias", [CLASSES], HEAD_BIAS),
    ]


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(INPUT, HIDDEN, num_layers=LAYERS, batch_first=True)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.recurrent(images)
        return self.head(outputs[:, -1])


def batch(step: int, first_number: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The images of a step are tensor `first_number + step`, in 0 ... 1; its labels are (7 i + 3 step) mod 10."""
    images = closed_form.chirp(first_number + step, [BATCH, STEPS, INPUT], 0.5, offset=0.5)
    labels = [(7 * index + 3 * step) % CLASSES for index in range(BATCH)]
    return torch.from_numpy(images), torch.tensor(labels)


def run(precision: torch.dtype) -> tuple[list[float], dict[str, torch.Tensor]]:
    """The loss of each batch before its update, and all parameters after the last update."""
    rules = parameter_rules()
    network = Network().to(precision)
    trained: dict[str, nn.Parameter] = {}
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.zero_()
            parameter.requires_grad_("bias_hh" not in name)  # the project's LSTM has a single bias
        for number, rule in enumerate(rules):
            name = rule.name if rule.name.startswith("head") else f"recurrent.{rule.name}"
            trained[rule.name] = network.get_parameter(name)
            trained[rule.name].copy_(torch.from_numpy(closed_form.chirp(number, rule.shape, rule.scale)))
    optimizer = torch.optim.Adam(
        trained.values(), lr=ADAM["learningRate"], betas=(ADAM["beta1"], ADAM["beta2"]), eps=ADAM["epsilon"])

    losses = []
    for step in range(UPDATES):
        images, labels = batch(step, len(rules))
        loss = nn.functional.cross_entropy(network(images.to(precision)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {name: parameter.detach() for name, parameter in trained.items()}


def write(folder: Path) -> None:
    rules = parameter_rules()
    losses, parameters = run(torch.float64)
    single_losses, single_parameters = run(torch.float32)
    loss_deviation = max(abs(a - b) / b for a, b in zip(single_losses, losses))
    deviations = {
        name: fixture_file.deviation(single_parameters[name], exact) for name, exact in parameters.items()
    }
    fixture_file.write(folder, "training_steps.json", {
        "rule": closed_form.CHIRP_RULE,
        "inputRule": "0.5 + 0.5 * sin(0.7 * i + 0.0137 * i * i + 1.3 * (firstInputNumber + step) + 0.4)",
        "labelRule": "(7 * sample + 3 * step) % classes",
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "cell": "lstm",
        "batch": BATCH,
        "steps": STEPS,
        "input": INPUT,
        "hidden": [HIDDEN] * LAYERS,
        "classes": CLASSES,
        "updates": UPDATES,
        "optimizer": {"name": "adam", **ADAM},
        "firstInputNumber": len(rules),
        "tensors": [rule.described() for rule in rules],
        "float32Deviation": {
            "losses": float(f"{loss_deviation:.2g}"),
            "parameters": {name: float(f"{value:.2g}") for name, value in deviations.items()},
        },
        "expected": {
            "losses": fixture_file.digits(torch.tensor(losses, dtype=torch.float64)),
            "parameters": {name: fixture_file.digits(tensor) for name, tensor in parameters.items()},
        },
    })
    print(f"  losses {losses[0]:.6f} … {losses[-1]:.6f}; PyTorch in float32 differs by at most {loss_deviation:.1e} "
          f"in a loss and {max(deviations.values()):.1e} of a tensor's largest weight")
