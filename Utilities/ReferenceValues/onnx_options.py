"""Cells with options, as ONNX Runtime computes them: onnx_options.json.

ONNX's operators have peepholes, a clip of the activations' arguments, coupled gates, eleven activation functions, two
places for a GRU's reset gate, and directions whose functions may differ; `onnx.reference` leaves most of these out, ONNX
Runtime has them all, in float32.

What ONNX couples is f = 1 - i, where the project has i = 1 - f: since σ(-x) = 1 - σ(x), the weights of that one gate
change their signs on the way.
"""

from __future__ import annotations

from collections.abc import Callable
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
USUAL = {
    "RNN": [("Tanh", None, None)],
    "LSTM": [("Sigmoid", None, None), ("Tanh", None, None), ("Tanh", None, None)],
    "GRU": [("Sigmoid", None, None), ("Tanh", None, None)],
}
KINDS = {"sequence_lens": TensorProto.INT32}
LENGTHS = [4, 2, 3, 1, 4]

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
    {"name": "reverse", "direction": "reverse", "lengths": LENGTHS},
    {"name": "both directions, each with its functions", "direction": "bidirectional", "lengths": LENGTHS, "clip": 0.6,
     "activations": [("Sigmoid", None, None), ("LeakyRelu", 0.3, None), ("Elu", 1.2, None),
                     ("HardSigmoid", 0.3, 0.4), ("Softsign", None, None), ("ScaledTanh", 1.7, 0.6)]},
]

RNN_CASES: list[dict[str, Any]] = [
    *[{"name": activation[0], "activations": [activation]} for activation in ACTIVATIONS],
    {"name": "clip", "clip": 0.4},
    *[{"name": f"{activation[0]}, clip", "activations": [activation], "clip": 0.5}
      for activation in ACTIVATIONS if activation[0] in ("Relu", "Affine", "HardSigmoid")],
    {"name": "reverse, clip", "direction": "reverse", "lengths": LENGTHS, "clip": 0.5},
    {"name": "both directions, each with its function", "direction": "bidirectional", "lengths": LENGTHS,
     "activations": [("LeakyRelu", 0.3, None), ("ScaledTanh", 1.7, 0.6)]},
]

# With the reset gate after the product and before it.
GRU_CASES: list[dict[str, Any]] = [
    {**case, "linearBeforeReset": linear_before_reset}
    for linear_before_reset in (1, 0)
    for case in [
        {"name": "clip", "clip": 0.4},
        {"name": "other functions", "activations": [("HardSigmoid", 0.3, 0.4), ("ScaledTanh", 1.7, 0.6)]},
        {"name": "other functions, clip", "clip": 0.5, "activations": [("Affine", 0.7, 0.2), ("Elu", 1.2, None)]},
        {"name": "reverse, clip", "direction": "reverse", "lengths": LENGTHS, "clip": 0.5},
        {"name": "both directions, each with its functions", "direction": "bidirectional", "lengths": LENGTHS,
         "clip": 0.6, "activations": [("Sigmoid", None, None), ("Softsign", None, None),
                                      ("HardSigmoid", 0.3, 0.4), ("LeakyRelu", 0.3, None)]},
    ]
]
# Every function once as that of the gates and once as that of the candidate.
GRU_CASES += [
    {"name": f"{gate[0]}, {candidate[0]}", "activations": [gate, candidate], "linearBeforeReset": number % 2}
    for number, (gate, candidate) in enumerate(zip(ACTIVATIONS, ACTIVATIONS[4:] + ACTIVATIONS[:4]))
]


def directions(case: dict[str, Any]) -> list[str]:
    """What the names of each direction's tensors end in."""
    return ["", "_reverse"] if case.get("direction") == "bidirectional" else [""]


def tensor_list(operator: str, case: dict[str, Any]) -> list[tuple[str, list[int], float]]:
    """Names, shapes and scales in the order that numbers the tensors."""
    gates = {"RNN": 1, "GRU": 3, "LSTM": 3 if case.get("coupled") else 4}[operator]
    biases = gates + (1 if case.get("linearBeforeReset") else 0)
    vectors = ["weight_fc", "weight_oc"] if case.get("coupled") else ["weight_ic", "weight_fc", "weight_oc"]
    states = ["hidden", "cell"] if operator == "LSTM" else ["hidden"]
    parameters = [
        ("weight_ih_l0", [gates * HIDDEN, INPUT], closed_form.WEIGHT),
        ("weight_hh_l0", [gates * HIDDEN, HIDDEN], closed_form.WEIGHT),
        ("bias_ih_l0", [biases * HIDDEN], closed_form.BIAS),
        *[(f"{name}_l0", [HIDDEN], closed_form.BIAS) for name in (vectors if case.get("peepholes") else [])],
    ]
    return [
        *[(name + ending, shape, scale) for ending in directions(case) for name, shape, scale in parameters],
        ("inputs", [BATCH, STEPS, INPUT], closed_form.INPUT),
        *[(name + ending, [BATCH, HIDDEN], closed_form.STATE) for ending in directions(case) for name in states],
    ]


