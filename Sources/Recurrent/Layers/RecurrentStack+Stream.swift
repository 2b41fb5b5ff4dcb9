import RecurrentKernels
import RecurrentSupport

/// A single long sequence, read as a stream: its units fill the vectors, while in a tile it would fill one lane of
/// eight.
extension RecurrentStack {
  /// Fewer steps take less time than transposing a stream's weights.
  private static let fewestSteps = 128

  /// Whether a batch is read as a stream, which gives the same bits in an eighth of the operations.
  ///
  /// A custom cell may not support units as lanes, and wide layers are divided among all threads instead.
  func readsAsStream(_ inputs: Tensor, layout: SequenceLayout) -> Bool {
    let sizes = layout.sizes(of: inputs.shape)
    return sizes.count == 1 && sizes.steps >= Self.fewestSteps && !plan.readsInReverse
      && !plan.sharesTiles
      && cells.allSatisfy {
        $0 is LSTMCell || $0 is GRUCell || $0 is ElmanCell || $0 is MGUCell || $0 is IndRNNCell
      }
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
    let network = StreamingNetwork(plan, layers: layers, parameters: parameters)
    let memory = network.makeMemory()
    var state = initial ?? zeroState(batchSize: 1)
    network.setState(state.values, memory.base)
    var outputs = Tensor(zeros: layout.shape(count: 1, steps: steps, features: plan.outputSize))
    let rounding = rk_flush_denormals()
    inputs.values.withPointer { inputs in
      outputs.values.withMutablePointer { outputs in
        for first in stride(from: 0, to: length, by: StreamingNetwork.stepsAtOnce) {
          let count = min(StreamingNetwork.stepsAtOnce, length - first)
          let rows = network.runLayers(
            rk_stream_input(inputs + first * plan.inputSize, row: plan.inputSize), steps: count, after: first,
            memory: memory.base)
          for t in 0..<count {
            (outputs + (first + t) * plan.outputSize).update(
              from: rows.base + t * rows.row, count: plan.outputSize)
          }
        }
      }
    }
    rk_restore_rounding(rounding)
    network.copyState(memory.base, after: length, to: &state.values)
    return (outputs, state)
  }
}
