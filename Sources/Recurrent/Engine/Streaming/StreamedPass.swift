import RecurrentKernels

/// The outputs for a batch whose sequences are read one by one, as streams.
///
/// Weights of reduced precision have no other kernels. Each worker reads its share of the sequences.
struct StreamedPass: ParallelWork {
  let network: StreamingNetwork
  let plan: NetworkPlan
  let source: SequenceSource
  /// Whether the outputs of the layers are wanted, rather than those of the head.
  let readsLayers: Bool
  /// `[batch, outputs]`, or, for every step, according to the strides.
  let outputs: Floats
  let strides: SequenceStrides
  let isEveryStep: Bool
  /// The initial states, the model's own if nil, and the destination of the final states.
  let initial: StateStorage?
  let final: StateStorage?

  func run(worker: Int, workers: Int) {
    let memory = network.makeMemory()
    let rows = AlignedFloats(count: StreamingNetwork.stepsAtOnce * max(plan.input.rows, 1))
    let tokens = UnsafeMutablePointer<Int32>.allocate(capacity: StreamingNetwork.stepsAtOnce)
    defer { tokens.deallocate() }
    var state = [Float](repeating: 0, count: plan.stateSize)
    // Lengths often are in some order: neighbors go to different workers.
    for (position, sample) in source.samples.enumerated() where position % workers == worker {
      network.reset(memory.base)
      if let initial {
        eachState(of: position, in: initial) { state[$1] = $0.pointee }
        network.setState(state, memory.base)
      }
      let length = source.lengths.map { Int($0[Int(sample)]) } ?? source.stepCount
      for first in stride(from: 0, to: length, by: StreamingNetwork.stepsAtOnce) {
        let count = min(StreamingNetwork.stepsAtOnce, length - first)
        let inputs = inputs(of: Int(sample), steps: first..<first + count, rows: rows.base, tokens: tokens)
        let outputs = outputs + position * strides.sample
        run(inputs, steps: count, after: first, of: length, memory: memory.base, to: outputs)
      }
      if let final {
        network.copyState(memory.base, after: length, to: &state)
        eachState(of: position, in: final) { $0.pointee = state[$1] }
      }
    }
  }

  /// Runs some steps and writes the outputs of each, or those of a sequence's last step.
  private func run(
    _ inputs: StreamingLayer.Input, steps: Int, after past: Int, of length: Int, memory: Floats, to outputs: Floats
  ) {
    let isLast = past + steps == length
    let count = isEveryStep ? steps : isLast ? 1 : 0
    let to = outputs + (isEveryStep ? past * strides.step : 0)
    if !readsLayers {
      network.run(inputs, steps: steps, after: past, memory: memory, to: isEveryStep ? to : nil)
      if !isEveryStep && isLast {
        let last = network.lastOutputs(memory)
        for k in last.indices { to[k] = last[k] }
      }
      return
    }
    flushingDenormals {
      let rows = network.runLayers(inputs, steps: steps, after: past, everyStep: isEveryStep, memory: memory)
      for t in 0..<count { (to + t * strides.step).update(from: rows.base + t * rows.stride, count: plan.outputSize) }
    }
  }

  /// The inputs of some steps where they are, or converted.
  private func inputs(
    of sample: Int, steps: Range<Int>, rows: Floats, tokens: UnsafeMutablePointer<Int32>
  ) -> StreamingLayer.Input {
    let first = sample * source.strides.sample + steps.lowerBound * source.strides.step
    let size = plan.input.rows
    switch source.values {
    case .floats(let floats): return .rows(floats + first, stride: source.strides.step)
    case .bytes(let bytes, let scale):
      for t in 0..<steps.count {
        for k in 0..<size { rows[t * size + k] = scale * Float(bytes[first + t * source.strides.step + k]) }
      }
      return .rows(UnsafePointer(rows), stride: size)
    case .tokens(let all):
      for t in 0..<steps.count { tokens[t] = all[first + t * source.strides.step] }
      return .tokens(UnsafePointer(tokens))
    }
  }

  /// Visits the values of one sequence's state, each with its offset among them.
  private func eachState(of position: Int, in states: StateStorage, _ body: (Floats, Int) -> Void) {
    for plan in plan.directions {
      for component in 0..<plan.stateCount {
        let size = plan.size(of: component)
        let row = states.matrix(plan, component) + position * size
        for i in 0..<size { body(row + i, plan.stateOffset + plan.offset(of: component) + i) }
      }
    }
  }
}
