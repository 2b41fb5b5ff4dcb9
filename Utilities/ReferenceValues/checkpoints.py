"""Files as PyTorch writes them, and what its modules say then: pytorch_{cell}.safetensors, pytorch_checkpoints.json."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

import closed_form
import fixture_file

INPUT, HIDDEN, LAYERS, CLASSES, BATCH, STEPS = 3, 5, 2, 4, 6, 7
MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}


class Network(nn.Module):
    """As people write it: all steps through the layers, the last output through a linear one."""

    def __init__(self, cell: str) -> None:
        super().__init__()
        self.rnn = MODULES[cell](INPUT, HIDDEN, num_layers=LAYERS, batch_first=True)
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.rnn(inputs)
        return self.fc(outputs[:, -1])


def write(folder: Path) -> None:
    inputs = torch.from_numpy(closed_form.chirp(0, [BATCH, STEPS, INPUT], closed_form.INPUT))
    logits = {}
    for cell in MODULES:
        network = Network(cell)
        with torch.no_grad():
            # Both biases differ from zero and from each other.
            for number, parameter in enumerate(network.parameters(), start=1):
                parameter.copy_(torch.from_numpy(closed_form.chirp(number, list(parameter.shape), closed_form.WEIGHT)))
        file = f"pytorch_{cell}.safetensors"
        save_file(network.state_dict(), folder / file)
        print(f"{file}: {(folder / file).stat().st_size / 1000:.0f} kB")
        logits[cell] = fixture_file.digits(network.double()(inputs.double()))
    fixture_file.write(folder, "pytorch_checkpoints.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "inputs": {"number": 0, "shape": [BATCH, STEPS, INPUT], "scale": closed_form.INPUT},
        "logits": logits,
    })
