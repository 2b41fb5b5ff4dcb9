"""Writing fixtures: nine significant digits, one line per array, so that a change is readable as a difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "Tests" / "RecurrentTests" / "Fixtures"


def digits(tensor: torch.Tensor, count: int = 9) -> list[float]:
    """The elements in row-major order with `count` significant digits: nine are more than a Float holds."""
    # + 0.0 turns -0 into 0.
    return [float(f"{value:.{count}g}") + 0.0 for value in tensor.detach().reshape(-1).tolist()]


def text(value: Any, indent: str = "") -> str:
    """JSON in which long objects, and arrays of objects, take a line per entry; the rest stays on one line."""
    deeper = indent + "  "
    plain = json.dumps(value, allow_nan=False, ensure_ascii=False)
    if isinstance(value, dict) and (len(plain) > 100 or any(isinstance(entry, dict) for entry in value.values())):
        lines = [f"{deeper}{json.dumps(key)}: {text(entry, deeper)}" for key, entry in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(deeper + text(entry, deeper) for entry in value) + f"\n{indent}]"
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return plain


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text(content) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def deviation(measured: torch.Tensor, exact: torch.Tensor) -> float:
    """The largest difference, relative to the largest magnitude of the exact tensor (0 for a tensor of zeros)."""
    largest = exact.abs().max().item() if exact.numel() else 0.0
    difference = (measured.double() - exact).abs().max().item() if exact.numel() else 0.0
    return difference / largest if largest > 0 else difference
