"""Keras 3 on TensorFlow: a stack of its recurrent layers in a tf.function train step, with and without XLA."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import common
from common import Problem, Step


def load(threads: int, compiled: bool) -> Callable[[Problem], Step]:
    import keras
    import numpy
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

    layers = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "elman": keras.layers.SimpleRNN}
    cells = {"lstm": keras.layers.LSTMCell, "gru": keras.layers.GRUCell, "elman": keras.layers.SimpleRNNCell}

    def recurrent_layers(problem: Problem, unroll: bool) -> list[keras.layers.Layer]:
        needs_all = problem.lengths != "full" or problem.is_every_step
        stack = [
            layers[problem.kind](
                problem.hidden, return_sequences=needs_all or layer < problem.layers - 1, unroll=unroll)
            for layer in range(problem.layers)
        ]
        return stack if problem.directions == 1 else [keras.layers.Bidirectional(layer) for layer in stack]

    def network(problem: Problem, unroll: bool) -> Callable[..., tf.Tensor]:
        """Logits of a batch, or values of every step. A ragged batch runs padded and takes the output at each true
        length: a mask would not spare Keras a step either."""
        keras.utils.set_random_seed(0)
        body = keras.Sequential(
            [keras.layers.Input((problem.steps, problem.input)), *recurrent_layers(problem, unroll)])
        head = keras.layers.Dense(problem.outputs)
        head.build((None, problem.width))
        lengths = problem.length_list()

        def forward(inputs: tf.Tensor, training: bool) -> tf.Tensor:
            outputs = body(inputs, training=training)
            if lengths is not None:
                outputs = tf.gather(outputs, tf.constant(lengths) - 1, batch_dims=1)
            return head(outputs)

        forward.weights = [*body.trainable_variables, *head.trainable_variables]
        return forward

    def train(problem: Problem, unroll: bool) -> Step:
        forward = network(problem, unroll)
        optimizer = keras.optimizers.Adam(
            learning_rate=common.LEARNING_RATE, beta_1=common.BETA1, beta_2=common.BETA2, epsilon=common.EPSILON)
        optimizer.build(forward.weights)
        data = [(tf.constant(inputs), tf.constant(targets)) for inputs, targets in common.batches(problem)]

        @tf.function(jit_compile=compiled)
        def update(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                outputs = forward(inputs, training=True)
                if problem.is_every_step:
                    losses = tf.math.squared_difference(outputs, targets)
                else:
                    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, outputs)
                loss = tf.reduce_mean(losses)
            optimizer.apply(tape.gradient(loss, forward.weights), forward.weights)
            return loss

        return lambda index: float(update(*data[index % len(data)]))

    def characters(problem: Problem, unroll: bool, is_embedded: bool) -> Step:
        """A class at every step, the states carried along; tokens as rows of a table of equal width, or one-hot."""
        keras.utils.set_random_seed(0)
        kind, parts = layers[problem.kind], 2 if problem.kind == "lstm" else 1
        tokens = keras.layers.Input((problem.steps,), batch_size=problem.batch, dtype="int32")
        before = [
            keras.layers.Input((problem.hidden,), batch_size=problem.batch)
            for _ in range(problem.layers * parts)
        ]
        if is_embedded:
            value = keras.layers.Embedding(problem.input, problem.input)(tokens)
        else:
            value = keras.ops.one_hot(tokens, problem.input, dtype="float32")
        after: list[tf.Tensor] = []
        for layer in range(problem.layers):
            value, *state = kind(problem.hidden, return_sequences=True, return_state=True, unroll=unroll)(
                value, initial_state=before[layer * parts : (layer + 1) * parts])
            after += state
        network = keras.Model([tokens, *before], [keras.layers.Dense(problem.input)(value), *after])
        weights = network.trainable_variables
        optimizer = keras.optimizers.Adam(
            learning_rate=common.LEARNING_RATE, beta_1=common.BETA1, beta_2=common.BETA2, epsilon=common.EPSILON)
        optimizer.build(weights)
        data = [
            tuple(tf.constant(part.astype("int32")) for part in window) for window in common.token_windows(problem)
        ]
        states = [tf.zeros((problem.batch, problem.hidden)) for _ in before]

        @tf.function(jit_compile=compiled)
        def update(tokens: tf.Tensor, targets: tf.Tensor, states: list[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
            with tf.GradientTape() as tape:
                logits, *after = network([tokens, *states], training=True)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
            optimizer.apply(tape.gradient(loss, weights), weights)
            return loss, after

        def step(index: int) -> float:
            nonlocal states
            loss, states = update(*data[index % len(data)], states)
            return float(loss)

        return step

    def infer(problem: Problem, unroll: bool) -> Step:
        forward = network(problem, unroll)
        data = [tf.constant(inputs) for inputs, _ in common.batches(problem)]
        predict = tf.function(lambda inputs: forward(inputs, training=False), jit_compile=compiled)
        return lambda index: float(predict(data[index % len(data)]).numpy()[0, 0])

    def stream(problem: Problem) -> Step:
        """One step through the cells, whose states are handed back and forth."""
        kind = cells[problem.kind]
        stack = [kind(problem.hidden) for _ in range(problem.layers)]
        for layer, cell in enumerate(stack):
            cell.build((1, problem.input_of(layer)))
        head = keras.layers.Dense(common.CLASSES)
        head.build((1, problem.hidden))

        @tf.function(jit_compile=compiled)
        def advance(value: tf.Tensor, states: list[list[tf.Tensor]]) -> tuple[tf.Tensor, list[list[tf.Tensor]]]:
            after = []
            for cell, state in zip(stack, states):
                value, state = cell(value, state)
                after.append(list(state))
            return head(value), after

        data = [tf.constant(inputs[0]) for inputs in common.stream_inputs(problem)]
        parts = 2 if problem.kind == "lstm" else 1
        states = [[tf.zeros((1, problem.hidden)) for _ in range(parts)] for _ in stack]

        def step(index: int) -> float:
            nonlocal states
            logits, states = advance(data[index % len(data)], states)
            return float(numpy.asarray(logits)[0, 0])

        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells(*layers, bidirectional=True)
        if problem.mode == "stream":
            return stream(problem)
        modes = {"train": train, "values": train, "infer": infer}
        common.require(problem.mode in {*modes, "characters"}, f"no mode {problem.mode}")
        # For the notebook's network an unrolled loop took 5.9 ms instead of 9. Under XLA it gained nothing (9.5 ms)
        # for 12 s of compilation.
        unrolls = [False, True] if problem.steps <= 64 and not compiled else [False]
        if problem.mode == "characters":
            return common.fastest([
                common.Candidate(characters(problem, unroll, is_embedded))
                for unroll in unrolls for is_embedded in (False, True)
            ])
        return common.fastest([common.Candidate(modes[problem.mode](problem, unroll)) for unroll in unrolls])

    return prepare


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--xla", action="store_true", help="compile with XLA (jit_compile=True)")
    options = parser.parse_args()
    common.serve(lambda threads: load(threads, options.xla))
