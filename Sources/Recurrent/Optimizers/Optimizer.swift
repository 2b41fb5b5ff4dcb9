import RecurrentKernels
import RecurrentSupport

/// A rule that updates parameters by their gradient to reduce the loss.
///
/// The library has ``SGD``, ``RMSProp``, ``Adagrad``, ``Adam``, ``AdamW``, ``Nadam`` and ``Lion``. A custom one needs a
/// learning rate and one method, and works wherever these do:
///
/// ```swift
/// struct SignDescent: Optimizer {
///   var learningRate: Float = 0.01
///
///   mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
///     for i in gradient.indices { parameter[i] -= gradient[i] > 0 ? learningRate : -learningRate }
///   }
/// }
/// ```
///
/// Keep state such as momenta, and step counts, in a dictionary by name.
///
/// Optimizers are values: a copy is independent of the original.
///
/// Cost: a built-in rule updates all parameters within the training step, on all threads. For a custom rule, the step
/// computes the gradient on all threads and ends; then the calling thread calls ``update(_:gradient:named:)`` for one
/// tensor after another. That costs the time of the method, on one thread. The step itself still does not allocate.
public protocol Optimizer: Sendable {
  /// η, the learning rate.
  var learningRate: Float { get set }

  /// Updates one tensor by one step.
  ///
  /// Called once for each tensor in each step, in the order of ``Parameters/entries``.
  ///
  /// - Parameters:
  ///   - parameter: w, the elements of the tensor in row-major order, changed in place.
  ///   - gradient: ∂loss/∂w, element by element, clipped if the step clips.
  ///   - name: the tensor's name, such as `weight_hh_l0`. If several parts are updated together, it is prefixed with
  ///     the index of the part: `1.weight`.
  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String)

  /// Starts a step of a built-in rule on all parameters at once; nil, the default, for a custom rule.
  ///
  /// A custom optimizer does not implement this.
  ///
  /// - Parameter parameterCount: the number of parameters, the same at every step.
  /// - Returns: the step, ready to be applied to any part of the parameters, by any thread.
  mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate?
}

extension Optimizer {
  /// Nil: a custom rule updates one tensor after another.
  ///
  /// - Parameter parameterCount: the number of parameters.
  /// - Returns: nil.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate? { nil }

  /// Updates the weights of a model, a layer or ``Parameters`` by one step.
  ///
  /// - Parameters:
  ///   - part: has the weights, which change in place.
  ///   - gradient: ∂loss/∂weights, with the same names.
  /// - Precondition: the gradient has the names and shapes of the weights; the optimizer has updated as many parameters
  ///   before, or none.
  /// - Complexity: O(parameters), on all threads for a built-in rule.
  public mutating func update(_ part: inout some Parameterized, with gradient: Parameters) {
    let update = nextUpdate(parameterCount: gradient.count)
    apply(update, to: &part.parameters, gradient)
  }

  /// Updates the weights of two parts by one common step.
  ///
  /// ```swift
  /// optimizer.update(&stack, &head, with: stackGradient.parameters, headGradient.parameters)
  /// ```
  ///
  /// - Parameters:
  ///   - first: has weights, which change in place.
  ///   - second: has weights, which change in place.
  ///   - firstGradient: ∂loss/∂weights of the first part, by name.
  ///   - secondGradient: ∂loss/∂weights of the second part, by name.
  /// - Precondition: gradients have the names and shapes of the weights; the optimizer has updated as many parameters
  ///   before, or none.
  /// - Complexity: O(parameters), on all threads for a built-in rule.
  public mutating func update(
    _ first: inout some Parameterized, _ second: inout some Parameterized, with firstGradient: Parameters,
    _ secondGradient: Parameters
  ) {
    let update = nextUpdate(parameterCount: firstGradient.count + secondGradient.count)
    apply(update, to: &first.parameters, firstGradient, prefix: "0.")
    apply(update, to: &second.parameters, secondGradient, prefix: "1.", offset: firstGradient.count)
  }

