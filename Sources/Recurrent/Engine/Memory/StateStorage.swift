/// The states of a batch in memory: a matrix `[batch, size]` for each component of each direction, one after another.
struct StateStorage {
  let base: Floats
  let batchSize: Int

  init(base: Floats, batchSize: Int) {
    self.base = base
    self.batchSize = batchSize
  }

  /// States that are only read.
  init(reading base: UnsafePointer<Float>, batchSize: Int) {
    self.init(base: Floats(mutating: base), batchSize: batchSize)
  }

  /// The address of a component's matrix.
  @inline(__always)
  func matrix(_ plan: DirectionPlan, _ component: Int) -> Floats {
    base + batchSize * (plan.stateOffset + plan.offset(of: component))
  }
}
