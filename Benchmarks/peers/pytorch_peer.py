"""PyTorch: nn.LSTM, nn.GRU and nn.RNN (oneDNN underneath), nn.Linear, packed sequences for ragged batches."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import common
from common import Problem, Step


def load(threads: int, padded: bool) -> Callable[[Problem], Step]:
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)

    layers = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}

    class Network(nn.Module):
        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.recurrent = layers[problem.kind](
                problem.input, problem.hidden, num_layers=problem.layers, batch_first=True,
                bidirectional=problem.directions == 2)
            self.head = nn.Linear(problem.width, problem.outputs)
            self.is_every_step, self.directions = problem.is_every_step, problem.directions
            lengths = problem.length_list()
            self.lengths = None if lengths is None else torch.tensor(lengths)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            if self.lengths is None:
                outputs, state = self.recurrent(inputs)
                if self.is_every_step:
                    return self.head(outputs)
                if self.directions == 1:
                    return self.head(outputs[:, -1])
                hidden = state[0] if isinstance(state, tuple) else state
                return self.head(torch.cat((hidden[-2], hidden[-1]), dim=1))  # each direction after its last step
            if padded:
                outputs, _ = self.recurrent(inputs)
                return self.head(outputs[torch.arange(len(self.lengths)), self.lengths - 1])
            packed = pack_padded_sequence(inputs, self.lengths, batch_first=True, enforce_sorted=False)
            _, state = self.recurrent(packed)
            hidden = state[0] if isinstance(state, tuple) else state
            return self.head(hidden[-1])

    def train(problem: Problem, kind: str) -> Step:
        torch.manual_seed(0)
        network = Network(problem)
        optimizer = torch.optim.Adam(
            network.parameters(), lr=common.LEARNING_RATE, betas=(common.BETA1, common.BETA2), eps=common.EPSILON,
            fused=kind == "fused", foreach=kind == "foreach")
        data = [(torch.from_numpy(inputs), torch.from_numpy(targets)) for inputs, targets in common.batches(problem)]
        loss_of = nn.functional.mse_loss if problem.is_every_step else nn.functional.cross_entropy

        def step(index: int) -> float:
            inputs, targets = data[index % len(data)]
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(network(inputs), targets)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    class CharacterModel(nn.Module):
        """Logits of every step; tokens as rows of a table of equal width, or one-hot."""

        def __init__(self, problem: Problem, is_embedded: bool) -> None:
            super().__init__()
            self.count = problem.input
            self.embedding = nn.Embedding(problem.input, problem.input) if is_embedded else None
            self.recurrent = layers[problem.kind](
                problem.input, problem.hidden, num_layers=problem.layers, batch_first=True)
            self.head = nn.Linear(problem.hidden, problem.input)

        def forward(self, tokens: torch.Tensor, targets: torch.Tensor, state: object) -> tuple[torch.Tensor, object]:
            if self.embedding is None:
                inputs = nn.functional.one_hot(tokens, self.count).float()
            else:
                inputs = self.embedding(tokens)
            outputs, state = self.recurrent(inputs, state)
            return nn.functional.cross_entropy(self.head(outputs).flatten(0, 1), targets.flatten()), state

    def characters(problem: Problem, kind: str, is_embedded: bool, is_compiled: bool) -> Step:
        torch.manual_seed(0)
        network = CharacterModel(problem, is_embedded)
        optimizer = torch.optim.Adam(
            network.parameters(), lr=common.LEARNING_RATE, betas=(common.BETA1, common.BETA2), eps=common.EPSILON,
            fused=kind == "fused", foreach=kind == "foreach")
        loss_of = torch.compile(network) if is_compiled else network
        data = [
            (torch.from_numpy(tokens), torch.from_numpy(targets)) for tokens, targets in common.token_windows(problem)
        ]
        zeros = torch.zeros(problem.layers, problem.batch, problem.hidden)
        state = (zeros, zeros) if problem.cell == "lstm" else zeros

        def step(index: int) -> float:
            nonlocal state
            optimizer.zero_grad(set_to_none=True)
            loss, after = loss_of(*data[index % len(data)], state)
            loss.backward()
            optimizer.step()
            state = tuple(part.detach() for part in after) if isinstance(after, tuple) else after.detach()
            return loss.item()

        return step

    def infer(problem: Problem) -> Step:
        network = Network(problem).eval()
        data = [torch.from_numpy(inputs) for inputs, _ in common.batches(problem)]

        def step(index: int) -> float:
            with torch.inference_mode():
                return network(data[index % len(data)])[0, 0].item()

        return step

    def stream(problem: Problem) -> Step:
        network = Network(problem).eval()
        data = [torch.from_numpy(inputs) for inputs in common.stream_inputs(problem)]
        state = None

        def step(index: int) -> float:
            nonlocal state
            with torch.inference_mode():
                output, state = network.recurrent(data[index % len(data)], state)
                return network.head(output[:, -1])[0, 0].item()

        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells(*layers, bidirectional=True)
        torch.set_num_threads(threads)
        common.require(not padded or problem.lengths != "full", "the same as PyTorch with packed sequences")
        modes = {"infer": infer, "stream": stream}
        if problem.mode in ("train", "values"):
            return common.fastest([common.Candidate(train(problem, kind)) for kind in ("fused", "foreach")])
        if problem.mode == "characters":
            ways = [("fused", False), ("foreach", False), ("fused", True)]
            return common.fastest(common.working([
                common.Candidate(characters(problem, kind, is_embedded, is_compiled))
                for kind, is_compiled in ways for is_embedded in (False, True)
            ]))
        common.require(problem.mode in modes, f"no mode {problem.mode}")
        step = modes[problem.mode](problem)
        # A small problem may be faster on one thread; a user who cares about latency would try both.
        return common.fastest(
            [common.Candidate(step, partial(torch.set_num_threads, count)) for count in sorted({1, threads})])

    return prepare


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--padded", action="store_true", help="ragged batches padded and gathered instead of packed")
    options = parser.parse_args()
    common.serve(lambda threads: load(threads, options.padded))
