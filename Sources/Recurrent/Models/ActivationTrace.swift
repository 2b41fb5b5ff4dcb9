/// The gates, states and probabilities of a network after every step of one sequence.
public struct ActivationTrace: Sendable, Equatable {
  /// The activations of one layer.
  public struct Layer: Sendable, Equatable {
    /// The activations of a gate at every step, `[time][unit]`.
    public struct Gate: Sendable, Equatable {
      /// The gate's name, as in ``RecurrentCell/gateNames``.
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
    /// For an LSTM, the second component is the cell state.
    public internal(set) var states: [[[Float]]]
  }

  /// The layers, from the bottom up.
  public internal(set) var layers: [Layer]
  /// What the network would predict if the sequence ended after each step, `[time][class]`.
  public internal(set) var probabilities: [[Float]]
}

extension SequenceModel {
  /// Runs a sequence step by step and records the gates, states and probabilities after each step.
  ///
  /// The values are those that inference and training compute, bit for bit.
  ///
  /// - Parameter inputs: the features of all steps, `[time, input]`.
  /// - Returns: gates, states and probabilities, one row per step.
  /// - Throws: ``InputError`` unless `inputs` holds a whole number of steps, or if a layer reads in reverse.
  /// - Complexity: O(parameters) for each step, and O(time · hidden units) memory.
  public func trace(_ inputs: [Float]) throws(InputError) -> ActivationTrace {
    var stream = try makeStream()
    let (layers, size) = (stream.network.layers, stream.inputSize)
    var trace = ActivationTrace(layers: layers.map(\.emptyTrace), probabilities: [])
    guard inputs.count.isMultiple(of: size) else {
      try stream.run(inputs)
      return trace
    }
    for start in stride(from: 0, to: inputs.count, by: size) {
      try stream.step(Array(inputs[start..<start + size]))
      trace.probabilities.append(stream.probabilities)
      for (index, layer) in layers.enumerated() { layer.add(to: &trace.layers[index], memory: stream.memory.base) }
    }
    return trace
  }
}

extension StreamingLayer {
  /// The trace before the first step.
  fileprivate var emptyTrace: ActivationTrace.Layer {
    ActivationTrace.Layer(
      kind: plan.cell.kind, gates: plan.cell.gateNames.map { .init(name: $0, values: []) },
      states: Array(repeating: [], count: plan.stateCount))
  }

  /// Appends the values that a run of one step has left in memory.
  fileprivate func add(to trace: inout ActivationTrace.Layer, memory: Floats) {
    for gate in trace.gates.indices { trace.gates[gate].values.append(gateValues(gate, memory: memory)) }
    for component in trace.states.indices {
      trace.states[component].append(stateValues(component, memory: memory))
    }
  }
}
