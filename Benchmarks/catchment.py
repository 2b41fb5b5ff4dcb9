"""A value at every step, ours against PyTorch: rain, temperature and area of catchments, and the flow of their rivers.

    python3 Benchmarks/catchment.py --ours RECURRENT --python PYTHON

32 made catchments of 365 days; an LSTM of 128 units reads rain, temperature and the catchment's area and predicts the
flow of each day. Both sides start from the same weights (our model file has PyTorch's names) and take 50 updates of
Adam on all catchments at once, gradients
clipped to a norm of 1. Printed are the largest difference of the loss and the ratio of the times of a step,
measured in turns. With `--peer`, this file is PyTorch's side.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

from whole_process import output

CATCHMENTS, DAYS = 32, 365
LEARNING_RATE = 0.001


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare a regression at every step with PyTorch, in turns.")
    parser.add_argument("--ours", type=Path, help="the recurrent executable")
    parser.add_argument("--python", type=Path, help="an interpreter that has PyTorch and safetensors")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer", nargs=2, metavar=("CSV", "MODEL"), help="PyTorch's side")
    options = parser.parse_args()
    if options.peer is None and (options.ours is None or options.python is None):
        parser.error("--ours and --python are needed")
    return options


def write_catchments(path: Path) -> None:
    """Snow is stored below zero and melts by degrees; what is left of the water runs off the faster, the smaller an area."""
    draws = random.Random(7)
    lines = ["id,day,rain,temperature,area,flow"]
    for name in range(CATCHMENTS):
        area = math.exp(draws.uniform(1, 6))
        rate = 0.02 + 0.3 / area**0.3
        snow, store = 0.0, 10.0
        for day in range(DAYS):
            temperature = 10 - 12 * math.cos(2 * math.pi * day / 365) + draws.gauss(0, 3)
            rain = max(0.0, draws.gauss(-2, 6))
            melt = 0.0 if temperature < 0 else min(snow, 2.5 * temperature)
            snow += (rain if temperature < 0 else 0) - melt
            water = melt + (0 if temperature < 0 else rain)
            store = max(0.1, store + water - max(0.0, 0.12 * temperature))
            flow = min(store, rate * store**1.1)
            store -= flow
            lines.append(f"c{name},{day},{rain:.3f},{temperature:.3f},{area:.2f},{flow:.4f}")
    path.write_text("\n".join(lines) + "\n")


def ours(options: argparse.Namespace, csv: Path, run: Path, steps: int, rate: float) -> list[dict[str, Any]]:
    """The events of the steps."""
    output(
        [str(options.ours), "train", "series", str(csv), "--time", "day", "--per-step", "--target", "flow",
         "--statics", "area", "--cell", "lstm", "--hidden-size", "128", "--layers", "1", "--no-bidirectional",
         "--dropout", "0", "--input-noise", "0", "--validation-share", "0", "--batch-size", str(CATCHMENTS),
         "--max-steps", str(steps), "--learning-rate", str(rate), "--optimizer", "adam", "--schedule", "constant",
         "--clip-norm", "1", "--log-every", "1", "--threads", str(options.threads), "--run-dir", str(run)])
    events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [event for event in events if event["event"] == "step"]


def peer(options: argparse.Namespace) -> None:
    """The same updates in PyTorch: losses and milliseconds as JSON."""
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # read when PyTorch is imported
    import time

    import torch
    from safetensors.torch import load_file
    from torch import nn

    torch.set_num_threads(options.threads)
    rows = [line.split(",") for line in Path(options.peer[0]).read_text().splitlines()[1:]]
    data = torch.tensor([[float(cell) for cell in row[2:]] for row in rows], dtype=torch.float64)
    data = data.view(CATCHMENTS, DAYS, 4)
    data = ((data - data.mean(dim=(0, 1))) / data.std(dim=(0, 1), correction=0)).float()
    inputs, targets = data[..., :3].contiguous(), data[..., 3:].contiguous()
    weights = load_file(options.peer[1])
    recurrent, head = nn.LSTM(3, 128, batch_first=True), nn.Linear(128, 1)
    recurrent.load_state_dict({name: value for name, value in weights.items() if not name.startswith("head.")})
    head.load_state_dict({name.removeprefix("head."): value for name, value in weights.items() if "head." in name})
    # One bias is learned, as in ours: the second stays as it is.
    recurrent.bias_hh_l0.requires_grad_(False)
    trained = [parameter for parameter in [*recurrent.parameters(), *head.parameters()] if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE, fused=True)
    losses, milliseconds = [], []
    for _ in range(options.steps):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.mse_loss(head(recurrent(inputs)[0]), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1)
        optimizer.step()
        losses.append(loss.item())
        milliseconds.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"losses": losses, "milliseconds": milliseconds}))


def main() -> None:
    options = arguments()
    if options.peer is not None:
        return peer(options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv = folder / "catchments.csv"
        write_catchments(csv)
        # A rate this small changes no weight: the model is the beginning of every run with this seed.
        ours(options, csv, folder / "start", 1, 1e-30)
        own_times, their_times, ratios, difference = [], [], [], 0.0
        for round_ in range(options.rounds):
            steps = ours(options, csv, folder / f"run{round_}", options.steps, LEARNING_RATE)
            own = statistics.median(step["milliseconds"] for step in steps[5:])
            log = output(
                [str(options.python), "-B", __file__, "--steps", str(options.steps), "--threads",
                 str(options.threads), "--peer", str(csv), str(folder / "start" / "model.safetensors")])
            answer = json.loads(log.splitlines()[-1])
            theirs = statistics.median(answer["milliseconds"][5:])
            difference = max(difference, *(abs(a["loss"] - b) for a, b in zip(steps, answer["losses"], strict=True)))
            own_times.append(own)
            their_times.append(theirs)
            ratios.append(theirs / own)
        print(f"losses of {options.steps} updates, {steps[0]['loss']:.4f} to {steps[-1]['loss']:.4f}: "
              f"at most {difference:.1e} apart")
        print(f"a step: {statistics.median(own_times):.1f} ms, PyTorch {statistics.median(their_times):.1f} ms: "
              f"{statistics.median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
