"""The cells of which reference values exist.

A cell of the fixtures is described by four things: its name, its parameters, its state, and a PyTorch module that
computes one layer of it. To add one (peepholes, projection ...) write a subclass and add it to `CELLS`; where PyTorch
has no such layer, `layer` returns a module of your own with the calling convention of `nn.GRU(batch_first=True)` or
`nn.LSTM(batch_first=True)` and autograd does the rest. `onnx_layers.py` says how ONNX computes the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

import closed_form

# [layer][direction]: a layer runs over a batch without padding.
Layers = list[list[Callable[..., Any]]]
# [layer][direction][part], each [B, H].
States = list[list[list[torch.Tensor]]]


@dataclass(frozen=True)
class TensorRule:
    """A tensor of a case: what the fixture lists, and all that is needed to compute its values."""

    name: str
    shape: list[int]
    scale: float

    def described(self) -> dict[str, object]:
        return {"name": self.name, "shape": self.shape, "scale": self.scale}


class Cell:
    """What all cells share; a subclass states its gates, its state and its layer."""

    name: str  # as the tests call it
    module: type[nn.Module] | None = None  # PyTorch's own
    options: dict[str, object] = {}
    gates: int  # blocks of H rows in both weight matrices
    biases: int  # blocks of H biases: one per pre-activation
    states: tuple[str, ...]  # the parts of the state, in the order in which the module takes them

    @property
    def file(self) -> str:
        return self.name.replace(",", "").replace(" ", "_") + ".json"

    def parameters(self, label: str, input_size: int, hidden: int) -> list[TensorRule]:
        """Names and shapes as PyTorch has them, but with one bias; `label` is `0` or, backwards, `0_reverse`."""
        rows = self.gates * hidden
        return [
            TensorRule(f"weight_ih_l{label}", [rows, input_size], closed_form.WEIGHT),
            TensorRule(f"weight_hh_l{label}", [rows, hidden], closed_form.WEIGHT),
            TensorRule(f"bias_ih_l{label}", [self.biases * hidden], closed_form.BIAS),
        ]

    def layer(self, input_size: int, hidden: int) -> nn.Module:
        """One layer with PyTorch's four parameters `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`."""
        return self.module(input_size, hidden, batch_first=True, **self.options)

    def two_biases(self, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """PyTorch's two biases, of which most sums need but one: the second is held at zero."""
        return bias, torch.zeros_like(bias)

    def one_bias(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """The gradient of our bias from those of PyTorch's two."""
        return first

    def packed(self, state: list[torch.Tensor]) -> object:
        """The parts of the state, each [1, B, H], as the module takes them."""
        return state[0] if len(state) == 1 else tuple(state)

    def unpacked(self, state: object) -> list[torch.Tensor]:
        return list(state) if isinstance(state, tuple) else [state]


class LongShortTermMemory(Cell):
    """Gates i f g o; c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g), h' = σ(o) ⊙ tanh(c')."""

    name = "lstm"
    gates = biases = 4
    states = ("hidden", "cell")
    module = nn.LSTM


class Elman(Cell):
    """h' = tanh(W x + U h + b)."""

    name = "elman"
    gates = biases = 1
    states = ("hidden",)
    module = nn.RNN
    options = {"nonlinearity": "tanh"}


class ElmanReLU(Elman):
    """h' = max(0, W x + U h + b)."""

    name = "elman, relu"
    options = {"nonlinearity": "relu"}


class GatedRecurrentUnit(Cell):
    """Gates r z n; n = tanh(W x + b + r ⊙ (U h + b')), h' = (1 - z) ⊙ n + z ⊙ h; biases r, z, b, b'."""

    name = "gru"
    gates = 3
    biases = 4
    states = ("hidden",)
    module = nn.GRU

    def two_biases(self, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = len(bias) // 4
        return bias[: 3 * hidden], torch.cat([bias.new_zeros(2 * hidden), bias[3 * hidden :]])

    def one_bias(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return torch.cat([first, second[len(second) // 3 * 2 :]])


class GatedRecurrentUnitResetBefore(Cell):
    """Gates r z n; n = tanh(W x + U (r ⊙ h) + b), h' = (1 - z) ⊙ n + z ⊙ h. PyTorch has no such layer."""

    name = "gru, reset before"
    gates = biases = 3
    states = ("hidden",)

    class Layer(nn.Module):
        def __init__(self, input_size: int, hidden: int) -> None:
            super().__init__()
            self.weight_ih_l0 = nn.Parameter(torch.empty(3 * hidden, input_size))
            self.weight_hh_l0 = nn.Parameter(torch.empty(3 * hidden, hidden))
            self.bias_ih_l0 = nn.Parameter(torch.empty(3 * hidden))
            self.bias_hh_l0 = nn.Parameter(torch.empty(3 * hidden))

        def forward(self, inputs: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            hidden = state[0]
            from_reset, from_update, from_candidate = self.weight_hh_l0.chunk(3)
            outputs = []
            for x in inputs.unbind(1):
                sums = x @ self.weight_ih_l0.T + self.bias_ih_l0 + self.bias_hh_l0
                reset, update, candidate = sums.chunk(3, dim=1)
                reset = torch.sigmoid(reset + hidden @ from_reset.T)
                update = torch.sigmoid(update + hidden @ from_update.T)
                candidate = torch.tanh(candidate + (reset * hidden) @ from_candidate.T)
                hidden = (1 - update) * candidate + update * hidden
                outputs.append(hidden)
            return torch.stack(outputs, dim=1), hidden.unsqueeze(0)

    def layer(self, input_size: int, hidden: int) -> nn.Module:
        return self.Layer(input_size, hidden)


CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        LongShortTermMemory(), Elman(), ElmanReLU(), GatedRecurrentUnit(), GatedRecurrentUnitResetBefore())
}
