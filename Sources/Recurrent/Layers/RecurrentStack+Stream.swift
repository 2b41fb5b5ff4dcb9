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
    let (first, size) = (state.values, plan.outputSize)
    var outputs = Tensor(zeros: layout.shape(count: 1, steps: steps, features: size))
    let source = SequenceSource(
      inputs: .floats(inputs.values, features: plan.inputSize),
      strides: SequenceStrides(sample: 0, step: plan.inputSize), stepCount: steps, samples: [0],
      lengths: [Int32(length)])
    let network = StreamingNetwork(plan, layers: layers, parameters: parameters)
    outputs.values.withMutablePointer { outputs in
      first.withPointer { first in
        state.values.withMutablePointer { final in
          StreamedPass(
            network: network, plan: plan, source: source, readsLayers: true, outputs: outputs,
            strides: SequenceStrides(sample: 0, step: size), isEveryStep: true,
            initial: StateStorage(reading: first, batchSize: 1), final: StateStorage(base: final, batchSize: 1)
          ).run(worker: 0, workers: 1)
        }
      }
    }
    return (outputs, state)
  }
}
