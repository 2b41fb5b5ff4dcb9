import RecurrentKernels
import RecurrentSupport

/// An optimiser whose rule is one of the kernels', with coefficients that are known before the step.
protocol KernelOptimizer: Optimizer {
  var memory: OptimizerMemory { get set }

  /// The coefficients of the step that `state` has just counted.
  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule
}

extension KernelOptimizer {
  /// Begins the next step on all parameters at once.
  ///
  /// - Parameter parameterCount: the number of parameters, the same at every step.
  /// - Returns: the step, ready to be applied to any part of the parameters, by any thread.
  /// - Precondition: the count is that of the steps before.
  /// - Complexity: O(1); O(parameters) in the first step, and in the first step of a copy.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate? {
    let state = memory.nextStep(count: parameterCount)
    return OptimizerUpdate(rule: rule(for: state), state: state)
  }

  /// Changes one tensor by one step along its gradient, with state of its own, kept by name.
  ///
  /// For an optimiser that has others work for it, such as one with a rate for each layer. The result has the bits of a
  /// step on all parameters at once.
  ///
  /// - Parameters:
  ///   - parameter: the elements of the tensor, changed in place.
  ///   - gradient: ∂loss/∂parameter, element by element.
  ///   - name: what the tensor's state is kept under.
  /// - Precondition: both have as many elements as in the steps before.
  /// - Complexity: O(elements).
  public mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    let count = parameter.count
    require(gradient.count == count, "a gradient of \(count) elements was expected; found \(gradient.count)")
    let state = memory.nextStep(count: count, named: name)
    let update = OptimizerUpdate(rule: rule(for: state), state: state)
    parameter.withUnsafeMutableBufferPointer { parameter in
      gradient.withUnsafeBufferPointer { gradient in
        guard let parameter = parameter.baseAddress, let gradient = gradient.baseAddress else { return }
        update.apply(to: parameter, gradient: gradient, range: 0..<count)
      }
    }
  }
}
