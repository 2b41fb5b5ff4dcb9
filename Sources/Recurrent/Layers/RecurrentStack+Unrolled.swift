import RecurrentSupport

extension RecurrentStack {
  /// The static form: from a list of steps to a list of outputs, as in TensorFlow 1's `static_rnn`.
  ///
  /// The same computation as calling the stack with one `[batch, time, input]` tensor.
  ///
  /// - Parameters:
  ///   - steps: the inputs of each step, `[batch, input]`.
  ///   - state: the state before the first step; zeros if nil.
  ///   - lengths: the true length of each sequence; nil if all are full.
  /// - Returns: the outputs of each step, `[batch, hidden]`, and the final state.
  /// - Precondition: there is a step, or a state to return, and all steps have the same shape; lengths and state as for
  ///   ``callAsFunction(_:from:lengths:layout:)``.
  /// - Complexity: that of calling the stack, and copies of inputs and outputs.
  public func unrolled(
    _ steps: [Tensor], from state: StackState? = nil, lengths: [Int]? = nil
  ) -> (outputs: [Tensor], finalState: StackState) {
    if steps.isEmpty, let state { return ([], state) }
    let (outputs, finalState) = self(Tensor.stackingSteps(steps), from: state, lengths: lengths)
    return (outputs.steps, finalState)
  }
}

extension Tensor {
  /// One `[batch, time, feature]` tensor from the `[batch, feature]` tensors of its steps.
  ///
  /// - Parameter steps: `[batch, feature]` each.
  /// - Returns: `[batch, time, feature]`.
  /// - Precondition: there is at least one step, and all have the same shape.
  /// - Complexity: copies all values.
  public static func stackingSteps(_ steps: [Tensor]) -> Tensor {
    guard let first = steps.first else { fatalError("a sequence needs at least one step") }
    require(
      first.shape.count == 2 && steps.allSatisfy { $0.shape == first.shape },
      "steps must be [batch, feature] and of the same shape; found \(steps.map(\.shape))")
    let (batch, features) = (first.shape[0], first.shape[1])
    var values: [Float] = []
    values.reserveCapacity(batch * steps.count * features)
    for sample in 0..<batch {
      for step in steps { values.append(contentsOf: step.values[sample * features..<(sample + 1) * features]) }
    }
    return Tensor(known: [batch, steps.count, features], values: values)
  }

  /// The steps of a `[batch, time, feature]` tensor, each `[batch, feature]`.
  ///
  /// - Precondition: the tensor has three dimensions.
  /// - Complexity: copies all values.
  public var steps: [Tensor] {
    require(shape.count == 3, "expected [batch, time, feature]; found \(shape)")
    let (batch, time, features) = (shape[0], shape[1], shape[2])
    return (0..<time).map { t in
      var step: [Float] = []
      step.reserveCapacity(batch * features)
      for sample in 0..<batch {
        let first = (sample * time + t) * features
        step.append(contentsOf: values[first..<first + features])
      }
      return Tensor(known: [batch, features], values: step)
    }
  }

  /// The outputs at each sequence's last step, `[batch, feature]`, of a `[batch, time, feature]` tensor; zeros for
  /// sequences of length 0.
  ///
  /// - Parameter lengths: the true lengths; nil if all are full.
  /// - Precondition: the tensor has three dimensions; there is a length for each sequence, from 0 to the number of
  ///   steps.
  /// - Complexity: O(batch · features).
  public func last(lengths: [Int]? = nil) -> Tensor {
    require(shape.count == 3, "expected [batch, time, feature]; found \(shape)")
    let (batch, time, features) = (shape[0], shape[1], shape[2])
    var result = Tensor(zeros: [batch, features])
    for sample in 0..<batch {
      let length = lengths?[sample] ?? time
      require(length >= 0 && length <= time, "length \(length) of \(time) steps")
      if length == 0 { continue }
      let first = (sample * time + length - 1) * features
      for i in 0..<features { result.values[sample * features + i] = values[first + i] }
    }
    return result
  }
}
