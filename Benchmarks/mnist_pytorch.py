"""The experiment of `recurrent train mnist` as a PyTorch script: the other side of row f of the comparison.

Three LSTM layers of 20 units read a digit row by row; 4 epochs of batches of 100 over 55,000 images, Adam with a
learning rate of 0.01, TensorFlow 1's initial values. It is written for speed, as a good PyTorch user would: all images
in one tensor, batches by index, nothing between the steps.
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import time
from pathlib import Path

INPUT, HIDDEN, LAYERS, CLASSES = 28, 20, 3, 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the notebook's network on MNIST with PyTorch.")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of MNIST's four IDX files, gzip or plain")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--log-every", type=int, default=100, help="batches between two lines of the log")
    return parser.parse_args()


options = arguments()
os.environ["OMP_NUM_THREADS"] = str(options.threads)  # read when PyTorch is imported

import numpy  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402


def read_idx(folder: Path, name: str) -> torch.Tensor:
    """An IDX file of unsigned bytes: two zeros, type 8, rank, the extents as big-endian words, the elements."""
    path = folder / f"{name}.gz"
    data = gzip.decompress(path.read_bytes()) if path.exists() else (folder / name).read_bytes()
    if data[:3] != b"\0\0\x08":
        raise SystemExit(f"{name}: not an IDX file of bytes")
    rank = data[3]
    shape = numpy.frombuffer(data, dtype=">u4", count=rank, offset=4).astype(int)
    elements = numpy.frombuffer(data, dtype=numpy.uint8, offset=4 + 4 * rank)
    return torch.from_numpy(elements.reshape(shape).copy())


def read_set(folder: Path, prefix: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [N, 28, 28] in 0 ... 1 and labels [N]."""
    images = read_idx(folder, f"{prefix}-images-idx3-ubyte").float().div_(255)
    return images, read_idx(folder, f"{prefix}-labels-idx1-ubyte").long()


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(INPUT, HIDDEN, num_layers=LAYERS, batch_first=True)
        self.head = nn.Linear(HIDDEN, CLASSES)
        self.reset()

    @torch.no_grad()
    def reset(self) -> None:
        """TensorFlow 1: Glorot uniform over the joint kernel [in + H, 4H], zero bias, forget bias 1, head N(0, 1)."""
        for layer in range(LAYERS):
            inputs = INPUT if layer == 0 else HIDDEN
            bound = math.sqrt(6 / (inputs + HIDDEN + 4 * HIDDEN))
            self.recurrent.get_parameter(f"weight_ih_l{layer}").uniform_(-bound, bound)
            self.recurrent.get_parameter(f"weight_hh_l{layer}").uniform_(-bound, bound)
            bias = self.recurrent.get_parameter(f"bias_ih_l{layer}").zero_()
            bias[HIDDEN : 2 * HIDDEN] = 1  # gates i f g o
            # One bias is enough: the second stays zero.
            self.recurrent.get_parameter(f"bias_hh_l{layer}").zero_().requires_grad_(False)
        self.head.weight.normal_()
        self.head.bias.normal_()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.recurrent(images)
        return self.head(outputs[:, -1])


@torch.inference_mode()
def evaluate(network: Network, images: torch.Tensor, labels: torch.Tensor) -> tuple[float, int]:
    """Mean loss and the number of correct predictions."""
    loss, correct = 0.0, 0
    for some, theirs in zip(images.split(1000), labels.split(1000)):
        logits = network(some)
        loss += nn.functional.cross_entropy(logits, theirs, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == theirs).sum())
    return loss / len(labels), correct


def main() -> None:
    start = time.perf_counter()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    images, labels = read_set(options.data_dir, "train")
    test_images, test_labels = read_set(options.data_dir, "t10k")
    validation_images, validation_labels = images[:5000], labels[:5000]
    images, labels = images[5000:], labels[5000:]

    network = Network()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    print(f"{sum(parameter.numel() for parameter in trained):,} parameters")
    optimizer = torch.optim.Adam(trained, lr=options.learning_rate, fused=True)

    for epoch in range(options.epochs):
        print("Epoch: ", epoch)
        order = torch.randperm(len(images))
        for index, chosen in enumerate(order.split(options.batch_size)):
            logits = network(images[chosen])
            loss = nn.functional.cross_entropy(logits, labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if index % options.log_every == 0:
                accuracy = (logits.argmax(dim=1) == labels[chosen]).float().mean().item()
                print(f"Minibatch loss: {loss.item():.6f}  Accuracy: {accuracy:.4f}")
        loss_value, correct = evaluate(network, validation_images, validation_labels)
        print(f"Validation loss: {loss_value:.6f}  Accuracy: {correct / len(validation_labels):.4f}")

    loss_value, correct = evaluate(network, test_images, test_labels)
    print(f"Test loss: {loss_value:.6f}  Accuracy: {correct / len(test_labels):.4f} ({correct} of {len(test_labels)}), "
          f"{time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
