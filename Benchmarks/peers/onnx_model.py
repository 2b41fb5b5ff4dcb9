"""The network as an ONNX model with its LSTM or RNN operators: the same bytes for all contestants that read ONNX."""

from __future__ import annotations

from typing import Any

import common
import numpy
from common import Problem
from onnx import TensorProto, helper, numpy_helper


def model(problem: Problem) -> bytes:
    """Inputs [T, B, I] (and states [1, B, H] when streaming) to logits [B, classes] (and states)."""
    generator, bound = numpy.random.default_rng(1), problem.hidden**-0.5
    operator, gates, parts = {"lstm": ("LSTM", 4, ["h", "c"]), "elman": ("RNN", 1, ["h"])}[problem.kind]
    streaming = problem.mode == "stream"
    batch, steps = (1, 1) if streaming else (problem.batch, problem.steps)
    constants, nodes = [], []

    def constant(name: str, value: numpy.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def uniform(name: str, *shape: int) -> str:
        return constant(name, generator.uniform(-bound, bound, shape).astype(numpy.float32))

    lengths = problem.length_list()
    length_name = "" if lengths is None or streaming else constant("lengths", numpy.array(lengths, numpy.int32))
    directions = constant("directions", numpy.array([1]))  # the axis of ONNX's directions, of which there is one
    direction = constant("direction", numpy.array([0]))
    value, states_in, states_out = "inputs", [], []
    for layer in range(problem.layers):
        rows = gates * problem.hidden
        inputs = [
            value, uniform(f"W{layer}", 1, rows, problem.input_of(layer)),
            uniform(f"R{layer}", 1, rows, problem.hidden), uniform(f"B{layer}", 1, 2 * rows), length_name,
        ]
        before = [f"{part}{layer}" for part in parts] if streaming else []
        after = [f"{part}{layer}_after" for part in parts]
        states_in += before
        states_out += after
        nodes.append(helper.make_node(
            operator, [*inputs, *before], [f"Y{layer}", *after], hidden_size=problem.hidden))
        if layer < problem.layers - 1:
            nodes.append(helper.make_node("Squeeze", [f"Y{layer}", directions], [f"X{layer}"]))
            value = f"X{layer}"
    nodes += [
        helper.make_node("Squeeze", [states_out[-len(parts)], direction], ["last"]),
        helper.make_node(
            "Gemm", ["last", uniform("V", problem.hidden, common.CLASSES), uniform("d", common.CLASSES)],
            ["logits"]),
    ]

    def info(name: str, *shape: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    state_shape = (1, batch, problem.hidden)
    graph = helper.make_graph(
        nodes, "network",
        [info("inputs", steps, batch, problem.input), *(info(name, *state_shape) for name in states_in)],
        [info("logits", batch, common.CLASSES),
         *(info(name, *state_shape) for name in (states_out if streaming else []))],
        constants)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()
