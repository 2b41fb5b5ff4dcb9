import RecurrentKernels
import Testing

/// The promise behind "same seed, same bits".
///
/// An element is computed by the same operations wherever it stands, so it does not matter which thread takes which rows
/// nor how many samples lie beside a sample.
@Suite struct ProductIdentityTests {
  struct Case: ReasonedCase {
    let m: Int
    let n: Int
    let depths: [Int]
    let start: rk_start
    let reason: String

    static let all = [
      Case(m: 80, n: 56, depths: [28, 20], start: RK_FROM_BIAS, reason: "the notebook's gates on half a batch"),
      Case(m: 80, n: 64, depths: [20, 20], start: RK_FROM_BIAS, reason: "the notebook's gates on the widest own tile"),
      Case(m: 13, n: 136, depths: [9], start: RK_FROM_C, reason: "a row and a unit more than whole blocks"),
      Case(m: 10, n: 24, depths: [50], start: RK_FROM_ZERO, reason: "the head's weight gradient"),
      Case(m: 1, n: 184, depths: [28, 20], start: RK_FROM_BIAS, reason: "one sequence: units as lanes, wider blocks"),
      Case(m: 7, n: 104, depths: [0, 33], start: RK_FROM_C, reason: "an empty term in front"),
      Case(m: 64, n: 104, depths: [28, 520], start: RK_FROM_BIAS, reason: "several depths, panels that may be copied"),
      Case(m: 260, n: 24, depths: [100, 100, 100], start: RK_FROM_C, reason: "more rows than at a time"),
    ]

    func whole(_ set: InstructionSet) -> (Grid, Operands) {
      let operands = Operands(rows: m, lanes: n, depths: depths)
      let c = Grid(m, n, value: values(7))
      operands.multiply(set, into: c, start)
      return (c, operands)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive, .reordered], Case.all)
  func rowsMayBeCutAnywhere(_ set: InstructionSet, _ example: Case) {
    let (whole, operands) = example.whole(set)
    for height in [1, 2, 3, 4, 5, 6, 7, 11] {
      let c = Grid(example.m, example.n, value: values(7))
      for first in stride(from: 0, to: example.m, by: height) {
        operands.multiply(set, into: c, example.start, rows: first..<min(first + height, example.m))
      }
      #expect(c.hasSameBits(as: whole), "\(height) rows at a time")
    }
  }

  @Test(arguments: InstructionSet.all + [.naive, .reordered], Case.all)
  func lanesMayBeCutAnywhere(_ set: InstructionSet, _ example: Case) {
    let (whole, operands) = example.whole(set)
    for units in 1...9 {
      let c = Grid(example.m, example.n, value: values(7))
      for first in stride(from: 0, to: example.n, by: 8 * units) {
        operands.multiply(set, into: c, example.start, lanes: first..<min(first + 8 * units, example.n))
      }
      #expect(c.hasSameBits(as: whole), "\(8 * units) lanes at a time")
    }
  }

  /// Shares of the units of all gates: a small one, none, one whose panels may be copied, and more than stay near.
  @Test(arguments: InstructionSet.all + [.naive, .reordered], [3..<10, 2..<2, 5..<69, 10..<110])
  func partsAreProductsOfTheirOwn(_ set: InstructionSet, _ rows: Range<Int>) {
    let (gates, stride) = (4, 110)
    let operands = Operands(rows: gates * stride, lanes: 56, depths: [28, 520])
    let c = Grid(gates * stride, 56, value: values(7))
    let expected = c.copy()
    operands.multiply(set, into: c, RK_FROM_BIAS, rows: rows, parts: gates, stride: stride)
    for gate in 0..<gates {
      let mine = rows.lowerBound + gate * stride..<rows.upperBound + gate * stride
      operands.multiply(set, into: expected, RK_FROM_BIAS, rows: mine)
    }
    #expect(c.hasSameBits(as: expected))
  }

  @Test(arguments: InstructionSet.all + [.naive, .reordered], Case.all)
  func laneMayStandAnywhere(_ set: InstructionSet, _ example: Case) {
    // The same sample in all lanes: all lanes must give the same bits.
    let operands = Operands(rows: example.m, lanes: example.n, depths: example.depths)
    for b in operands.b {
      for k in 0..<b.rows {
        for lane in 0..<b.columns { b[k, lane] = b[k, 3] }
      }
    }
    let c = Grid(example.m, example.n) { row, _ in value(row, 5) }
    operands.multiply(set, into: c, example.start)
    for i in 0..<c.rows {
      #expect((0..<c.columns).allSatisfy { c[i, $0] == c[i, 0] }, "row \(i)")
    }
  }

  @Test(arguments: InstructionSet.all + [.naive, .reordered], Case.all)
  func termsMayBeGivenOneByOne(_ set: InstructionSet, _ example: Case) {
    let (whole, operands) = example.whole(set)
    let c = Grid(example.m, example.n, value: values(7))
    var start = example.start
    for (a, b) in zip(operands.a, operands.b) {
      Operands(a: [a], b: [b], bias: operands.bias).multiply(set, into: c, start)
      start = RK_FROM_C
    }
    #expect(c.hasSameBits(as: whole))
  }
}
