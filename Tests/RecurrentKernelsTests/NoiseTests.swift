import RecurrentKernels
import Testing

/// Random masks and what is done with them, against their naive versions.
@Suite struct NoiseTests {
  static let mask = rk_mask(seed: 0x1234_5678, threshold: 0x4ccc_cccd, place: 77)

  struct Kernel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Gets the block and three arrays of its shape.
    let run: @Sendable (rk_kernels, rk_block, Floats, Floats, Floats) -> Void

    static let all = [
      Self(testDescription: "dropout") { k, block, a, _, c in k.dropout(block, mask, 1.25, a, c, 0) },
      Self(testDescription: "dropout, added") { k, block, a, _, c in k.dropout(block, mask, 1.25, a, c, 1) },
      Self(testDescription: "dropout in place") { k, block, a, _, _ in k.dropout(block, mask, 1.25, a, a, 0) },
      Self(testDescription: "scale") { k, block, a, _, c in k.scale(block, -0.3, a, c, 0) },
      Self(testDescription: "scale, added") { k, block, a, _, c in k.scale(block, -0.3, a, c, 1) },
      Self(testDescription: "multiply") { k, block, a, b, c in k.multiply(block, a, b, c) },
      Self(testDescription: "zoneout") { k, block, a, b, _ in k.zoneout(block, mask, a, b) },
      Self(testDescription: "zoneout, backward") { k, block, a, b, _ in k.zoneoutBackward(block, mask, a, b, 0) },
      Self(testDescription: "zoneout, backward, added") { k, block, a, b, _ in k.zoneoutBackward(block, mask, a, b, 1)
      },
      Self(testDescription: "mix") { k, block, a, b, _ in k.mix(block, 0.3, a, b) },
    ]
  }

  @Test(arguments: InstructionSet.all, Kernel.all)
  func agreesWithNaive(_ set: InstructionSet, _ kernel: Kernel) {
    for shape in GateCase.all {
      let results = [set, .naive].map { set in
        let arrays = (1...3).map { shape.grid($0) }
        kernel.run(set.kernels, rk_block(arrays[0]), arrays[0].base, arrays[1].base, arrays[2].base)
        return arrays
      }
      for (actual, expected) in zip(results[0], results[1]) {
        // One multiplication and one addition, fused or not.
        let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 2, magnitude: 2) }
        if let problem { Issue.record("\(shape.reason): \(problem)") }
        #expect(actual.isIntact)
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func masksDependOnPlaceAndSeed(_ set: InstructionSet) {
    func dropped(_ seed: UInt32, _ place: UInt32, count: Int, threshold: UInt32) -> [Bool] {
      let ones = [Float](repeating: 1, count: count)
      var result = ones
      let mask = rk_mask(seed: seed, threshold: threshold, place: place)
      set.kernels.dropout(rk_block(rows: 1, n: count, row: count), mask, 1, ones, &result, 0)
      return result.map { $0 == 0 }
    }
    let whole = dropped(1, 0, count: 10_000, threshold: 1 << 30)
    #expect(dropped(1, 4000, count: 100, threshold: 1 << 30) == Array(whole[4000..<4100]))
    #expect(dropped(2, 0, count: 10_000, threshold: 1 << 30) != whole)
    #expect(dropped(1, 0, count: 100, threshold: 0).allSatisfy { !$0 })
    // A fourth, within four standard deviations; neighbours do not know of each other.
    let count = whole.count { $0 }
    #expect(abs(count - 2500) < 4 * 44)
    let pairs = zip(whole, whole.dropFirst()).count { $0 && $1 }
    #expect(abs(pairs - 625) < 4 * 25)
  }

  typealias Floats = UnsafeMutablePointer<Float>
}
