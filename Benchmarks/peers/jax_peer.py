"""JAX: one jitted function per step; lax.scan over time, the input product of a layer hoisted out of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import common
from common import Problem, Step


def load(threads: int) -> Callable[[Problem], Step]:
    given = os.environ.get("XLA_FLAGS", "")  # such as the largest instruction set
    os.environ["XLA_FLAGS"] = f"{given} --xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'}".strip()
    import jax
    import jax.numpy as jnp
    import numpy

    Parameters = dict[str, Any]

    def initial(problem: Problem, outputs: int) -> Parameters:
        """For each layer a list of its directions, and the head."""
        generator, bound = numpy.random.default_rng(1), problem.hidden**-0.5
        rows = problem.hidden * {"lstm": 4, "gru": 3, "elman": 1}[problem.kind]

        def uniform(*shape: int) -> Any:
            return jnp.asarray(generator.uniform(-bound, bound, shape), dtype=jnp.float32)

        def direction(layer: int) -> Parameters:
            weights = {"input": uniform(problem.input_of(layer), rows), "state": uniform(problem.hidden, rows),
                       "bias": uniform(rows)}
            # The reset gate acts on the product of the state, so that the candidate has a second bias inside of it.
            return {**weights, "candidate": uniform(problem.hidden)} if problem.kind == "gru" else weights

        layers = [[direction(layer) for _ in range(problem.directions)] for layer in range(problem.layers)]
        return {"layers": layers, "head": {"weight": uniform(problem.width, outputs), "bias": uniform(outputs)}}

    def advance(kind: str, weights: Parameters, product: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """A step from the product of its input, with bias."""
        recurrent = state[0] @ weights["state"]
        if kind == "gru":
            update, reset, candidate = jnp.split(product, 3, axis=-1)
            from_update, from_reset, from_candidate = jnp.split(recurrent, 3, axis=-1)
            update, reset = jax.nn.sigmoid(update + from_update), jax.nn.sigmoid(reset + from_reset)
            candidate = jnp.tanh(candidate + reset * (from_candidate + weights["candidate"]))
            return (candidate + update * (state[0] - candidate),)
        preactivation = product + recurrent
        if kind == "elman":
            return (jnp.tanh(preactivation),)
        input_gate, forget, candidate, output = jnp.split(preactivation, 4, axis=-1)
        memory = jax.nn.sigmoid(forget) * state[1] + jax.nn.sigmoid(input_gate) * jnp.tanh(candidate)
        return jax.nn.sigmoid(output) * jnp.tanh(memory), memory

    def zeros(problem: Problem, batch: int) -> tuple[Any, ...]:
        return tuple(jnp.zeros((batch, problem.hidden)) for _ in range(2 if problem.kind == "lstm" else 1))

    def scan(
        problem: Problem, unroll: int, weights: Parameters, products: Any, state: tuple[Any, ...], reverse: bool = False
    ) -> tuple[tuple[Any, ...], Any]:
        """Final state and outputs [T, B, H] of one direction."""

        def body(state: tuple[Any, ...], product: Any) -> tuple[tuple[Any, ...], Any]:
            state = advance(problem.kind, weights, product, state)
            return state, state[0]

        return jax.lax.scan(body, state, products, unroll=unroll, reverse=reverse)

    def outputs_of(problem: Problem, unroll: int, parameters: Parameters, inputs: Any) -> Any:
        """Inputs [T, B, I] to logits [B, classes], or to values [T, B, 1] of every step."""
        lengths = problem.length_list()
        for layer in parameters["layers"]:
            results = [
                scan(problem, unroll, weights, inputs @ weights["input"] + weights["bias"],
                     zeros(problem, inputs.shape[1]), reverse=number == 1)
                for number, weights in enumerate(layer)
            ]
            last = jnp.concatenate([final[0] for final, _ in results], axis=-1)
            inputs = jnp.concatenate([outputs for _, outputs in results], axis=-1)
        if problem.is_every_step:
            last = inputs
        elif lengths is not None:
            # Padded steps cost the same as true ones here; the output at the true length is all that is used.
            last = inputs[jnp.asarray(lengths) - 1, jnp.arange(problem.batch)]
        return last @ parameters["head"]["weight"] + parameters["head"]["bias"]

    def untrained(parameters: Parameters) -> tuple[Any, ...]:
        """Parameters, Adam's two moments, and the number of updates."""
        return (parameters, jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters),
                jnp.float32(0))

    def updated(training: tuple[Any, ...], gradients: Parameters) -> tuple[Any, ...]:
        """An update by Adam."""
        parameters, first, second, count = training
        count = count + 1
        first = jax.tree.map(lambda m, g: common.BETA1 * m + (1 - common.BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: common.BETA2 * v + (1 - common.BETA2) * g * g, second, gradients)
        rate, root = common.LEARNING_RATE / (1 - common.BETA1**count), jnp.sqrt(1 - common.BETA2**count)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + common.EPSILON), parameters, first, second)
        return parameters, first, second, count

    def train(problem: Problem, unroll: int) -> Step:
        def loss_of(parameters: Parameters, inputs: Any, targets: Any) -> Any:
            outputs = outputs_of(problem, unroll, parameters, inputs)
            if problem.is_every_step:
                return jnp.mean((outputs - targets) ** 2)
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], axis=1))

        def update(training: tuple[Any, ...], inputs: Any, targets: Any) -> tuple[tuple[Any, ...], Any]:
            loss, gradients = jax.value_and_grad(loss_of)(training[0], inputs, targets)
            return updated(training, gradients), loss

        compiled = jax.jit(update, donate_argnums=0)
        training = untrained(initial(problem, problem.outputs))
        data = [
            (jnp.asarray(inputs.swapaxes(0, 1)),
             jnp.asarray(targets.swapaxes(0, 1) if problem.is_every_step else targets.astype("int32")))
            for inputs, targets in common.batches(problem)
        ]

        def step(index: int) -> float:
            nonlocal training
            training, loss = compiled(training, *data[index % len(data)])
            jax.block_until_ready(training)
            return float(loss)

        return step

    def characters(problem: Problem, unroll: int, is_picked: bool) -> Step:
        """A class at every step, the states carried along. A token picks a row of the first layer's weights, which are
        then an embedding as wide as the gates, or is one-hot."""

        def loss_of(parameters: Parameters, states: list[Any], tokens: Any, targets: Any) -> tuple[Any, list[Any]]:
            after, inputs = [], None
            for (weights,), state in zip(parameters["layers"], states):
                if inputs is not None:
                    products = inputs @ weights["input"]
                elif is_picked:
                    products = weights["input"][tokens]
                else:
                    products = jax.nn.one_hot(tokens, problem.input) @ weights["input"]
                final, inputs = scan(problem, unroll, weights, products + weights["bias"], state)
                after.append(final)
            logits = inputs @ parameters["head"]["weight"] + parameters["head"]["bias"]
            scores = jax.nn.log_softmax(logits)
            return -jnp.mean(jnp.take_along_axis(scores, targets[..., None], axis=-1)), after

        def update(training: tuple[Any, ...], states: list[Any], tokens: Any, targets: Any) -> tuple[Any, ...]:
            (loss, states), gradients = jax.value_and_grad(loss_of, has_aux=True)(training[0], states, tokens, targets)
            return updated(training, gradients), states, loss

        compiled = jax.jit(update, donate_argnums=(0, 1))
        training = untrained(initial(problem, problem.input))
        states = [zeros(problem, problem.batch) for _ in range(problem.layers)]
        data = [
            tuple(jnp.asarray(part.T.astype("int32")) for part in window) for window in common.token_windows(problem)
        ]

        def step(index: int) -> float:
            nonlocal training, states
            training, states, loss = compiled(training, states, *data[index % len(data)])
            jax.block_until_ready(training)
            return float(loss)

        return step

    def infer(problem: Problem, unroll: int) -> Step:
        parameters = initial(problem, common.CLASSES)
        compiled = jax.jit(lambda parameters, inputs: outputs_of(problem, unroll, parameters, inputs))
        data = [jnp.asarray(inputs.swapaxes(0, 1)) for inputs, _ in common.batches(problem)]
        return lambda index: float(numpy.asarray(compiled(parameters, data[index % len(data)]))[0, 0])

    def stream(problem: Problem) -> Step:
        @jax.jit
        def advance_all(parameters: Parameters, states: list[Any], value: Any) -> tuple[list[Any], Any]:
            after = []
            for (weights,), state in zip(parameters["layers"], states):
                after.append(advance(problem.kind, weights, value @ weights["input"] + weights["bias"], state))
                value = after[-1][0]
            return after, value @ parameters["head"]["weight"] + parameters["head"]["bias"]

        parameters = initial(problem, common.CLASSES)
        states = [zeros(problem, 1) for _ in range(problem.layers)]
        data = [jnp.asarray(inputs[0]) for inputs in common.stream_inputs(problem)]

        def step(index: int) -> float:
            nonlocal states
            states, output = advance_all(parameters, states, data[index % len(data)])
            return float(numpy.asarray(output)[0, 0])

        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells("lstm", "gru", "elman", bidirectional=True)
        # The notebook's training step is fastest rolled (6.4 ms; 9.5 unrolled by 4); other sizes decide for themselves.
        unrolls = [1, 4] if problem.steps >= 8 else [1]
        if problem.mode in ("train", "values"):
            return common.fastest([common.Candidate(train(problem, unroll)) for unroll in unrolls])
        if problem.mode == "characters":
            return common.fastest([
                common.Candidate(characters(problem, unroll, is_picked))
                for unroll in unrolls for is_picked in (False, True)
            ])
        if problem.mode == "infer":
            return common.fastest([common.Candidate(infer(problem, unroll)) for unroll in unrolls])
        common.require(problem.mode == "stream", f"no mode {problem.mode}")
        return stream(problem)

    return prepare


if __name__ == "__main__":
    common.serve(load)
