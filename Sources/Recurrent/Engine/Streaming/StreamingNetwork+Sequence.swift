import RecurrentKernels

/// A single long sequence, read as a stream: its units fill the vectors, while in a tile it would fill one lane of eight;
/// and memory does not grow with its length.
extension NetworkPlan {
  /// Fewer steps take less time than packing a stream's weights.
  private static let fewestSteps = 128

  /// Whether sequences are read as a stream, which gives the same bits in an eighth of the operations.
  ///
  /// A custom cell may not support units as lanes, and wide layers are divided among all threads instead.
  func readsAsStream(count: Int, steps: Int) -> Bool {
    count == 1 && steps >= Self.fewestSteps && !readsInReverse && !sharesTiles
      && directions.allSatisfy { CellRegistry.isBuiltIn($0.cell) }
  }
}

extension StreamingNetwork {
  /// Reads the first sequence of a batch from its first step to its length.
  ///
  /// - Parameters:
  ///   - source: the inputs.
  ///   - length: the number of steps, at least 1.
  ///   - initial: the state before the first step; nil for that of the model.
  ///   - final: receives the state after the last step if it is not nil.
  ///   - readsLayers: whether the outputs of the layers are wanted, rather than those of the head.
  ///   - isEveryStep: whether outputs of every step are wanted, rather than those of the last.
  ///   - outputs: receives them, one row after another.
  func read(
    _ source: SequenceSource, length: Int, from initial: [Float]?, final: inout [Float]?, readsLayers: Bool,
    isEveryStep: Bool, to outputs: Floats
  ) {
    let memory = makeMemory()
    if let initial { setState(initial, memory.base) }
    let size = readsLayers ? layerOutputSize : outputSize
    let rounding = rk_flush_denormals()
    source.eachBlock(of: Self.stepsAtOnce, upTo: length) { x, steps in
      let to = isEveryStep ? outputs + steps.lowerBound * size : nil
      if !readsLayers {
        run(x, steps: steps.count, after: steps.lowerBound, memory: memory.base, to: to)
        return
      }
      let rows = runLayers(x, steps: steps.count, after: steps.lowerBound, memory: memory.base)
      for t in isEveryStep ? 0..<steps.count : steps.count - 1..<steps.count {
        (to.map { $0 + t * size } ?? outputs).update(from: rows.base + t * rows.row, count: size)
      }
    }
    rk_restore_rounding(rounding)
    if !readsLayers && !isEveryStep {
      let last = lastOutputs(memory.base)
      for k in 0..<size { outputs[k] = last[k] }
    }
    if var state = final {
      copyState(memory.base, after: length, to: &state)
      final = state
    }
  }
}

extension SequenceSource {
  /// Calls `body` with the steps of the first sequence, block by block.
  fileprivate func eachBlock(of size: Int, upTo length: Int, _ body: (rk_stream_input, Range<Int>) -> Void) {
    let first = Int(samples[0]) * strides.sample
    func eachRange(_ body: (Range<Int>) -> Void) {
      for start in stride(from: 0, to: length, by: size) { body(start..<min(start + size, length)) }
    }
    switch inputs {
    case .floats(let values, _):
      values.withPointer { values in
        eachRange { body(rk_stream_input(values + first + $0.lowerBound * strides.step, row: strides.step), $0) }
      }
    case .bytes(let bytes, let scale, let features):
      var block = [Float](repeating: 0, count: size * features)
      eachRange { steps in
        for (row, t) in steps.enumerated() {
          for i in 0..<features { block[row * features + i] = Float(bytes[first + t * strides.step + i]) * scale }
        }
        block.withPointer { body(rk_stream_input($0, row: features), steps) }
      }
    case .tokens(let tokens, _):
      var block = [Int32](repeating: 0, count: size)
      eachRange { steps in
        for (row, t) in steps.enumerated() { block[row] = tokens[first + t * strides.step] }
        block.withPointer { body(rk_stream_input(features: nil, row: 0, tokens: $0), steps) }
      }
    }
  }
}
