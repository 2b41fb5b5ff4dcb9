"""A language model of characters as a PyTorch script: the other side of `text.py`.

The network and the updates of `recurrent train text --cell gru --optimizer adam`: embedded
characters, one GRU, a class at every step; windows of truncated backpropagation over streams that
are read side by side, states carried from window to window; Adam with a rate that falls along half a
cosine, gradients clipped to a norm of 1. It is written for speed, as a good PyTorch user would: the
whole text as one tensor, fused Adam, a table of embeddings, nothing between the steps. The first
90 % of the text are learned from, the rest is validation, read from the beginning with carried state.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train a language model of characters with PyTorch.")
    parser.add_argument("file", type=Path, help="a text in UTF-8")
    parser.add_argument("--hidden-size", type=int, default=256)
    parser.add_argument("--embedding", type=int, default=64)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=0.004)
    parser.add_argument("--dropout", type=float, default=0)
    parser.add_argument("--max-steps", type=int, default=8000)
    parser.add_argument("--sample", type=int, default=0, help="characters to write after training, one by one")
    parser.add_argument("--validate", action="store_true", help="measure the validation part after training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


options = arguments()
os.environ["OMP_NUM_THREADS"] = str(options.threads)  # read when PyTorch is imported

import torch  # noqa: E402
from torch import nn  # noqa: E402


class Network(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(count, options.embedding)
        self.recurrent = nn.GRU(options.embedding, options.hidden_size, batch_first=True)
        self.dropout = nn.Dropout(options.dropout)
        self.head = nn.Linear(options.hidden_size, count)

    def forward(self, tokens: torch.Tensor, state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        outputs, state = self.recurrent(self.embedding(tokens), state)
        return self.head(self.dropout(outputs)), state


def train(network: Network, tokens: torch.Tensor) -> float:
    """Characters per second."""
    length = (len(tokens) - 1) // options.streams
    inputs = tokens[: options.streams * length].view(options.streams, length)
    targets = tokens[1 : options.streams * length + 1].view(options.streams, length)
    windows = length // options.window
    optimizer = torch.optim.Adam(network.parameters(), lr=options.learning_rate, fused=True)
    state = None
    network.train()
    start = time.perf_counter()
    for step in range(options.max_steps):
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * 0.5 * (1 + math.cos(math.pi * step / options.max_steps))
        window = step % windows
        if window == 0:
            state = None
        part = slice(window * options.window, (window + 1) * options.window)
        logits, state = network(inputs[:, part], state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, part].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
        state = state.detach()
    return options.max_steps * options.streams * options.window / (time.perf_counter() - start)


@torch.inference_mode()
def validate(network: Network, tokens: torch.Tensor) -> float:
    """Nats per character."""
    network.eval()
    total, state = 0.0, None
    for begin in range(0, len(tokens) - 1, 2048):
        end = min(begin + 2048, len(tokens) - 1)
        logits, state = network(tokens[None, begin:end], state)
        total += nn.functional.cross_entropy(logits[0], tokens[begin + 1 : end + 1], reduction="sum").item()
    return total / (len(tokens) - 1)


@torch.inference_mode()
def sample(network: Network, count: int) -> float:
    """Characters per second, one by one; one thread, which is faster here."""
    network.eval()
    torch.set_num_threads(1)
    token, state = torch.zeros(1, 1, dtype=torch.long), None
    start = time.perf_counter()
    for _ in range(count):
        logits, state = network(token, state)
        token = torch.multinomial(logits[0].softmax(dim=1), 1)
    return count / (time.perf_counter() - start)


def main() -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    text = options.file.read_bytes().decode("utf-8")
    characters = {character: token for token, character in enumerate(sorted(set(text)))}
    tokens = torch.tensor([characters[character] for character in text])
    split = len(tokens) * 9 // 10
    network = Network(len(characters))
    answer = {"characters_per_second": train(network, tokens[:split])}
    if options.validate:
        answer["validation_nats"] = validate(network, tokens[split:])
    if options.sample:
        answer["sampled_per_second"] = sample(network, options.sample)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
