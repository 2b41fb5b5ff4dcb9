"""Prints the stored fixtures again. See README.md beside this file."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import checkpoints
import fixture_file
import layer_norm
import learning
import onnx_options
import optimizers
import projected_cases
import recurrent_cases
import sequence_tasks
import training_steps


def main() -> None:
    parser = argparse.ArgumentParser(description="Compute the fixtures of the tests with PyTorch.")
    parser.add_argument("--output", type=Path, default=fixture_file.DEFAULT_FOLDER, help="folder for the JSON files")
    options = parser.parse_args()

    torch.set_num_threads(1)  # sums in one order, whatever the machine
    recurrent_cases.write(options.output)
    projected_cases.write(options.output)
    training_steps.write(options.output)
    optimizers.write(options.output)
    checkpoints.write(options.output)
    learning.write(options.output)
    onnx_options.write(options.output)
    layer_norm.write(options.output)
    sequence_tasks.write(options.output)


if __name__ == "__main__":
    main()
