import RecurrentKernels
import RecurrentSupport

/// A single long sequence, read as a stream is: its units fill the vectors, where of a tile's eight lanes it would fill one.
extension RecurrentStack {
  /// Fewer steps are done before a stream has its weights in order.
  private static let fewestSteps = 128
  private static let stepsAtOnce = 256

  /// Whether a batch is read as a stream: to the same bits, in an eighth of the operations.
  ///
  /// A cell of a user's own may not know units as lanes, and wide layers are shared by all threads instead.
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
      "the network reads \(plan.inputSize) features a step; the batch has \(inputs.shape[2])")
    if let initial { check(initial, batchSize: 1) }
    var weights: [Float] = []
    var memorySize = 0
    let streams = zip(plan.layers, layers).map {
      StreamingLayer(
        $0, isResidual: $1.isResidual, parameters: parameters.values, weights: &weights,
        memorySize: &memorySize)
    }
    let aligned = AlignedFloats(weights)
    let roomSize = wholeLines(Self.stepsAtOnce * (streams.map(\.roomSize).max() ?? 0))
    let room = AlignedFloats(count: wholeLines(memorySize) + 2 * roomSize)
    // Both are kept until the end: what follows knows their memory alone.
    defer { withExtendedLifetime((aligned, room)) {} }
    let memory = room.base
    if let initial {
      for (stream, layer) in zip(streams, initial.layers) {
        for (component, tensor) in layer.components.enumerated() {
          stream.setState(component, to: tensor.values, memory: memory)
        }
      }
    }
    var outputs = Tensor(zeros: layout.shape(count: 1, steps: steps, features: plan.outputSize))
    let rounding = rk_flush_denormals()
    inputs.values.withPointer { inputs in
      outputs.values.withMutablePointer { outputs in
        for first in stride(from: 0, to: length, by: Self.stepsAtOnce) {
          let count = min(Self.stepsAtOnce, length - first)
          let (x, xRow) = streams.run(
            inputs + first * plan.inputSize, plan.inputSize, steps: count, weights: aligned.base, memory: memory,
            rooms: memory + wholeLines(memorySize), roomSize: roomSize)
          for t in 0..<count {
            (outputs + (first + t) * plan.outputSize).update(
              from: x + t * xRow, count: plan.outputSize)
          }
        }
      }
    }
    rk_restore_rounding(rounding)
    let states = zip(cells, streams).map { cell, stream in
      cell.makeState(
        (0..<stream.plan.stateCount).map { component in
          let values = stream.stateValues(component, memory: memory)
          return Tensor(known: [1, values.count], values: values)
        })
    }
    return (outputs, StackState(states))
  }
}
