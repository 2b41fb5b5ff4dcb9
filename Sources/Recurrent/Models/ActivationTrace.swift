import RecurrentSupport

/// The gates, states and predictions of a network at every step of one sequence.
public struct ActivationTrace: Sendable, Equatable {
  /// The activations of one layer, or of one direction of a bidirectional layer.
  public struct Layer: Sendable, Equatable {
    /// The activations of a gate at every step, `[time][unit]`.
    public struct Gate: Sendable, Equatable {
      /// The gate's name, as in ``RecurrentCell/gateNames``.
      public let name: String
      /// One row of `hiddenSize` values for each step, `[time][unit]`.
      public let values: [[Float]]
    }

    /// The index of the layer, from 0 at the bottom.
    public let level: Int
    /// Whether it reads in reverse.
    public let isReverse: Bool
    /// The cell's kind, as in `lstm` or `gru-reset-before`.
    public let kind: String
    /// The gates that the cell has names for.
    public let gates: [Gate]
    /// The state after every step, component by component, the hidden state first: `[component][time][unit]`.
    ///
    /// For an LSTM, the second component is the cell state. After a step, a layer that reads in reverse has read that
    /// step and all later ones.
    public let states: [[[Float]]]

    /// The layer in a word, as in `layer0`, or `layer0.reverse` if it reads in reverse.
    public var name: String { traceName(level: level, isReverse: isReverse) }
  }

  /// The layers, from the bottom up; both directions of a bidirectional layer, forward before reverse.
  public let layers: [Layer]
  /// What the network would predict if the sequence ended after each step, `[time][output]`: probabilities of classes or
  /// labels, or values.
  ///
  /// If the network reads in reverse and predicts after the last step, these are predictions for the first steps read as a
  /// whole sequence, while ``layers`` belong to the sequence itself.
  public let probabilities: [[Float]]
  /// What ``probabilities`` are: of classes, of labels, or values.
  public let output: ModelConfiguration.Output

  /// The number of steps.
  public var stepCount: Int { probabilities.count }
}

extension SequenceModel {
  /// Runs a sequence of features and records gates, states and predictions at each step.
  ///
  /// The values are those that inference and training compute, bit for bit.
  ///
  /// - Parameter inputs: the features of all steps, `[time, input]`.
  /// - Returns: gates, states and predictions, one row per step.
  /// - Throws: ``InputError`` unless the network reads features and `inputs` holds a whole number of steps.
  /// - Complexity: one forward pass over the sequence, and O(time · gates and states) memory; for a network that reads in
  ///   reverse and predicts after the last step, one pass more for each step.
  public func trace(_ inputs: [Float]) throws(InputError) -> ActivationTrace {
    guard !plan.input.readsTokens, inputs.count.isMultiple(of: inputSize) else {
      throw InputError(
        .size, found: quantity(inputs.count, "value"),
        expected: plan.input.readsTokens
          ? "tokens, of \(inputSize)" : "whole steps of \(quantity(inputSize, "feature"))")
    }
    let rows = Tensor(known: [1, inputs.count / inputSize, inputSize], values: inputs)
    return try trace(SequenceBatch(rows, targets: .classes([0], count: 1)))
  }

  /// Runs a sequence of tokens and records gates, states and predictions at each step.
  ///
  /// The values are those that inference and training compute, bit for bit.
  ///
  /// - Parameter tokens: the tokens of all steps.
  /// - Returns: gates, states and predictions, one row per step.
  /// - Throws: ``InputError`` unless the network reads tokens, and these are in its vocabulary.
  /// - Complexity: as for features.
  public func trace(tokens: [Int]) throws(InputError) -> ActivationTrace {
    try trace(SequenceBatch(tokens: [tokens], tokenCount: inputSize, targets: .classes([0], count: 1)))
  }

  /// The trace of a batch of one sequence.
  private func trace(_ batch: SequenceBatch) throws(InputError) -> ActivationTrace {
    try checkHasFloats()
    try check(batch, needsTargets: false)
    var layers: [ActivationTrace.Layer] = []
    var outputs = logits(for: batch, everyStep: true) { layers = $0.activations }
    if plan.readsInReverse && !plan.readsEveryStep { outputs = logitsOfPrefixes(of: batch) }
    return ActivationTrace(
      layers: layers, probabilities: configuration.output.predictions(outputs).rowsOfSteps,
      output: configuration.output)
  }
}

extension TiledBatch {
  /// The activations of all directions, if the tiles keep all steps of a single sequence.
  fileprivate var activations: [ActivationTrace.Layer] {
    zip(network.directions, layout.directions).map { plan, regions in
      let gates = plan.cell.gateNames.enumerated().map { index, name in
        ActivationTrace.Layer.Gate(
          name: name,
          values: steps(size: plan.hiddenSize) { regions.gates($0, slot: $1, row: index * plan.hiddenSize) }
            .rowsOfSteps)
      }
      let states = (0..<plan.stateCount).map { component in
        steps(size: plan.size(of: component)) {
          regions.state($0, slot: plan.slot(after: $1), row: plan.row(of: component))
        }.rowsOfSteps
      }
      return ActivationTrace.Layer(
        level: plan.level, isReverse: plan.isReverse, kind: plan.cell.kind, gates: gates, states: states)
    }
  }
}

/// The name of a layer, or of a direction of one, in traces.
func traceName(level: Int, isReverse: Bool) -> String { "layer\(level)" + (isReverse ? ".reverse" : "") }

extension Tensor {
  /// The rows of `[1, time, size]`.
  fileprivate var rowsOfSteps: [[Float]] {
    let size = shape[2]
    return (0..<shape[1]).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }
}
