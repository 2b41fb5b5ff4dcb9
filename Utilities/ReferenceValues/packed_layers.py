"""The same stacks as people run them in PyTorch: `bidirectional=True` over packed sequences."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from cells import Cell, Layers, States


def joined(cell: Cell, modules: list[nn.Module]) -> nn.Module:
    """One module of one or two directions that shares the parameters of modules of one."""
    hidden, width = modules[0].weight_hh_l0.shape[1], modules[0].weight_ih_l0.shape[1]
    layer = cell.module(width, hidden, batch_first=True, bidirectional=len(modules) == 2, **cell.options)
    for module, direction in zip(modules, ("", "_reverse")):
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
            setattr(layer, name + direction, getattr(module, name))
    return layer


def run_packed(
    cell: Cell, layers: Layers, inputs: torch.Tensor, states: States, lengths: list[int]
) -> tuple[torch.Tensor, States]:
    """All sequences of a batch at once; PyTorch refuses those of length 0, which keep their state."""
    rows = torch.tensor([row for row, length in enumerate(lengths) if length > 0], dtype=torch.int64)
    finals = []
    for modules, state in zip(layers, states):
        # [part][direction], each [B, H].
        before = [torch.stack(parts) for parts in zip(*state)]
        width = len(modules) * before[0].shape[2]
        outputs, after = inputs.new_zeros(*inputs.shape[:2], width), before
        if len(rows) > 0:
            packed = pack_padded_sequence(
                inputs[rows], [length for length in lengths if length > 0], batch_first=True, enforce_sorted=False)
            results, final = joined(cell, modules)(packed, cell.packed([part[:, rows] for part in before]))
            results, _ = pad_packed_sequence(results, batch_first=True, total_length=inputs.shape[1])
            outputs = outputs.index_copy(0, rows, results)
            after = [part.index_copy(1, rows, own) for part, own in zip(before, cell.unpacked(final))]
        finals.append([[part[direction] for part in after] for direction in range(len(modules))])
        inputs = outputs
    return inputs, finals
