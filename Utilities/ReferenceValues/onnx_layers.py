"""The same layers as ONNX defines them: its operators RNN, LSTM and GRU, run by `onnx.reference`.

ONNX orders gates i o f c and z r h, keeps the biases of W and U one after the other, and batches [T, B, I].
"""

from __future__ import annotations

import numpy
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from cells import Cell

# Operator, its gates by their places among ours, its attributes. The reference implementation has no ReLU for RNN.
OPERATORS: dict[str, tuple[str, list[int], dict[str, int]]] = {
    "elman": ("RNN", [0], {}),
    "lstm": ("LSTM", [0, 3, 1, 2], {}),
    "gru": ("GRU", [1, 0, 2], {"linear_before_reset": 1}),
    "gru, reset before": ("GRU", [1, 0, 2], {"linear_before_reset": 0}),
}


class OnnxLayer:
    """A layer with the weights of a PyTorch module, and that module's calling convention; values only."""

    def __init__(self, cell: Cell, module: nn.Module) -> None:
        operator, order, attributes = OPERATORS[cell.name]

        def gates(name: str) -> numpy.ndarray:
            blocks = numpy.split(module.get_parameter(name).detach().double().numpy(), len(order))
            return numpy.concatenate([blocks[gate] for gate in order])

        self.weights = {
            "W": gates("weight_ih_l0")[None],
            "R": gates("weight_hh_l0")[None],
            "B": numpy.concatenate([gates("bias_ih_l0"), gates("bias_hh_l0")])[None],
        }
        hidden = module.get_parameter("weight_hh_l0").shape[1]
        self.states = [f"initial_{part[0]}" for part in cell.states]
        results = ["Y", *(f"Y_{part[0]}" for part in cell.states)]
        node = helper.make_node(
            operator, ["X", "W", "R", "B", "", *self.states], results, hidden_size=hidden, **attributes)
        graph = helper.make_graph(
            [node], "layer",
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in node.input if name],
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in results])
        self.evaluator = ReferenceEvaluator(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)]))

    def __call__(self, inputs: torch.Tensor, state: object) -> tuple[torch.Tensor, object]:
        parts = state if isinstance(state, tuple) else (state,)
        values = {"X": inputs.detach().double().transpose(0, 1).numpy(), **self.weights}
        values.update({name: part.detach().double().numpy() for name, part in zip(self.states, parts)})
        outputs, *finals = (torch.from_numpy(numpy.array(result)) for result in self.evaluator.run(None, values))
        # Y is [T, directions, B, H].
        return outputs[:, 0].transpose(0, 1), tuple(finals)
