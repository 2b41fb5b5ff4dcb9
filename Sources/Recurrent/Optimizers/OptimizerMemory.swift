import RecurrentKernels
import RecurrentSupport

/// What an optimiser remembers: some slots of one float per parameter.
final class OptimizerState: @unchecked Sendable {  // changed only while its one owner's step runs
  let slots: Int
  let count: Int
  private let values: Floats

  init(slots: Int, count: Int, initialValue: Float) {
    self.slots = slots
    self.count = count
    values = Tile.allocate(max(slots * count, 1))
    values.update(repeating: initialValue, count: slots * count)
  }

  convenience init(copying other: OptimizerState) {
    self.init(slots: other.slots, count: other.count, initialValue: 0)
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
  private let initialValue: Float

  init(slots: Int, initialValue: Float = 0) {
    self.slots = slots
    self.initialValue = initialValue
  }

  /// The state for a step, unshared.
  mutating func forStep(parameterCount: Int) -> OptimizerState {
    guard var mine = state.take() else {
      let fresh = OptimizerState(slots: slots, count: parameterCount, initialValue: initialValue)
      state = fresh
      return fresh
    }
    require(
      mine.count == parameterCount,
      "an optimiser that began with \(mine.count) parameters cannot go on with \(parameterCount)")
    if !isKnownUniquelyReferenced(&mine) { mine = OptimizerState(copying: mine) }
    state = mine
    return mine
  }
}