  /// Updates the weights of three parts, such as an embedding, a stack and a head, by one common step.
  ///
  /// - Parameters:
  ///   - first: has weights, which change in place.
  ///   - second: has weights, which change in place.
  ///   - third: has weights, which change in place.
  ///   - firstGradient: ∂loss/∂weights of the first part, by name.
  ///   - secondGradient: ∂loss/∂weights of the second part, by name.
  ///   - thirdGradient: ∂loss/∂weights of the third part, by name.
  /// - Precondition: gradients have the names and shapes of the weights; the optimizer has updated as many parameters
  ///   before, or none.
  /// - Complexity: O(parameters), on all threads for a built-in rule.
  public mutating func update(
    _ first: inout some Parameterized, _ second: inout some Parameterized, _ third: inout some Parameterized,
    with firstGradient: Parameters, _ secondGradient: Parameters, _ thirdGradient: Parameters
  ) {
    let counts = (firstGradient.count, firstGradient.count + secondGradient.count)
    let update = nextUpdate(parameterCount: counts.1 + thirdGradient.count)
    apply(update, to: &first.parameters, firstGradient, prefix: "0.")
    apply(update, to: &second.parameters, secondGradient, prefix: "1.", offset: counts.0)
    apply(update, to: &third.parameters, thirdGradient, prefix: "2.", offset: counts.1)
  }

  /// Updates one part of the parameters of a step; `offset` is that of its first element's state.
  private mutating func apply(
    _ update: OptimizerUpdate?, to parameters: inout Parameters, _ gradient: Parameters, prefix: String = "",
    offset: Int = 0
  ) {
    parameters.requireSame(gradient.entries, "a gradient must have the names and shapes of its parameters")
    gradient.values.withPointer { gradient in
      guard let update else {
        self.update(eachOf: &parameters, gradient: gradient, prefix: prefix)
        return
      }
      let count = parameters.count
      parameters.values.withMutablePointer { values in
        // Each thread gets whole cache lines; for little work, waking a thread takes longer.
        let lines = wholeLines(count) / 16
        forEachShare(of: lines, on: count < 1 << 15 ? nil : .shared) { share in
          update.apply(
            to: values, gradient: gradient, range: share.lowerBound * 16..<min(share.upperBound * 16, count),
            stateOffset: offset)
        }
      }
    }
  }

  /// Passes one tensor after another to ``update(_:gradient:named:)``.
  mutating func update(eachOf parameters: inout Parameters, gradient: UnsafePointer<Float>, prefix: String = "") {
    let entries = parameters.entries
    parameters.values.withMutablePointer { values in
      for entry in entries {
        let (offset, count) = (entry.offset, entry.count)
        var span = UnsafeMutableBufferPointer(start: values + offset, count: count).mutableSpan
        update(
          &span, gradient: UnsafeBufferPointer(start: gradient + offset, count: count).span,
          named: prefix.isEmpty ? entry.name : prefix + entry.name)
      }
    }
  }
}

/// One step of a built-in rule, ready to be applied to any part of the parameters.
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

  /// Updates the parameters of a range; the state of its first element is at `stateOffset` + the start of the range.
  ///
  /// Several threads may update ranges that do not overlap.
  func apply(to weights: Floats, gradient: UnsafePointer<Float>, range: Range<Int>, stateOffset: Int = 0) {
    let (at, stateAt) = (range.lowerBound, stateOffset + range.lowerBound)
    switch rule {
    case .descent(let rate):
      kernels.addScaled(-rate, gradient + at, weights + at, range.count)
    case .momentum(let settings):
      kernels.momentum(settings, weights + at, gradient + at, state[0] + stateAt, range.count)
    case .meanSquare(let settings):
      kernels.meanSquare(settings, weights + at, gradient + at, state[0] + stateAt, range.count)
    case .lion(let settings):
      kernels.lion(settings, weights + at, gradient + at, state[0] + stateAt, range.count)
    case .adam(let settings):
      kernels.adam(settings, weights + at, gradient + at, state[0] + stateAt, state[1] + stateAt, range.count)
    }
  }
}

/// Traps if a weight decay is negative.
func requireDecay(_ decay: Float) { require(decay >= 0, "weight decay must not be negative; found \(decay)") }

/// Traps unless β₁ and β₂ lie in 0..<1.
func requireBetas(_ beta1: Float, _ beta2: Float) {
  require(
    beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "β₁ and β₂ must lie in 0..<1; found \(beta1) and \(beta2)")
}
