"""ONNX Runtime: inference only, with the LSTM and RNN operators of ONNX."""

from __future__ import annotations

from collections.abc import Callable

import common
from common import Problem, Step


def load(threads: int) -> Callable[[Problem], Step]:
    import numpy
    import onnx_model
    import onnxruntime

    def session(problem: Problem, used: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = used
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(onnx_model.model(problem), options, providers=["CPUExecutionProvider"])

    def infer(problem: Problem, used: int) -> Step:
        runtime = session(problem, used)
        data = [numpy.ascontiguousarray(inputs.swapaxes(0, 1)) for inputs, _ in common.batches(problem)]
        return lambda index: float(runtime.run(None, {"inputs": data[index % len(data)]})[0][0, 0])

    def stream(problem: Problem, used: int) -> Step:
        runtime = session(problem, used)
        data = common.stream_inputs(problem)
        names = [entry.name for entry in runtime.get_inputs()][1:]
        states = [numpy.zeros((1, 1, problem.hidden), dtype=numpy.float32) for _ in names]

        def step(index: int) -> float:
            nonlocal states
            logits, *states = runtime.run(None, {"inputs": data[index % len(data)], **dict(zip(names, states))})
            return float(logits[0, 0])

        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells("lstm", "elman")
        common.require(problem.mode in ("infer", "stream"), "ONNX Runtime only infers")
        # A small problem may be faster on one thread; a user who cares about latency would try both.
        make = infer if problem.mode == "infer" else stream
        return common.fastest([common.Candidate(make(problem, used)) for used in sorted({1, threads})])

    return prepare


if __name__ == "__main__":
    common.serve(load)
