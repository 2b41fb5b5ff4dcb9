import RecurrentKernels
import RecurrentSupport

extension SequenceModel {
  /// The same network for inference, with smaller weights in its recurrent layers.
  ///
  /// ```swift
  /// let small = try model.reduced(to: .int8)
  /// try small.save(to: "small.safetensors")       // a quarter of the size
  /// var stream = try small.makeStream()
  /// ```
  ///
  /// ``parameters`` then are the values that the smaller weights stand for, and do not change. Batches are read sequence
  /// by sequence, so that a stream and a batch give the same bits; large batches take longer than with floats. To train
  /// or to trace the network, take `reduced(to: .float)`, which has the same rounded values.
  ///
  /// - Parameter precision: how the weights are stored.
  /// - Returns: the network, with weights rounded to the nearest value that the precision has.
  /// - Throws: ``InputError`` if a layer has an option that only floats have: it reads in reverse, its cell is not an LSTM,
  ///   GRU, MGU or Elman cell of tanh or ReLU, each without options, it has zoneout; or, for eight bits, its states may lie
  ///   beyond ±1, because of ReLU or of a learned initial state.
  /// - Complexity: O(parameters).
  public func reduced(to precision: WeightPrecision) throws(InputError) -> SequenceModel {
    var copy = self
    copy.reducedNetwork = nil
    copy.precision = precision
    if precision == .float { return copy }
    try checkReduction(to: precision)
    var parameters = parameters
    parameters.values.withMutablePointer { values in
      for plan in plan.directions {
        rk_stream_round(precision.kernelValue, values + plan.inputWeights, plan.inputRows, plan.inputSize)
        rk_stream_round(precision.kernelValue, values + plan.hiddenWeights, plan.hiddenRows, plan.outputSize)
      }
    }
    copy.parameters = parameters
    copy.reducedNetwork = StreamingNetwork(plan, layers: layers, parameters: parameters, precision: precision)
    return copy
  }

  /// Throws unless weights are floats, as all that reads gates or gradients needs.
  func checkHasFloats() throws(InputError) {
    if precision == .float { return }
    throw InputError(
      .network, found: "a network with \(precision) weights, which is for inference only",
      expected: "float weights, such as those of reduced(to: .float)")
  }

  private func checkReduction(to precision: WeightPrecision) throws(InputError) {
    for plan in plan.directions {
      guard let fault = fault(of: plan, precision) else { continue }
      throw InputError(
        .network, found: "layer \(plan.level) with \(fault.found) for \(precision) weights",
        expected: "\(fault.expected); only float weights have the others")
    }
  }

  private func fault(of plan: DirectionPlan, _ precision: WeightPrecision) -> (found: String, expected: String)? {
    let layer = layers[plan.level]
    if layer.readsInReverse { return ("a direction that reads in reverse", "layers that read forward only") }
    if plan.regularization.hasZoneout { return ("zoneout", "layers without it") }
    guard let cell = plan.streamCell else {
      return ("a cell '\(plan.cell.kind)'", "an LSTM, GRU, MGU or Elman cell of tanh or ReLU without options")
    }
    if precision != .int8 { return nil }
    if cell == RK_STREAM_RELU { return ("ReLU, whose states have no bound,", "tanh, or bf16 weights") }
    let initial = plan.initialState.map { parameters.values[$0..<$0 + plan.outputSize] } ?? []
    if let value = initial.first(where: { !(abs($0) <= 1) }) {
      return ("\(value) in its learned initial state", "-1 to 1, or bf16 weights")
    }
    return nil
  }
}
