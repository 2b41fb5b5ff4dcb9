import RecurrentKernels
import RecurrentSupport

/// A rule that turns gradients into better parameters.
///
/// Optimisers are values: a copy goes its own way from there on. Their state (momenta and the like) has one float per
/// parameter and slot, and is made at the first step.
public protocol Optimizer: Sendable {
  /// How far a step goes.
  var learningRate: Float { get set }

  /// Begins the next step and says how it changes each parameter.
  ///
  /// - Parameter parameterCount: the number of parameters, the same at every step.
  /// - Returns: the step, ready to be applied to any part of the parameters.
  mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate
}

extension Optimizer {
  /// Changes `parameters` by one step along `gradient`.
  ///
  /// - Parameters:
  ///   - parameters: the weights, changed in place.
  ///   - gradient: ∂loss/∂weights, under the same names.
  /// - Precondition: both have the same entries.
  /// - Complexity: O(parameters).
  public mutating func update(_ parameters: inout Parameters, with gradient: Parameters) {
    require(parameters.entries == gradient.entries, "a gradient has the entries of its parameters")
    let count = parameters.count
    let update = nextUpdate(parameterCount: count)
    gradient.values.withUnsafeBufferPointer { gradient in
      parameters.values.withUnsafeMutableBufferPointer { values in
        guard let values = values.baseAddress, let gradient = gradient.baseAddress else { return }
        update.apply(to: values, gradient: gradient, range: 0..<count)
      }
    }
  }
}

/// One step of an optimiser, ready to be applied to any part of the parameters.
public struct OptimizerUpdate {
  enum Rule {
    case descent(rate: Float)
    case momentum(rk_momentum)
    case meanSquare(rk_mean_square)
    case adam(rk_adam)
    case lion(rk_lion)
  }

  let rule: Rule
  let state: OptimizerState

  /// Changes the parameters of a range.
  ///
  /// Ranges that do not overlap may be changed by several threads at once.
  func apply(to weights: Floats, gradient: UnsafePointer<Float>, range: Range<Int>) {
    let at = range.lowerBound
    switch rule {
    case .descent(let rate):
      kernels.addScaled(-rate, gradient + at, weights + at, range.count)
    case .momentum(let settings):
      kernels.momentum(settings, weights + at, gradient + at, state[0] + at, range.count)
    case .meanSquare(let settings):
      kernels.meanSquare(settings, weights + at, gradient + at, state[0] + at, range.count)
    case .lion(let settings):
      kernels.lion(settings, weights + at, gradient + at, state[0] + at, range.count)
    case .adam(let settings):
      kernels.adam(settings, weights + at, gradient + at, state[0] + at, state[1] + at, range.count)
    }
  }
}

/// Ends the process where a decay has the wrong sign.
func requireDecay(_ decay: Float) { require(decay >= 0, "a weight decay is not negative; found \(decay)") }

/// Ends the process where a running mean would never forget, or would forget more than all.
func requireBetas(_ beta1: Float, _ beta2: Float) {
  require(
    beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "β₁ and β₂ lie in 0..<1; found \(beta1) and \(beta2)")
}
