"""The GRU that resets before its product as Keras has it: `keras.layers.GRU(reset_after=False)`, with its gradients.

Keras orders the gates z r h, multiplies from the right, and has one bias of 3 H. Its PyTorch backend lets autograd run
through to the parameters of the module whose weights it takes.
"""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from keras.src.backend.common import dtypes
from torch import nn

from cells import Cell

# Keras computes every product in float32 unless TensorFlow runs it, whatever the type of the layer.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

ORDER = [1, 0, 2]  # its gates by their places among ours


def gates(tensor: torch.Tensor) -> torch.Tensor:
    blocks = tensor.chunk(len(ORDER))
    return torch.cat([blocks[gate] for gate in ORDER])


class KerasLayer:
    """A layer with the weights of a PyTorch module, and that module's calling convention."""

    def __init__(self, cell: Cell, module: nn.Module) -> None:
        assert cell.name == "gru, reset before"
        self.module = module
        rows, width = module.weight_ih_l0.shape
        self.layer = keras.layers.GRU(
            rows // 3, reset_after=False, return_sequences=True, return_state=True, dtype="float64")
        self.layer.build((None, None, width))

    def __call__(self, inputs: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        weights = [
            gates(self.module.weight_ih_l0).T, gates(self.module.weight_hh_l0).T,
            gates(self.module.bias_ih_l0 + self.module.bias_hh_l0),
        ]
        others = [variable.value for variable in self.layer.non_trainable_variables]  # the seed of a dropout of 0
        (outputs, final), _ = self.layer.stateless_call(weights, others, inputs, initial_state=state[0])
        return outputs, final.unsqueeze(0)
