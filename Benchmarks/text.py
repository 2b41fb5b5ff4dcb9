"""Training and sampling of a language model of characters, ours against `text_pytorch.py`, in turns.

    python3 Benchmarks/text.py FILE --ours RECURRENT --python PYTHON

Same text, same network, a plain GRU, same number of updates of the same kind; characters per
second, the medians of the rounds and the ratio of each round. Our sampling is timed as two whole
processes of different lengths, so that starting up counts nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

from whole_process import output

SCRIPT = Path(__file__).resolve().parent / "text_pytorch.py"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare 'recurrent train text' with PyTorch, in turns.")
    parser.add_argument("file", type=Path, help="a text in UTF-8")
    parser.add_argument("--ours", type=Path, required=True, help="the recurrent executable")
    parser.add_argument("--python", type=Path, required=True, help="an interpreter that has PyTorch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300, help="updates of a round")
    parser.add_argument("--sample", type=int, default=2000, help="characters that PyTorch writes; ours ten times as many")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def ours(options: argparse.Namespace) -> tuple[float, float]:
    """Characters per second in training and in sampling."""
    with tempfile.TemporaryDirectory() as folder:
        log = output([
            str(options.ours), "train", "text", str(options.file), "--cell", "gru", "--hidden-size", "256", "--embedding", "64",
            "--window", "64", "--streams", "32", "--optimizer", "adam", "--learning-rate", "0.004", "--dropout", "0", "--clip-norm", "1",
            "--max-steps", str(options.steps), "--sample", "0", "--threads", str(options.threads),
            "--run-dir", f"{folder}/run"])
        trained = re.search(r"([\d,]+) characters per second", log)
        assert trained is not None, log[-300:]
        seconds = []
        for length in (options.sample, 11 * options.sample):
            start = time.perf_counter()
            output([str(options.ours), "sample", f"{folder}/run", "--length", str(length)])
            seconds.append(time.perf_counter() - start)
    return float(trained[1].replace(",", "")), 10 * options.sample / (seconds[1] - seconds[0])


def pytorch(options: argparse.Namespace) -> tuple[float, float]:
    log = output([
        str(options.python), "-B", str(SCRIPT), str(options.file), "--max-steps", str(options.steps),
        "--sample", str(options.sample), "--threads", str(options.threads)])
    answer = json.loads(log.splitlines()[-1])
    return answer["characters_per_second"], answer["sampled_per_second"]


def main() -> None:
    options = arguments()
    rounds = [(ours(options), pytorch(options)) for _ in range(options.rounds)]
    for index, name in enumerate(("training", "sampling")):
        own, theirs = [pair[0][index] for pair in rounds], [pair[1][index] for pair in rounds]
        ratios = [a / b for a, b in zip(own, theirs)]
        print(f"{name}: {statistics.median(own):,.0f} characters per second, PyTorch {statistics.median(theirs):,.0f}: "
              f"{statistics.median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
