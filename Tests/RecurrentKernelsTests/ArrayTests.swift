import RecurrentKernels
import Testing

/// Passes over arrays and small matrices against their naive versions.
@Suite struct ArrayTests {
  /// Sizes on both sides of every block of a transposition: 4, 8 and 16, and the notebook's 20, 28, 40 and 50.
  static let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 24, 28, 31, 40, 50, 56]

  @Test(arguments: InstructionSet.all, [0, 3, 8])
  func transposes(_ set: InstructionSet, gap: Int) {
    for rows in Self.sizes {
      for columns in Self.sizes {
        let from = Grid(rows, columns, gap: gap, value: values(1))
        let to = Grid(columns, rows, gap: gap)
        let expected = Grid(columns, rows, gap: gap)
        set.kernels.transpose(from.base, from.row, to.base, to.row, rows, columns)
        InstructionSet.naive.kernels.transpose(from.base, from.row, expected.base, expected.row, rows, columns)
        if !to.hasSameBits(as: expected) { Issue.record("\(rows) × \(columns)") }
        if !to.isIntact { Issue.record("\(rows) × \(columns): wrote outside") }
      }
    }
  }

  @Test(arguments: InstructionSet.all)
  func sumsRows(_ set: InstructionSet) {
    for rows in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 80] {
      for n in [0] + lanesAroundVectors + [104, 333] {
        let from = Grid(rows, n, gap: 5, value: values(2))
        let sums = Grid(1, rows, value: values(3))
        let expected = sums.copy()
        let magnitude = Grid(1, rows) { _, row in (0..<n).reduce(abs(sums[0, row])) { $0 + abs(from[row, $1]) } }
        set.kernels.rowSums(from.base, from.row, sums.base, rows, n)
        InstructionSet.naive.kernels.rowSums(from.base, from.row, expected.base, rows, n)
        let problem = sums.difference(from: expected) { tolerance(operations: n + 1, magnitude: magnitude[$0, $1]) }
        if let problem { Issue.record("\(rows) rows of \(n): \(problem)") }
        if !sums.isIntact { Issue.record("\(rows) rows of \(n): wrote outside") }
      }
    }
  }

  @Test(arguments: InstructionSet.all)
  func sumOfARowDoesNotDependOnItsPlace(_ set: InstructionSet) {
    for n in lanesAroundVectors {
      let from = Grid(37, n, gap: 1, value: values(2))
      let whole = Grid(1, 37, value: values(3))
      let parts = whole.copy()
      set.kernels.rowSums(from.base, from.row, whole.base, 37, n)
      for (first, count) in [(0, 1), (1, 2), (3, 5), (8, 16), (24, 13)] {
        set.kernels.rowSums(from.base + first * from.row, from.row, parts.base + first, count, n)
      }
      #expect(parts.hasSameBits(as: whole), "\(n) lanes")
    }
  }

  @Test(arguments: InstructionSet.all)
  func sumsMatricesInOrder(_ set: InstructionSet) {
    for count in [1, 2, 3, 7] {
      for columns in lanesAroundVectors {
        let from = Grid(count * 6, columns, gap: 3, value: values(4))
        let to = Grid(5, columns, gap: 2)
        let expected = to.copy()
        let stride = 6 * from.row
        set.kernels.sumMatrices(from.base, from.row, stride, count, to.base, to.row, 5, columns)
        InstructionSet.naive.kernels.sumMatrices(
          from.base, from.row, stride, count, expected.base, expected.row, 5, columns)
        // Additions alone, in a stated order: nothing may differ.
        if !to.hasSameBits(as: expected) { Issue.record("\(count) matrices of \(columns) columns") }
        if !to.isIntact { Issue.record("\(count) matrices of \(columns) columns: wrote outside") }
      }
    }
  }

  @Test(arguments: InstructionSet.all)
  func sumsMatricesInPlace(_ set: InstructionSet) {
    // The first matrix may be the result: that is how tiles' gradients are brought together.
    let from = Grid(12, 19, value: values(4))
    let expected = Grid(4, 19, value: values(0))
    InstructionSet.naive.kernels.sumMatrices(from.base, 19, 4 * 19, 3, expected.base, 19, 4, 19)
    set.kernels.sumMatrices(from.base, 19, 4 * 19, 3, from.base, 19, 4, 19)
    #expect((0..<4).allSatisfy { i in (0..<19).allSatisfy { from[i, $0] == expected[i, $0] } })
  }

  @Test(arguments: InstructionSet.all)
  func addsScaled(_ set: InstructionSet) {
    for n in [0] + lanesAroundVectors {
      let x = Grid(1, n, value: values(5))
      let y = Grid(1, n, value: values(6))
      let expected = y.copy()
      set.kernels.addScaled(-0.37, x.base, y.base, n)
      InstructionSet.naive.kernels.addScaled(-0.37, x.base, expected.base, n)
      // Two operations on numbers of at most 1.1 and 0.37 · 1.1.
      let problem = y.difference(from: expected) { _, _ in tolerance(operations: 2, magnitude: 1.6) }
      if let problem { Issue.record("n \(n): \(problem)") }
      #expect(y.isIntact)
    }
  }

  @Test(arguments: InstructionSet.all)
  func combines(_ set: InstructionSet) {
    for n in [0] + lanesAroundVectors {
      let x = Grid(1, n, value: values(5))
      let y = Grid(1, n, value: values(6))
      let (expected, scaled) = (y.copy(), x.copy())
      set.kernels.combine(-0.37, x.base, 0.81, y.base, n)
      InstructionSet.naive.kernels.combine(-0.37, x.base, 0.81, expected.base, n)
      // Three operations on numbers of at most 0.37 · 1.1 and 0.81 · 1.1.
      let problem = y.difference(from: expected) { _, _ in tolerance(operations: 3, magnitude: 1.3) }
      if let problem { Issue.record("n \(n): \(problem)") }
      // In place with nothing of itself: a product, exactly.
      set.kernels.combine(0.37, scaled.base, 0, scaled.base, n)
      #expect((0..<n).allSatisfy { scaled[0, $0] == 0.37 * x[0, $0] })
      #expect(y.isIntact && scaled.isIntact)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func clips(_ set: InstructionSet) {
    for n in [0] + lanesAroundVectors {
      let x = Grid(1, n) { $1 == 5 ? .nan : $1 == 6 ? .infinity : value($1, 5) }
      let clipped = x.copy()
      set.kernels.clip(0.4, clipped.base, n)
      for j in 0..<n {
        let expected = x[0, j].isNaN ? x[0, j] : max(-0.4, min(0.4, x[0, j]))
        #expect(agree(clipped[0, j], expected, within: 0), "n \(n), element \(j)")
      }
      #expect(clipped.isIntact)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func sumsSquares(_ set: InstructionSet) {
    for n in [0] + lanesAroundVectors + [256, 1023] {
      let x = Grid(1, n, value: values(7))
      let expected = (0..<n).reduce(0.0) { $0 + Double(x[0, $1]) * Double(x[0, $1]) }
      let found = set.kernels.sumOfSquares(x.base, n)
      // In double precision, where n operations err by next to nothing.
      #expect((found - expected).magnitude <= 1e-13 * expected, "n \(n)")
      if n == 0 { continue }
      // The largest floats do not overflow, but what is not finite shows wherever it stands.
      x[0, n - 1] = .greatestFiniteMagnitude
      #expect(set.kernels.sumOfSquares(x.base, n).isFinite)
      for bad in [Float.nan, .infinity, -.infinity] {
        x[0, n - 1] = bad
        #expect(!set.kernels.sumOfSquares(x.base, n).isFinite)
      }
    }
  }

  @Test("sums along rows come to the same bits however wide the vectors are")
  func sumsAreTheSameBits() {
    for n in [0] + lanesAroundVectors + [104, 256, 333, 1023] {
      let x = Grid(13, n, gap: 5) { row, column in 100 * value(row, column) }
      let results = InstructionSet.all.filter { $0.set != RK_REORDERED }.map { set in
        let sums = Grid(1, 13, value: values(3))
        set.kernels.rowSums(x.base, x.row, sums.base, 13, n)
        return (sums, (0..<13).map { set.kernels.sumOfSquares(x.base + $0 * x.row, n) })
      }
      for result in results {
        #expect(result.0.hasSameBits(as: results[0].0), "n \(n)")
        #expect(result.1 == results[0].1, "n \(n)")
      }
    }
  }
}
