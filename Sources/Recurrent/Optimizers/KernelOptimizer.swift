import RecurrentKernels
import RecurrentSupport

/// An optimizer whose rule is a kernel with coefficients that are known before the step.
protocol KernelOptimizer: Optimizer {
  var memory: OptimizerMemory { get set }

  /// The coefficients of the step with the number `state.stepCount`.
  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule
}

extension KernelOptimizer {
  /// Starts the next step on all parameters at once.
  ///
  /// - Parameter parameterCount: the number of parameters, the same at every step.
  /// - Returns: the step, ready to be applied to any part of the parameters, by any thread.
  /// - Precondition: the count is that of the steps before.
  /// - Complexity: O(1); O(parameters) in the first step, and in the first step of a copy.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate? {
    let state = memory.nextStep(count: parameterCount)
    return OptimizerUpdate(rule: rule(for: state), state: state)
  }

  /// Updates one tensor by one step, with its own state, which is kept by name.
  ///
  /// For custom optimizers that delegate to others, such as one with a learning rate per layer. The result has the same
  /// bits as a step on all parameters at once.
  ///
  /// - Parameters:
  ///   - parameter: the elements of the tensor, changed in place.
  ///   - gradient: ∂loss/∂parameter, element by element.
  ///   - name: the key of the tensor's state.
  /// - Precondition: both have as many elements as in the steps before.
  /// - Complexity: O(elements).
  public mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    let count = parameter.count
    require(gradient.count == count, "expected a gradient of \(count) elements; found \(gradient.count)")
    let state = memory.nextStep(count: count, named: name)
    let update = OptimizerUpdate(rule: rule(for: state), state: state)
    parameter.withUnsafeMutableBufferPointer { parameter in
      gradient.withUnsafeBufferPointer { gradient in
        guard let parameter = parameter.baseAddress, let gradient = gradient.baseAddress else { return }
        flushingDenormals { update.apply(to: parameter, gradient: gradient, range: 0..<count) }
      }
    }
  }
}
