import RecurrentKernels
import Testing

/// Numbers below the smallest normal float are flushed to zero while kernels run, and only then.
///
/// Bits are compared, not numbers: where denormals count as zero they also equal it.
@Suite struct DenormalTests {
  static let denormal = Float(bitPattern: 0x0020_0000)

  /// leastNormalMagnitude / 4 by a kernel, so that the compiler cannot work it out beforehand.
  private func quarterOfSmallest(_ set: InstructionSet) -> Float {
    let y = Grid(1, 1)
    set.kernels.addScaled(0.25, [Float.leastNormalMagnitude], y.base, 1)
    return y[0, 0]
  }

  @Test(arguments: InstructionSet.all)
  func flushesUntilRestored(_ set: InstructionSet) {
    #expect(quarterOfSmallest(set).bitPattern == Self.denormal.bitPattern)
    let outer = rk_flush_denormals()
    let first = quarterOfSmallest(set)
    let inner = rk_flush_denormals()
    rk_restore_rounding(inner)
    let second = quarterOfSmallest(set)
    rk_restore_rounding(outer)
    #expect(first.bitPattern == 0)
    #expect(second.bitPattern == 0, "restoring what an inner call found leaves the outer one in force")
    #expect(quarterOfSmallest(set).bitPattern == Self.denormal.bitPattern)
  }

  @Test(arguments: InstructionSet.all)
  func denormalOperandsCountAsZero(_ set: InstructionSet) {
    let y = Grid(1, 1)
    let rounding = rk_flush_denormals()
    set.kernels.addScaled(1e20, [Self.denormal], y.base, 1)
    rk_restore_rounding(rounding)
    #expect(y[0, 0].bitPattern == 0)
  }

  @Test(arguments: InstructionSet.all)
  func decayingStateReachesZero(_ set: InstructionSet) {
    // c' = σ(0) c + σ(0) tanh(0) = c / 2: a state that is left alone.
    let cell = Grid(3, 21, value: { _, _ in 1 })
    let others = Grid(6, 21)
    let rounding = rk_flush_denormals()
    var stepsToZero = 0
    for step in 1...200 where stepsToZero == 0 {
      let gates = Grid(12, 21)
      set.kernels.lstmForward(
        rk_block(cell), gates.base, 63, cell.base, cell.base, others.base, others.base + 63)
      if (0..<3).allSatisfy({ i in (0..<21).allSatisfy { cell[i, $0].bitPattern == 0 } }) { stepsToZero = step }
    }
    rk_restore_rounding(rounding)
    #expect(stepsToZero == 127, "2⁻¹²⁶ is the last normal power of two")
  }

  @Test(arguments: InstructionSet.all)
  func decayedStateCostsNoTime(_ set: InstructionSet) {
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    let (normal, decayed) = (time(set, start: 1), time(set, start: .leastNormalMagnitude * 1.5))
    // Unflushed, denormals cost a factor of ten to a hundred on many processors; noise is well below four.
    #expect(decayed < normal * 4)
  }

  /// The shortest of many runs that halve a state over and over.
  private func time(_ set: InstructionSet, start: Float) -> Duration {
    let (rows, lanes) = (64, 64)
    let gates = Grid(4 * rows, lanes)
    let cell = Grid(rows, lanes)
    let others = Grid(2 * rows, lanes)
    let clock = ContinuousClock()
    return (0..<30).map { _ in
      cell.base.update(repeating: start, count: rows * lanes)
      gates.base.update(repeating: 0, count: 4 * rows * lanes)
      return clock.measure {
        set.kernels.lstmForward(
          rk_block(cell), gates.base, rows * lanes, cell.base, cell.base, others.base, others.base + rows * lanes)
        set.kernels.elmanForward(rk_block(cell), cell.base, others.base)
      }
    }.min() ?? .zero
  }
}
