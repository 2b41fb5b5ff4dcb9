"""MLX on the CPU: mlx.nn.LSTM, value_and_grad, a compiled training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import common
from common import Problem, Step


def load(threads: int) -> Callable[[Problem], Step]:
    import mlx.core as mx
    import mlx.nn as nn
    import mlx.optimizers as optimizers

    mx.set_default_device(mx.cpu)

    class Network(nn.Module):
        def __init__(self, problem: Problem) -> None:
            super().__init__()
            kind = {"lstm": nn.LSTM, "elman": nn.RNN}[problem.cell]
            self.layers = [kind(problem.input_of(layer), problem.hidden) for layer in range(problem.layers)]
            self.head = nn.Linear(problem.hidden, common.CLASSES)
            lengths = problem.length_list()
            self._last = None if lengths is None else mx.array(lengths) - 1

        def __call__(self, inputs: Any) -> Any:
            for layer in self.layers:
                result = layer(inputs)
                inputs = result[0] if isinstance(result, tuple) else result
            if self._last is None:
                return self.head(inputs[:, -1])
            return self.head(inputs[mx.arange(inputs.shape[0]), self._last])

    def train(problem: Problem, compiled: bool) -> Step:
        mx.random.seed(0)
        network = Network(problem)
        optimizer = optimizers.Adam(
            learning_rate=common.LEARNING_RATE, betas=[common.BETA1, common.BETA2], eps=common.EPSILON,
            bias_correction=True)
        mx.eval(network.parameters())
        optimizer.init(network.trainable_parameters())
        data = [(mx.array(inputs), mx.array(labels)) for inputs, labels in common.batches(problem)]
        loss_and_gradients = nn.value_and_grad(
            network, lambda inputs, labels: nn.losses.cross_entropy(network(inputs), labels, reduction="mean"))
        state = [network.state, optimizer.state]

        def update(inputs: Any, labels: Any) -> Any:
            loss, gradients = loss_and_gradients(inputs, labels)
            optimizer.update(network, gradients)
            return loss

        run = mx.compile(update, inputs=state, outputs=state) if compiled else update

        def step(index: int) -> float:
            loss = run(*data[index % len(data)])
            mx.eval(state, loss)
            return loss.item()

        return step

    def infer(problem: Problem, compiled: bool) -> Step:
        network = Network(problem)
        mx.eval(network.parameters())
        data = [mx.array(inputs) for inputs, _ in common.batches(problem)]
        run = mx.compile(network) if compiled else network
        return lambda index: run(data[index % len(data)])[0, 0].item()

    def stream(problem: Problem) -> Step:
        network = Network(problem)
        mx.eval(network.parameters())
        data = [mx.array(inputs) for inputs in common.stream_inputs(problem)]
        states: list[Any] = [(None, None)] * problem.layers

        def step(index: int) -> float:
            value = data[index % len(data)]
            for number, layer in enumerate(network.layers):
                if problem.cell == "lstm":
                    hidden, cell = layer(value, *states[number])
                    states[number] = (hidden[:, -1], cell[:, -1])
                else:
                    hidden = layer(value, states[number][0])
                    states[number] = (hidden[:, -1], None)
                value = hidden
            logits = network.head(value[:, -1])
            mx.eval(logits, [part for state in states for part in state if part is not None])
            return logits[0, 0].item()

        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells("lstm", "elman")
        if problem.mode == "train":
            return common.fastest([common.Candidate(train(problem, compiled)) for compiled in (False, True)])
        if problem.mode == "infer":
            return common.fastest([common.Candidate(infer(problem, compiled)) for compiled in (False, True)])
        common.require(problem.mode == "stream", f"no mode {problem.mode}")
        return stream(problem)

    return prepare


if __name__ == "__main__":
    common.serve(load)
