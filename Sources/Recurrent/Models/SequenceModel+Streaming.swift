import RecurrentKernels

/// Batches that are read as streams.
extension SequenceModel {
  /// The layers that read a batch as streams; nil if tiles are faster, or keep what a trace reads.
  func streamingNetwork(for batch: SequenceBatch, isTraced: Bool) -> StreamingNetwork? {
    guard batch.stepCount > 0, let length = batch.lengths.first else { return nil }
    if let reducedNetwork { return reducedNetwork }
    if isTraced || !plan.readsAsStream(count: batch.count, steps: length) { return nil }
    return StreamingNetwork(plan, layers: layers, parameters: parameters)
  }

  /// The outputs of sequences that are read as streams, see `outputs(for:)`.
  func streamedOutputs(
    _ network: StreamingNetwork, for batch: SequenceBatch, everyStep: Bool, readsLayers: Bool, from state: StackState?,
    final: inout StackState?
  ) -> Tensor {
    let size = readsLayers ? plan.outputSize : outputSize
    var outputs = Tensor(zeros: everyStep ? [batch.count, batch.stepCount, size] : [batch.count, size])
    if !everyStep && batch.lengths.contains(0) {
      // What a sequence without steps gives depends on the head alone.
      var (plain, none): (SequenceModel, StackState?) = (self, nil)
      plain.reducedNetwork = nil
      outputs = plain.outputs(
        for: batch.shortened(to: 0), everyStep: false, readsLayers: readsLayers, from: state, final: &none)
    }
    let strides = SequenceStrides(sample: everyStep ? batch.stepCount * size : size, step: size)
    outputs.values.withMutablePointer { outputs in
      withOptionalPointer(state?.values) { initial in
        func run(_ final: Floats?) {
          threads.run(
            StreamedPass(
              network: network, plan: plan, source: batch.source, readsLayers: readsLayers, outputs: outputs,
              strides: strides, isEveryStep: everyStep,
              initial: initial.map { StateStorage(reading: $0, batchSize: batch.count) },
              final: final.map { StateStorage(base: $0, batchSize: batch.count) }))
        }
        if final == nil { run(nil) } else { final?.values.withMutablePointer { run($0) } }
      }
    }
    return outputs
  }
}
