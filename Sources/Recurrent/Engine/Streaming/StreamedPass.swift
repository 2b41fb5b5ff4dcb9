import RecurrentKernels

extension NetworkPlan {
  /// Fewer steps take less time than packing a stream's weights.
  private static let fewestSteps = 128

  /// Whether a batch is read as a stream, which gives the same bits.
  ///
  /// A single long sequence is: its units fill the vectors, while in a tile it would fill one lane of eight, and its
  /// memory does not grow with its length. But a custom cell may not support units as lanes, and wide layers are divided
  /// among all threads instead.
  func readsAsStream(count: Int, steps: Int) -> Bool {
    count == 1 && steps >= Self.fewestSteps && !readsInReverse && !sharesTiles(ofSamples: 1)
      && directions.allSatisfy { CellRegistry.isBuiltIn($0.cell) }
  }
}

/// The outputs for a batch whose sequences are read one by one, as streams.
///
/// Weights of reduced precision have no other kernels, and one long sequence has no faster ones. Each worker reads its
/// share of the sequences.
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
    if worker >= source.samples.count { return }
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
    _ inputs: rk_stream_input, steps: Int, after past: Int, of length: Int, memory: Floats, to outputs: Floats
  ) {
    let isLast = past + steps == length
    let to = outputs + (isEveryStep ? past * strides.step : 0)
    if !readsLayers {
      network.run(inputs, steps: steps, after: past, memory: memory, to: isEveryStep ? to : nil)
      if !isEveryStep && isLast {
        let last = network.lastOutputs(memory)
        for k in last.indices { to[k] = last[k] }
      }
      return
    }
    let rounding = rk_flush_denormals()
    let rows = network.runLayers(inputs, steps: steps, after: past, memory: memory)
    rk_restore_rounding(rounding)
    if isEveryStep {
      for t in 0..<steps { (to + t * strides.step).update(from: rows.base + t * rows.row, count: plan.outputSize) }
    } else if isLast {
      to.update(from: rows.base + (steps - 1) * rows.row, count: plan.outputSize)
    }
  }

  /// The inputs of some steps, copied to a place that stays where it is, as floats or tokens.
  private func inputs(
    of sample: Int, steps: Range<Int>, rows: Floats, tokens: UnsafeMutablePointer<Int32>
  ) -> rk_stream_input {
    let first = sample * source.strides.sample + steps.lowerBound * source.strides.step
    let (size, step) = (plan.input.rows, source.strides.step)
    switch source.inputs {
    case .floats(let floats, _):
      for t in 0..<steps.count { for k in 0..<size { rows[t * size + k] = floats[first + t * step + k] } }
    case .bytes(let bytes, let scale, _):
      for t in 0..<steps.count {
        for k in 0..<size { rows[t * size + k] = scale * Float(bytes[first + t * step + k]) }
      }
    case .tokens(let all, _):
      for t in 0..<steps.count { tokens[t] = all[first + t * step] }
      return rk_stream_input(features: nil, row: 0, tokens: tokens)
    }
    return rk_stream_input(rows, row: size)
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
