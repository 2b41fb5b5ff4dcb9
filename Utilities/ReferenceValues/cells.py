"""The cells of which reference values exist.

A cell of the fixtures is described by four things: its name, its parameters, its state, and a PyTorch module that
computes one layer of it. To add one (GRU in both forms, peepholes, projection ...) write a subclass and add it to
`CELLS`; where PyTorch has no such layer, `layer` returns a module of your own with the calling convention of
`nn.LSTM(batch_first=True)` and autograd does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

import closed_form


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

    name: str
    gates: int
    states: tuple[str, ...]  # the parts of the state, in the order in which the module takes them

    def parameters(self, layer: int, input_size: int, hidden: int) -> list[TensorRule]:
        """Names and shapes as PyTorch has them, but with one bias: PyTorch's second one is held at zero."""
        rows = self.gates * hidden
        return [
            TensorRule(f"weight_ih_l{layer}", [rows, input_size], closed_form.WEIGHT),
            TensorRule(f"weight_hh_l{layer}", [rows, hidden], closed_form.WEIGHT),
            TensorRule(f"bias_ih_l{layer}", [rows], closed_form.BIAS),
        ]

    def layer(self, input_size: int, hidden: int) -> nn.Module:
        """One layer, whose parameters carry the names above with layer number 0."""
        raise NotImplementedError

    def packed(self, state: list[torch.Tensor]) -> object:
        """The parts of the state, each [1, B, H], as the module takes them."""
        return state[0] if len(state) == 1 else tuple(state)

    def unpacked(self, state: object) -> list[torch.Tensor]:
        return list(state) if isinstance(state, tuple) else [state]


class LongShortTermMemory(Cell):
    """Gates i f g o; c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g), h' = σ(o) ⊙ tanh(c')."""

    name = "lstm"
    gates = 4
    states = ("hidden", "cell")

    def layer(self, input_size: int, hidden: int) -> nn.Module:
        return nn.LSTM(input_size, hidden, batch_first=True)


class Elman(Cell):
    """h' = tanh(U x + W h + b)."""

    name = "elman"
    gates = 1
    states = ("hidden",)

    def layer(self, input_size: int, hidden: int) -> nn.Module:
        return nn.RNN(input_size, hidden, nonlinearity="tanh", batch_first=True)


CELLS: dict[str, Cell] = {cell.name: cell for cell in (LongShortTermMemory(), Elman())}
