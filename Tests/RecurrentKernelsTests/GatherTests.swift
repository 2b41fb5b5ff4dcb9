import RecurrentKernels
import Testing

/// Samples brought side by side: to[feature][lane] = scale · from[samples[lane]][feature].
@Suite struct GatherTests {
  struct Case: ReasonedCase {
    let features: Int
    let count: Int
    let lanes: Int
    let gap: Int
    let reason: String

    static let all = [
      Case(features: 28, count: 50, lanes: 56, gap: 0, reason: "rows of digits, half a batch, lanes to fill up"),
      Case(features: 1, count: 17, lanes: 24, gap: 0, reason: "pixel by pixel: one feature"),
      Case(features: 65, count: 8, lanes: 8, gap: 0, reason: "one feature more than whole blocks"),
      Case(features: 16, count: 64, lanes: 64, gap: 0, reason: "whole blocks alone"),
      Case(features: 3, count: 1, lanes: 8, gap: 4, reason: "one sample in a wider tile"),
      Case(features: 20, count: 37, lanes: 40, gap: 24, reason: "fewer lanes than the tile holds"),
      Case(features: 7, count: 0, lanes: 16, gap: 0, reason: "no sample: zeros everywhere"),
      Case(features: 13, count: 19, lanes: 19, gap: 2, reason: "lanes that are no multiple of eight"),
    ]

    /// Out of order, with repetitions, the first and the last sample among them.
    func samples(of total: Int) -> [Int32] {
      (0..<max(count, 1)).map { $0 == 1 ? Int32(total - 1) : Int32(($0 * 29 + 7) % total) }
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func gathersBytes(_ set: InstructionSet, _ example: Case) {
    let total = 31
    let size = example.features + 5
    // Exactly as many bytes as there are, so that reading past the last sample is seen by an address sanitizer.
    let from = (0..<(total - 1) * size + example.features).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let to = Grid(example.features, example.lanes, gap: example.gap, value: values(1))
    let expected = to.copy()
    for (kernels, grid) in [(set, to), (.naive, expected)] {
      kernels.kernels.gatherBytes(
        from, size, example.samples(of: total), example.count, example.features, 1 / 255, grid.base, grid.row,
        example.lanes)
    }
    #expect(to.hasSameBits(as: expected) && to.isIntact)
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func gathersFloats(_ set: InstructionSet, _ example: Case) {
    let total = 31
    let size = example.features + 2
    let from = (0..<(total - 1) * size + example.features).map { value($0, 3) }
    let to = Grid(example.features, example.lanes, gap: example.gap, value: values(1))
    let expected = to.copy()
    for (kernels, grid) in [(set, to), (.naive, expected)] {
      kernels.kernels.gatherFloats(
        from, size, example.samples(of: total), example.count, example.features, 0.3, grid.base, grid.row,
        example.lanes)
    }
    #expect(to.hasSameBits(as: expected) && to.isIntact)
  }

  @Test(arguments: InstructionSet.all)
  func everyByteIsExact(_ set: InstructionSet) {
    let from = (0...255).map { UInt8($0) }
    let to = Grid(256, 8)
    set.kernels.gatherBytes(from, 256, [0], 1, 256, 1, to.base, to.row, 8)
    #expect((0..<256).allSatisfy { to[$0, 0] == Float($0) && to[$0, 1] == 0 })
  }

  @Test(arguments: InstructionSet.all)
  func fillsUpWithoutReadingSamples(_ set: InstructionSet) {
    // Scaling by zero or filling by multiplication would turn a NaN of padding into a NaN here.
    let to = Grid(4, 16)
    set.kernels.gatherFloats([.nan, .nan, .nan, .nan], 4, [0], 1, 4, 1, to.base, to.row, 16)
    for i in 0..<4 {
      #expect(to[i, 0].isNaN && (1..<16).allSatisfy { to[i, $0] == 0 })
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [3, 8, 21])
  func laneWithoutSampleIsZero(_ set: InstructionSet, features: Int) {
    let samples = indicesWithGaps(19) { $0 % 4 }
    let from = Grid(4, features, gap: 2, value: values(1))
    let bytes = (0..<4 * features).map { UInt8($0 + 1) }
    let (floats, whole) = (Grid(features, 24, value: values(2)), Grid(features, 24, value: values(3)))
    set.kernels.gatherFloats(from.base, from.row, samples, 19, features, 1, floats.base, floats.row, 24)
    set.kernels.gatherBytes(bytes, features, samples, 19, features, 1, whole.base, whole.row, 24)
    for lane in 0..<24 {
      for i in 0..<features {
        guard lane < 19, samples[lane] >= 0 else {
          #expect(floats[i, lane].bitPattern == 0 && whole[i, lane].bitPattern == 0, "[\(i)][\(lane)]")
          continue
        }
        let sample = Int(samples[lane])
        #expect(floats[i, lane] == from[sample, i], "[\(i)][\(lane)]")
        #expect(whole[i, lane] == Float(bytes[sample * features + i]), "[\(i)][\(lane)]")
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [1, 13])
  func scaleOfOneKeepsBits(_ set: InstructionSet, features: Int) {
    // What a table of tokens may hold: a negative zero, infinities, a NaN with a payload, a number below normal ones.
    let special = [-0.0, .infinity, Float(bitPattern: 0x7FD2_3456), Float(bitPattern: 3), -1.5]
    let from = Grid(5, features) { row, feature in special[(row + feature) % 5] }
    let to = Grid(features, 16)
    set.kernels.gatherFloats(from.base, from.row, (0..<16).map { Int32($0 % 5) }, 16, features, 1, to.base, to.row, 16)
    for lane in 0..<16 {
      for i in 0..<features { #expect(to[i, lane].bitPattern == from[lane % 5, i].bitPattern, "[\(i)][\(lane)]") }
    }
  }
}
