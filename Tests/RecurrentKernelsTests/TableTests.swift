import RecurrentKernels
import Testing

/// Tables with one row per token: making one of a weight matrix, and adding gradients to the rows of tokens.
@Suite struct TableTests {
  struct Case: ReasonedCase {
    let features: Int
    let count: Int
    let lanes: Int
    var gap = 0
    var rowGap = 0
    let tokens: Int
    let reason: String

    static let all = [
      Case(features: 80, count: 50, lanes: 56, tokens: 65, reason: "gates of 20 units, half a batch of characters"),
      Case(features: 64, count: 64, lanes: 64, gap: 8, tokens: 5, reason: "whole blocks alone, many lanes per token"),
      Case(features: 17, count: 37, lanes: 40, rowGap: 3, tokens: 31, reason: "one feature more than whole blocks"),
      Case(features: 15, count: 9, lanes: 24, gap: 2, tokens: 7, reason: "one feature fewer, one lane more"),
      Case(features: 3, count: 19, lanes: 24, tokens: 4, reason: "fewer features than a block"),
      Case(features: 12, count: 1, lanes: 8, tokens: 3, reason: "a single lane"),
      Case(features: 20, count: 5, lanes: 5, gap: 1, tokens: 2, reason: "fewer lanes than a block"),
      Case(features: 21, count: 19, lanes: 19, rowGap: 1, tokens: 6, reason: "lanes that are no multiple of eight"),
      Case(features: 33, count: 16, lanes: 16, tokens: 1, reason: "the same token in every lane"),
      Case(features: 10, count: 0, lanes: 16, tokens: 4, reason: "no lane"),
    ]

    /// Out of order, with repetitions, every seventh lane without a token.
    var indices: [Int32] {
      indicesWithGaps(max(count, 1)) { ($0 * $0 * 29 + 7) % tokens }
    }
  }

  /// Values from 10⁻³ to 10³, whose sum depends on its order.
  static func spread(_ seed: Int) -> (Int, Int) -> Float {
    let scales: [Float] = [1e-3, 1, 30, 1e3]
    return { scales[($0 + 3 * $1) % 4] * value($0 * 977 + $1, seed) }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func addsRowsInTheOrderOfTheLanes(_ set: InstructionSet, _ example: Case) {
    // Lanes without a token, and those from `count` on, hold NaN, which must not reach any row.
    let from = Grid(example.features, example.lanes, gap: example.gap) { feature, lane in
      lane < example.count && example.indices[lane] >= 0 ? Self.spread(1)(feature, lane) : .nan
    }
    let table = Grid(example.tokens, example.features, gap: example.rowGap, value: Self.spread(2))
    let expected = table.copy()
    let indices = example.indices
    set.kernels.scatterAddRows(
      from.base, from.row, example.lanes, indices, example.count, example.features, table.base, table.row)
    for lane in 0..<example.count where indices[lane] >= 0 {
      for feature in 0..<example.features { expected[Int(indices[lane]), feature] += from[feature, lane] }
    }
    #expect(table.hasSameBits(as: expected) && table.isIntact)
    let naive = Grid(example.tokens, example.features, gap: example.rowGap, value: Self.spread(2))
    InstructionSet.naive.kernels.scatterAddRows(
      from.base, from.row, example.lanes, indices, example.count, example.features, naive.base, naive.row)
    #expect(naive.hasSameBits(as: expected))
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func addsEachNumberOnce(_ set: InstructionSet) {
    // Nine features overlap in blocks of four and of eight: what is added twice shows, and so does a zero's lost sign.
    let special: [Float] = [.nan, .infinity, -0.0, 1, -.infinity]
    let from = Grid(9, 11) { feature, lane in special[(feature + lane) % 5] }
    let table = Grid(11, 9) { token, _ in token % 2 == 0 ? -0.0 : 2 }
    set.kernels.scatterAddRows(from.base, from.row, 11, (0..<11).map { Int32($0) }, 11, 9, table.base, table.row)
    for lane in 0..<11 {
      for feature in 0..<9 {
        let start: Float = lane % 2 == 0 ? -0.0 : 2
        let sum = start + from[feature, lane]
        let found = table[lane, feature]
        #expect(sum.isNaN ? found.isNaN : found.bitPattern == sum.bitPattern, "[\(lane)][\(feature)]")
      }
    }
  }

  @Test(arguments: InstructionSet.all, [0, 3])
  func transposesAndAddsABias(_ set: InstructionSet, gap: Int) {
    for rows in ArrayTests.sizes {
      for columns in ArrayTests.sizes {
        let from = Grid(rows, columns, gap: gap, value: values(1))
        let bias = (0..<rows).map { value($0, 2) }
        let to = Grid(columns, rows, gap: gap)
        set.kernels.transposeAdd(from.base, from.row, bias, to.base, to.row, rows, columns)
        let naive = Grid(columns, rows, gap: gap)
        InstructionSet.naive.kernels.transposeAdd(from.base, from.row, bias, naive.base, naive.row, rows, columns)
        let expected = Grid(columns, rows) { column, row in from[row, column] + bias[row] }
        if !to.hasSameBits(as: expected) || !naive.hasSameBits(as: expected) { Issue.record("\(rows) × \(columns)") }
        if !to.isIntact { Issue.record("\(rows) × \(columns): wrote outside") }
        set.kernels.transposeAdd(from.base, from.row, nil, to.base, to.row, rows, columns)
        InstructionSet.naive.kernels.transposeAdd(from.base, from.row, nil, naive.base, naive.row, rows, columns)
        let plain = Grid(columns, rows) { column, row in from[row, column] }
        if !to.hasSameBits(as: plain) || !naive.hasSameBits(as: plain) {
          Issue.record("\(rows) × \(columns) without a bias")
        }
      }
    }
  }
}
