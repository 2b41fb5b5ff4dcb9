import RecurrentKernels

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
  mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate
}

extension Optimizer {
  /// Changes `parameters` by one step along `gradient`.
  ///
  /// - Precondition: both have the same entries.
  public mutating func update(_ parameters: inout Parameters, with gradient: Parameters) {
    precondition(parameters.entries == gradient.entries, "a gradient has the entries of its parameters")
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
    case adam(rk_adam)
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
    case .adam(let settings):
      kernels.adam(settings, weights + at, gradient + at, state[0] + at, state[1] + at, range.count)
    }
  }
}

/// What an optimiser remembers: some slots of one float per parameter.
final class OptimizerState: @unchecked Sendable {  // changed only while its one owner's step runs
  let slots: Int
  let count: Int
  private let values: Floats

  init(slots: Int, count: Int) {
    self.slots = slots
    self.count = count
    values = Tile.allocate(max(slots * count, 1))
  }

  convenience init(copying other: OptimizerState) {
    self.init(slots: other.slots, count: other.count)
    values.update(from: other.values, count: slots * count)
  }

  deinit { rk_free(values) }

  /// The floats of one slot.
  subscript(slot: Int) -> Floats { values + slot * count }
}

/// An optimiser state with value semantics, made when the number of parameters is known.
struct OptimizerMemory: Sendable {
  private var state: OptimizerState?
  let slots: Int

  init(slots: Int) { self.slots = slots }

  /// The state for a step, unshared.
  mutating func forStep(parameterCount: Int) -> OptimizerState {
    guard var mine = state.take() else {
      let fresh = OptimizerState(slots: slots, count: parameterCount)
      state = fresh
      return fresh
    }
    precondition(
      mine.count == parameterCount,
      "an optimiser that began with \(mine.count) parameters cannot go on with \(parameterCount)")
    if !isKnownUniquelyReferenced(&mine) { mine = OptimizerState(copying: mine) }
    state = mine
    return mine
  }
}
