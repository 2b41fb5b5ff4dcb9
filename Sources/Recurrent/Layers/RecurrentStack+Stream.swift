import RecurrentSupport

extension RecurrentStack {
  /// Whether a batch is read as a stream is.
  func readsAsStream(_ inputs: Tensor, layout: SequenceLayout) -> Bool {
    let sizes = layout.sizes(of: inputs.shape)
    return plan.readsAsStream(count: sizes.count, steps: sizes.steps)
  }

  /// Outputs and final state of a batch of one sequence.
  func readAsStream(
    _ inputs: Tensor, from initial: StackState?, lengths: [Int]?, layout: SequenceLayout
  ) -> (outputs: Tensor, finalState: StackState) {
    let steps = layout.sizes(of: inputs.shape).steps
    let length = lengths?.first ?? steps
    require(lengths?.count ?? 1 == 1, "one length per sequence")
    require(length >= 0 && length <= steps, "lengths must lie in 0...\(steps)")
    require(
      inputs.shape[2] == plan.inputSize,
      "the network reads \(plan.inputSize) features per step; the batch has \(inputs.shape[2])")
    initial?.check(plan.directions, batchSize: 1)
    var state = initial ?? zeroState(batchSize: 1)
    var final: [Float]? = state.values
    var outputs = Tensor(zeros: layout.shape(count: 1, steps: steps, features: plan.outputSize))
    let source = SequenceSource(
      inputs: .floats(inputs.values, features: plan.inputSize),
      strides: SequenceStrides(sample: 0, step: plan.inputSize), stepCount: steps, samples: [0], lengths: nil)
    outputs.values.withMutablePointer { outputs in
      StreamingNetwork(plan, layers: layers, parameters: parameters).read(
        source, length: length, from: state.values, final: &final, readsLayers: true, isEveryStep: true, to: outputs)
    }
    if let final { state.values = final }
    return (outputs, state)
  }
}
