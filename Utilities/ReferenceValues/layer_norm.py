"""LSTM cells with layer normalization, as PyTorch computes them in float64: layer_norm.json.

PyTorch has `layer_norm` but no such cell: the step is written out here, and autograd differentiates it. The scalar is
that of `recurrent_cases.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import layer_norm

import closed_form
import fixture_file

BATCH, STEPS, INPUT, HIDDEN = 5, 4, 3, 7

CASES: list[dict[str, Any]] = [
    {"name": "layer normalization"},
    {"name": "with peepholes", "peepholes": True},
    {"name": "with coupled gates", "coupled": True},
    {"name": "with a cell clip", "cellClip": 0.3},
    {"name": "with all of them", "peepholes": True, "coupled": True, "cellClip": 0.4},
]


def tensor_list(case: dict[str, Any]) -> list[tuple[str, list[int], float]]:
    """Names, shapes and scales in the order that numbers the tensors."""
    gates = "fgo" if case.get("coupled") else "ifgo"
    peepholes = [f"weight_{gate}c" for gate in gates if gate != "g"] if case.get("peepholes") else []
    norms = [f"norm_{gate}" for gate in gates + "c"]
    return [
        ("weight_ih_l0", [len(gates) * HIDDEN, INPUT], closed_form.WEIGHT),
        ("weight_hh_l0", [len(gates) * HIDDEN, HIDDEN], closed_form.WEIGHT),
        ("bias_ih_l0", [len(gates) * HIDDEN], closed_form.BIAS),
        *[(f"{name}_l0", [HIDDEN], closed_form.BIAS) for name in peepholes],
        *[(f"{name}_l0", [HIDDEN], 1.0) for name in norms],
        ("shift_c_l0", [HIDDEN], closed_form.BIAS),
        ("inputs", [BATCH, STEPS, INPUT], closed_form.INPUT),
        ("hidden", [BATCH, HIDDEN], closed_form.STATE),
        ("cell", [BATCH, HIDDEN], closed_form.STATE),
        ("outputWeights", [BATCH, STEPS, HIDDEN], closed_form.OUTPUT_GRADIENT),
        ("finalHiddenWeights", [BATCH, HIDDEN], closed_form.OUTPUT_GRADIENT),
        ("finalCellWeights", [BATCH, HIDDEN], closed_form.OUTPUT_GRADIENT),
    ]


def run(case: dict[str, Any]) -> dict[str, Any]:
    gates = "fgo" if case.get("coupled") else "ifgo"
    tensors = {
        name: torch.from_numpy(closed_form.chirp(number, shape, scale)).double().requires_grad_()
        for number, (name, shape, scale) in enumerate(tensor_list(case))
    }

    def norm(x: torch.Tensor, gate: str, shift: torch.Tensor) -> torch.Tensor:
        return layer_norm(x, [HIDDEN], tensors[f"norm_{gate}_l0"], shift, eps=1e-5)

    def seen(gate: str, cell: torch.Tensor) -> torch.Tensor:
        return tensors[f"weight_{gate}c_l0"] * cell if case.get("peepholes") else torch.zeros_like(cell)

    hidden, cell = tensors["hidden"], tensors["cell"]
    shifts = dict(zip(gates, tensors["bias_ih_l0"].chunk(len(gates))))
    outputs = []
    for x in tensors["inputs"].unbind(1):
        sums = x @ tensors["weight_ih_l0"].T + hidden @ tensors["weight_hh_l0"].T
        z = {gate: norm(part, gate, shifts[gate]) for gate, part in zip(gates, sums.chunk(len(gates), dim=1))}
        forget = torch.sigmoid(z["f"] + seen("f", cell))
        write = 1 - forget if case.get("coupled") else torch.sigmoid(z["i"] + seen("i", cell))
        cell = forget * cell + write * torch.tanh(z["g"])
        if case.get("cellClip"):
            cell = cell.clamp(-case["cellClip"], case["cellClip"])
        hidden = torch.sigmoid(z["o"] + seen("o", cell)) * torch.tanh(norm(cell, "c", tensors["shift_c_l0"]))
        outputs.append(hidden)
    values = {"outputs": torch.stack(outputs, dim=1), "finalHidden": hidden, "finalCell": cell}
    sum(torch.sum(value * tensors[f"{name.removesuffix('s') if name == 'outputs' else name}Weights"])
        for name, value in values.items()).backward()
    return {
        "name": case["name"],
        "peepholes": bool(case.get("peepholes")),
        "coupled": bool(case.get("coupled")),
        "cellClip": case.get("cellClip"),
        "tensors": [{"name": name, "shape": shape, "scale": scale} for name, shape, scale in tensor_list(case)],
        "expected": {
            **{name: fixture_file.digits(value) for name, value in values.items()},
            "gradients": {
                name: fixture_file.digits(tensor.grad) for name, tensor in tensors.items() if "Weights" not in name
            },
        },
    }


def write(folder: Path) -> None:
    fixture_file.write(folder, "layer_norm.json", {
        "rule": closed_form.CHIRP_RULE,
        "source": f"PyTorch {torch.__version__.split('+')[0]}, float64",
        "cases": [run(case) for case in CASES],
    })


if __name__ == "__main__":
    write(fixture_file.DEFAULT_FOLDER)