def onnx_gates(block: numpy.ndarray, operator: str, coupled: bool) -> numpy.ndarray:
    """Rows of our gates in ONNX's order, i o f c or z r h."""
    if operator == "RNN":
        return block
    if operator == "GRU":
        reset, update, candidate = numpy.split(block, 3)
        return numpy.concatenate([update, reset, candidate])
    if coupled:
        forget, candidate, output = numpy.split(block, 3)
        return numpy.concatenate([-forget, output, numpy.zeros_like(forget), candidate])
    input, forget, candidate, output = numpy.split(block, 4)
    return numpy.concatenate([input, output, forget, candidate])


def onnx_bias(bias: numpy.ndarray, operator: str, case: dict[str, Any]) -> numpy.ndarray:
    """Both biases of ONNX: the second is none but for a candidate whose sums are kept apart."""
    gates = len(bias) - HIDDEN if case.get("linearBeforeReset") else len(bias)
    first = onnx_gates(bias[:gates], operator, bool(case.get("coupled")))
    second = numpy.zeros_like(first)
    if case.get("linearBeforeReset"):
        second[-HIDDEN:] = bias[gates:]
    return numpy.concatenate([first, second])


def run(operator: str, case: dict[str, Any]) -> dict[str, Any]:
    coupled = bool(case.get("coupled"))
    tensors = {
        name: closed_form.chirp(number, shape, scale)
        for number, (name, shape, scale) in enumerate(tensor_list(operator, case))
    }
    endings = directions(case)

    def stacked(make: Callable[[str], numpy.ndarray]) -> numpy.ndarray:
        return numpy.stack([make(ending) for ending in endings])

    feeds = {
        "X": tensors["inputs"].transpose(1, 0, 2).copy(),
        "W": stacked(lambda ending: onnx_gates(tensors["weight_ih_l0" + ending], operator, coupled)),
        "R": stacked(lambda ending: onnx_gates(tensors["weight_hh_l0" + ending], operator, coupled)),
        "B": stacked(lambda ending: onnx_bias(tensors["bias_ih_l0" + ending], operator, case)),
        "initial_h": stacked(lambda ending: tensors["hidden" + ending]),
    }
    names = ["X", "W", "R", "B", "", "initial_h"]
    results = ["Y", "Y_h"]
    if case.get("lengths"):
        feeds["sequence_lens"] = numpy.array(case["lengths"], dtype=numpy.int32)
        names[4] = "sequence_lens"
    if operator == "LSTM":
        feeds["initial_c"] = stacked(lambda ending: tensors["cell" + ending])
        names.append("initial_c")
        results.append("Y_c")
    if case.get("peepholes"):
        forget, output = tensors["weight_fc_l0"], tensors["weight_oc_l0"]
        first = -forget if coupled else tensors["weight_ic_l0"]
        feeds["P"] = numpy.concatenate([first, output, forget * 0 if coupled else forget])[None]
        names.append("P")
    activations = case.get("activations") or USUAL[operator] * len(endings)
    attributes: dict[str, Any] = {
        "hidden_size": HIDDEN,
        "direction": case.get("direction", "forward"),
        "activations": [name for name, _, _ in activations],
        "activation_alpha": [alpha for _, alpha, _ in activations if alpha is not None],
        "activation_beta": [beta for _, _, beta in activations if beta is not None],
    }
    if case.get("clip"):
        attributes["clip"] = case["clip"]
    if coupled:
        attributes["input_forget"] = 1
    if "linearBeforeReset" in case:
        attributes["linear_before_reset"] = case["linearBeforeReset"]
    attributes = {key: value for key, value in attributes.items() if value != []}
    node = helper.make_node(operator, names, results, **attributes)
    graph = helper.make_graph(
        [node], "layer",
        [helper.make_tensor_value_info(name, KINDS.get(name, TensorProto.FLOAT), None) for name in names if name],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in results])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs, *finals = session.run(None, feeds)
    # Y is [T, directions, B, H]; the project's outputs have those of both directions side by side.
    expected = {"outputs": outputs.transpose(2, 0, 1, 3).reshape(BATCH, STEPS, -1)}
    for name, final in zip(["finalHidden", "finalCell"], finals):
        expected |= {name + ending: final[number] for number, ending in enumerate(endings)}
    return {
        "name": case["name"],
        "operator": operator,
        "direction": case.get("direction", "forward"),
        "lengths": case.get("lengths"),
        "linearBeforeReset": case.get("linearBeforeReset"),
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
    lists = [("LSTM", LSTM_CASES), ("RNN", RNN_CASES), ("GRU", GRU_CASES)]
    cases = [run(operator, case) for operator, cases in lists for case in cases]
    fixture_file.write(folder, "onnx_options.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"ONNX Runtime {onnxruntime.__version__}, float32",
        "cases": cases,
    })


if __name__ == "__main__":
    write(fixture_file.DEFAULT_FOLDER)
