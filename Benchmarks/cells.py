"""The cost of a cell or an option relative to a plain LSTM of equal size: bursts of training steps in turns, medians of ratios.

    python3 Benchmarks/cells.py [RECURRENT-BINARY]

Prints a table in Markdown. "Per product" divides by the ratio of the multiply-adds, the cell's to the LSTM's.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from contestants import Contestant, Process, stay_on_cores
from rows import request

# Text of a layer, and the gates that have weights of their own.
CELLS = {
    "gru": 3,
    "gru-reset-before": 3,
    "gru input-clip=3.0": 3,
    "lstm & lstm": 4,
    "gru & gru": 3,
    "lstm layer-norm": 4,
    "lstm peepholes": 4,
    "lstm | zoneout=0.1;0.05": 4,
    "lstm cell-clip=3.0": 4,
    "lstm input-clip=3.0": 4,
    "lstm coupled": 3,
    "mgu": 2,
    "elman": 1,
    "own-lstm": 4,
}
SIZES = {"28, 28, 20 × 3, 100": (28, 28, 20, 3, 100, 40), "28, 28, 128 × 1, 100": (28, 28, 128, 1, 100, 12)}
ROUNDS = 9


def products(gates: int, directions: int, size: tuple[int, ...]) -> int:
    """Multiply-adds of a training step for each sample and time step: forward, inputs' and weights' gradients.

    The network's own input needs no gradient. A layer reads what all directions of the one below give.
    """
    width, _, hidden, layers = size[:4]
    total = 0
    for layer in range(layers):
        total += directions * gates * hidden * ((3 if layer else 2) * width + 3 * hidden)
        width = directions * hidden
    return total


def main() -> None:
    default = Path(__file__).resolve().parent.parent / ".build/release/recurrent"
    binary = sys.argv[1] if len(sys.argv) > 1 else str(default)
    stay_on_cores(2)
    process = Process(Contestant("recurrent", "Recurrent", (binary, "benchmark", "--interactive")))

    def burst(cell: str, size: tuple[int, ...], threads: int) -> float:
        answer = process.ask(request(*size, threads=threads, cell=cell), patience=120)
        if "error" in answer:
            sys.exit(f"cells.py: {cell}: {answer['error']}")
        return statistics.median(answer["milliseconds"])

    for name, size in SIZES.items():
        for threads in (1, 2):
            ratios: dict[str, list[float]] = {cell: [] for cell in CELLS}
            plain = []
            for turn in range(ROUNDS + 1):
                before = burst("lstm", size, threads)
                for cell in CELLS:
                    found = burst(cell, size, threads)
                    after = burst("lstm", size, threads)  # a burst of the LSTM on either side
                    if turn > 0:  # the first round warms up
                        ratios[cell].append(2 * found / (before + after))
                        plain.append(after)
                    before = after
            print(f"\n{name}, threads {threads}: LSTM {statistics.median(plain):.2f} ms\n")
            print("| cell | time beside the LSTM (lowest … highest) | per product |\n|---|---|---|")
            for cell, values in ratios.items():
                ratio = statistics.median(values)
                share = products(CELLS[cell], 2 if "&" in cell else 1, size) / products(4, 1, size)
                print(f"| `{cell}` | {ratio:.2f} ({min(values):.2f} … {max(values):.2f}) | {ratio / share:.2f} |")
            sys.stdout.flush()
    process.close()


if __name__ == "__main__":
    main()
