"""OpenVINO on the CPU: inference only, of the model that ONNX Runtime reads, in exact float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import common
from common import Problem, Step

# What the logits of the same model in ONNX Runtime may differ by: 16-bit products would differ by a hundred times more.
TOLERANCE = 1e-4


def load(threads: int) -> Callable[[Problem], Step]:
    import numpy
    import onnx_model
    import onnxruntime
    import openvino
    from openvino import properties

    core = openvino.Core()

    def compile_model(problem: Problem, hint: properties.hint.PerformanceMode, used: int) -> openvino.CompiledModel:
        return core.compile_model(core.read_model(onnx_model.model(problem)), "CPU", {
            properties.hint.performance_mode: hint,
            properties.inference_num_threads: used,
            # Processors with 16-bit arithmetic would use it by default.
            properties.hint.inference_precision: openvino.Type.f32,
            properties.hint.execution_mode: properties.hint.ExecutionMode.ACCURACY,
            # The comparison keeps every contestant on its cores.
            properties.hint.enable_cpu_pinning: False,
        })

    def check(logits: numpy.ndarray, problem: Problem, inputs: dict[str, numpy.ndarray]) -> None:
        """Against ONNX Runtime: the same work, and as exact."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(onnx_model.model(problem), options, providers=["CPUExecutionProvider"])
        difference = float(numpy.abs(session.run(["logits"], inputs)[0] - logits).max())
        common.require(difference < TOLERANCE, f"logits are {difference:.1e} from ONNX Runtime's")

    def infer(problem: Problem, used: int) -> Step:
        """One request, as for latency."""
        request = compile_model(problem, properties.hint.PerformanceMode.LATENCY, used).create_infer_request()
        arrays = [numpy.ascontiguousarray(inputs.swapaxes(0, 1)) for inputs, _ in common.batches(problem)]
        data = [openvino.Tensor(array, shared_memory=True) for array in arrays]

        def step(index: int) -> float:
            request.set_input_tensor(data[index % len(data)])
            request.infer()
            return float(request.get_output_tensor().data[0, 0])

        step(0)
        check(request.get_output_tensor().data, problem, {"inputs": arrays[0]})
        return step

    def infer_in_parts(problem: Problem, parts: int) -> Step:
        """As for throughput: the batch in as many requests as there are threads, which run at the same time."""
        part = replace(problem, batch=problem.batch // parts)
        compiled = compile_model(part, properties.hint.PerformanceMode.THROUGHPUT, parts)
        requests = [compiled.create_infer_request() for _ in range(parts)]
        arrays = [
            [numpy.ascontiguousarray(piece.swapaxes(0, 1)) for piece in numpy.split(inputs, parts)]
            for inputs, _ in common.batches(problem)
        ]
        data = [[openvino.Tensor(piece, shared_memory=True) for piece in pieces] for pieces in arrays]

        def step(index: int) -> float:
            for request, piece in zip(requests, data[index % len(data)]):
                request.set_input_tensor(piece)
                request.start_async()
            for request in requests:
                request.wait()
            return float(requests[0].get_output_tensor().data[0, 0])

        step(0)
        for request, piece in zip(requests, arrays[0]):
            check(request.get_output_tensor().data, part, {"inputs": piece})
        return step

    def stream(problem: Problem, used: int) -> Step:
        """The state's outputs of a step are the inputs of the next one, without a copy: two sets of tensors in turn."""
        compiled = compile_model(problem, properties.hint.PerformanceMode.LATENCY, used)
        requests = [compiled.create_infer_request() for _ in range(2)]
        names = [entry.any_name for entry in compiled.inputs][1:]
        arrays = common.stream_inputs(problem)
        data = [openvino.Tensor(array, shared_memory=True) for array in arrays]
        states = [
            [openvino.Tensor(numpy.zeros((1, 1, problem.hidden), dtype=numpy.float32)) for _ in names] for _ in requests
        ]
        for turn, request in enumerate(requests):
            for index, name in enumerate(names):
                request.set_tensor(name, states[turn][index])
                request.set_tensor(f"{name}_after", states[1 - turn][index])
        turn = 0

        def step(index: int) -> float:
            nonlocal turn
            request = requests[turn]
            request.set_input_tensor(0, data[index % len(data)])
            request.infer()
            turn = 1 - turn
            return float(request.get_output_tensor(0).data[0, 0])

        before = [state.data.copy() for state in states[turn]]
        step(0)
        check(requests[1 - turn].get_output_tensor(0).data, problem, {"inputs": arrays[0], **dict(zip(names, before))})
        return step

    def prepare(problem: Problem) -> Step:
        problem.require_cells("lstm", "elman")
        common.require(problem.mode in ("infer", "stream"), "OpenVINO only infers")
        make = infer if problem.mode == "infer" else stream
        # A small problem may be faster on one thread; a user who cares about latency would try both.
        ways = [common.Candidate(make(problem, used)) for used in sorted({1, threads})]
        if problem.mode == "infer" and threads > 1 and problem.batch % threads == 0 and problem.lengths == "full":
            ways.append(common.Candidate(infer_in_parts(problem, threads)))
        return common.fastest(ways)

    return prepare


if __name__ == "__main__":
    common.serve(load)
