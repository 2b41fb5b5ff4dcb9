/// How a network reads one sequence: what is inside it after every step.
public struct ActivationTrace: Sendable, Equatable {
  /// What one layer does.
  public struct Layer: Sendable, Equatable {
    /// The values of a gate's units at every step, after its function, `[time][unit]`.
    public struct Gate: Sendable, Equatable {
      /// What the cell calls the gate, as in ``RecurrentCell/gateNames``.
      public let name: String
      /// One row of `hiddenSize` values for each step, `[time][unit]`.
      public internal(set) var values: [[Float]]
    }

    /// The cell's kind, as in `lstm` or `gru-reset-before`.
    public let kind: String
    /// The gates that the cell has names for.
    public internal(set) var gates: [Gate]
    /// The state after every step, component by component, the hidden state first: `[component][time][unit]`.
    ///
    /// Of an LSTM, the second component is the cell state.
    public internal(set) var states: [[[Float]]]
  }

  /// The layers, from the bottom up.
  public internal(set) var layers: [Layer]
  /// What the network would say if the sequence ended after each step, `[time][class]`.
  public internal(set) var probabilities: [[Float]]
}

extension StreamingClassifier {
  /// Reads a sequence step by step and keeps what the gates, the states and the head say after each.
  ///
  /// The values are those that every other way to run the network computes, bit for bit: an explanation, not a model of
  /// one.
  ///
  /// - Parameter inputs: the features of all steps, `[time, input]`.
  /// - Returns: gates, states and probabilities, a row for each step; no rows for no steps.
  /// - Throws: ``InputError`` unless `inputs` holds a whole number of steps.
  /// - Complexity: that of ``step(_:_:)-([Float],_)`` for each step, and O(time · hidden units) memory.
  public func reading(_ inputs: [Float]) throws(InputError) -> ActivationTrace {
    try checkSteps(inputs.count)
    var reading = ActivationTrace(layers: layers.map(\.emptyReading), probabilities: [])
    var stream = makeStream()
    for start in stride(from: 0, to: inputs.count, by: inputSize) {
      try step(Array(inputs[start..<start + inputSize]), &stream)
      reading.probabilities.append(stream.probabilities)
      for (index, layer) in layers.enumerated() { layer.add(to: &reading.layers[index], memory: stream.memory.base) }
    }
    return reading
  }
}

extension StreamingLayer {
  /// The reading of a sequence without steps.
  fileprivate var emptyReading: ActivationTrace.Layer {
    ActivationTrace.Layer(
      kind: plan.cell.kind, gates: plan.cell.gateNames.map { .init(name: $0, values: []) },
      states: Array(repeating: [], count: plan.stateCount))
  }

  /// Adds what a run of one step has left in memory.
  fileprivate func add(to reading: inout ActivationTrace.Layer, memory: Floats) {
    for gate in reading.gates.indices { reading.gates[gate].values.append(gateValues(gate, memory: memory)) }
    for component in reading.states.indices {
      reading.states[component].append(stateValues(component, memory: memory))
    }
  }
}
