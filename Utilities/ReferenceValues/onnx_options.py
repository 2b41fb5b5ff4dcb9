"""Cells with options, as ONNX Runtime computes them: onnx_options.json.

ONNX's operators have peepholes, a clip of the activations' arguments, coupled gates and eleven activation functions;
`onnx.reference` leaves most of these out, ONNX Runtime has them all, in float32.

What ONNX couples is f = 1 - i, where the project has i = 1 - f: since σ(-x) = 1 - σ(x), the weights of that one gate
change their signs on the way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import onnxruntime
import torch
from onnx import TensorProto, helper

import closed_form
import fixture_file

BATCH, STEPS, INPUT, HIDDEN = 5, 4, 3, 7

# Name, α and β: those without constants have None.
ACTIVATIONS: list[tuple[str, float | None, float | None]] = [
    ("Tanh", None, None), ("Sigmoid", None, None), ("Relu", None, None), ("Affine", 0.7, -0.2),
    ("LeakyRelu", 0.3, None), ("ThresholdedRelu", 0.25, None), ("ScaledTanh", 1.7, 0.6), ("HardSigmoid", 0.3, 0.4),
    ("Elu", 1.2, None), ("Softsign", None, None), ("Softplus", None, None),
]
USUAL = [("Sigmoid", None, None), ("Tanh", None, None), ("Tanh", None, None)]

LSTM_CASES: list[dict[str, Any]] = [
    {"name": "peepholes", "peepholes": True},
    {"name": "clip", "clip": 0.4},
    {"name": "peepholes and clip", "peepholes": True, "clip": 0.5},
    {"name": "coupled", "coupled": True},
    {"name": "coupled, peepholes, clip", "coupled": True, "peepholes": True, "clip": 0.5},
    {"name": "other functions",
     "activations": [("HardSigmoid", 0.3, 0.4), ("Softsign", None, None), ("ScaledTanh", 1.7, 0.6)]},
    {"name": "other functions, all options", "coupled": True, "peepholes": True, "clip": 0.6,
     "activations": [("Sigmoid", None, None), ("LeakyRelu", 0.3, None), ("Elu", 1.2, None)]},
]


def tensor_list(operator: str, case: dict[str, Any]) -> list[tuple[str, list[int], float]]:
    """Names, shapes and scales in the order that numbers the tensors."""
    gates = 1 if operator == "RNN" else 3 if case.get("coupled") else 4
    vectors = ["weight_fc", "weight_oc"] if case.get("coupled") else ["weight_ic", "weight_fc", "weight_oc"]
    states = ["hidden"] if operator == "RNN" else ["hidden", "cell"]
    return [
        ("weight_ih_l0", [gates * HIDDEN, INPUT], closed_form.WEIGHT),
        ("weight_hh_l0", [gates * HIDDEN, HIDDEN], closed_form.WEIGHT),
        ("bias_ih_l0", [gates * HIDDEN], closed_form.BIAS),
        *[(f"{name}_l0", [HIDDEN], closed_form.BIAS) for name in (vectors if case.get("peepholes") else [])],
        ("inputs", [BATCH, STEPS, INPUT], closed_form.INPUT),
        *[(name, [BATCH, HIDDEN], closed_form.STATE) for name in states],
    ]


def onnx_gates(block: numpy.ndarray, operator: str, coupled: bool) -> numpy.ndarray:
    """Rows of our gates in ONNX's order, i o f c."""
    if operator == "RNN":
        return block
    if coupled:
        forget, candidate, output = numpy.split(block, 3)
        return numpy.concatenate([-forget, output, numpy.zeros_like(forget), candidate])
    input, forget, candidate, output = numpy.split(block, 4)
    return numpy.concatenate([input, output, forget, candidate])


def run(operator: str, case: dict[str, Any]) -> dict[str, Any]:
    coupled = bool(case.get("coupled"))
    tensors = {
        name: closed_form.chirp(number, shape, scale)
        for number, (name, shape, scale) in enumerate(tensor_list(operator, case))
    }
    bias = onnx_gates(tensors["bias_ih_l0"], operator, coupled)
    feeds = {
        "X": tensors["inputs"].transpose(1, 0, 2).copy(),
        "W": onnx_gates(tensors["weight_ih_l0"], operator, coupled)[None],
        "R": onnx_gates(tensors["weight_hh_l0"], operator, coupled)[None],
        "B": numpy.concatenate([bias, numpy.zeros_like(bias)])[None],
        "initial_h": tensors["hidden"][None],
    }
    names = ["X", "W", "R", "B", "", "initial_h"]
    results = ["Y", "Y_h"]
    if operator == "LSTM":
        feeds["initial_c"] = tensors["cell"][None]
        names.append("initial_c")
        results.append("Y_c")
    if case.get("peepholes"):
        forget, output = tensors["weight_fc_l0"], tensors["weight_oc_l0"]
        first = -forget if coupled else tensors["weight_ic_l0"]
        feeds["P"] = numpy.concatenate([first, output, forget * 0 if coupled else forget])[None]
        names.append("P")
    activations = case.get("activations") or USUAL
    attributes: dict[str, Any] = {
        "hidden_size": HIDDEN,
        "activations": [name for name, _, _ in activations],
        "activation_alpha": [alpha for _, alpha, _ in activations if alpha is not None],
        "activation_beta": [beta for _, _, beta in activations if beta is not None],
    }
    if case.get("clip"):
        attributes["clip"] = case["clip"]
    if coupled:
        attributes["input_forget"] = 1
    attributes = {key: value for key, value in attributes.items() if value != []}
    node = helper.make_node(operator, names, results, **attributes)
    graph = helper.make_graph(
        [node], "layer",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names if name],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in results])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs, *finals = session.run(None, feeds)
    expected = {"outputs": outputs[:, 0].transpose(1, 0, 2), "finalHidden": finals[0][0]}
    if operator == "LSTM":
        expected["finalCell"] = finals[1][0]
    return {
        "name": case["name"],
        "operator": operator,
        "peepholes": bool(case.get("peepholes")),
        "coupled": coupled,
        "clip": case.get("clip"),
        "activations": [
            {"name": name, "alpha": alpha, "beta": beta} for name, alpha, beta in activations
        ],
        "tensors": [
            {"name": name, "shape": shape, "scale": scale} for name, shape, scale in tensor_list(operator, case)
        ],
        "expected": {
            name: fixture_file.digits(torch.from_numpy(numpy.ascontiguousarray(value)))
            for name, value in expected.items()
        },
    }


def write(folder: Path) -> None:
    cases = [run("LSTM", case) for case in LSTM_CASES]
    cases += [run("RNN", {"name": activation[0], "activations": [activation]}) for activation in ACTIVATIONS]
    fixture_file.write(folder, "onnx_options.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"ONNX Runtime {onnxruntime.__version__}, float32",
        "cases": cases,
    })


if __name__ == "__main__":
    write(fixture_file.DEFAULT_FOLDER)
