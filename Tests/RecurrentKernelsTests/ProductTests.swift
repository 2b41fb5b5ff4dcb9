import RecurrentKernels
import Testing

/// c = start + Σ aᵢ bᵢ against its naive version.
@Suite struct ProductTests {
  struct Case: ReasonedCase {
    let start: rk_start
    let terms: Int
    let gap: Int
    let reason: String

    static let all = [
      Case(start: RK_FROM_ZERO, terms: 1, gap: 0, reason: "one dense term from zero: the first weight gradient"),
      Case(start: RK_FROM_C, terms: 1, gap: 0, reason: "one term added to c: later weight gradients"),
      Case(start: RK_FROM_BIAS, terms: 1, gap: 0, reason: "one term from the bias: the head"),
      Case(start: RK_FROM_BIAS, terms: 2, gap: 8, reason: "input and hidden state, narrower than the tile"),
      Case(start: RK_FROM_ZERO, terms: 2, gap: 5, reason: "two terms, rows at odd distances"),
      Case(start: RK_FROM_C, terms: 5, gap: 3, reason: "five terms of different depths, added to c"),
      Case(start: RK_FROM_ROW, terms: 2, gap: 0, reason: "units as lanes: the bias is a row"),
      Case(start: RK_FROM_C, terms: 0, gap: 1, reason: "no term leaves c alone"),
      Case(start: RK_FROM_BIAS, terms: 0, gap: 1, reason: "no term gives the bias"),
    ]
  }

  /// Row counts below, at and above the register blocks of 1, 2, 4, 6 and 8 rows, and the notebook's 80 gates.
  static let rowCounts = [1, 2, 3, 5, 6, 7, 8, 13, 80]
  /// One to seventeen units of eight lanes: every width of a block, alone and as the rest of wider ones.
  static let laneCounts = Array(stride(from: 8, through: 136, by: 8))
  /// No, one, an odd number, the notebook's hidden and joint sizes.
  static let depths = [0, 1, 3, 20, 48]

  @Test(arguments: InstructionSet.all + [.reordered], Case.all)
  func agreesWithNaive(_ set: InstructionSet, _ example: Case) {
    for k in Self.depths {
      // Terms of one product differ in depth, down to none.
      let depths = (0..<example.terms).map { max(k - 7 * $0, 0) }
      let operands = Operands(rows: 80, lanes: 136, depths: depths, gap: example.gap)
      let start = values(41)
      // An element does not depend on the size of the product it is part of, so the largest has them all.
      let expected = Grid(80, 136, value: start)
      operands.multiply(.naive, into: expected, example.start)
      let magnitude = Grid(80, 136) { abs(start($0, $1)) }
      operands.absolute.multiply(.naive, into: magnitude, example.start)
      let operations = depths.reduce(1, +)
      for m in Self.rowCounts {
        for n in Self.laneCounts {
          let c = Grid(m, n, gap: example.gap, value: start)
          operands.multiply(set, into: c, example.start)
          let problem = c.difference(from: expected) { tolerance(operations: operations, magnitude: magnitude[$0, $1]) }
          if let problem { Issue.record("m \(m), n \(n), k \(depths): \(problem)") }
          if !c.isIntact { Issue.record("m \(m), n \(n), k \(depths): wrote outside of c") }
        }
      }
    }
  }

  /// Products that a kernel divides: by depth, by rows, by terms, into panels that it copies.
  struct LargeCase: ReasonedCase {
    let m: Int
    let n: Int
    let depths: [Int]
    let start: rk_start
    let reason: String

    static let all = [
      LargeCase(m: 50, n: 104, depths: [28, 512], start: RK_FROM_BIAS, reason: "a depth that ends within a term"),
      LargeCase(
        m: 6, n: 24, depths: [1100], start: RK_FROM_ZERO, reason: "several depths of one term, too few rows to copy"),
      LargeCase(
        m: 49, n: 40, depths: [200], start: RK_FROM_ROW, reason: "a copied panel and one start for each column"),
      LargeCase(m: 500, n: 24, depths: [7], start: RK_FROM_BIAS, reason: "more rows than stay in a cache"),
      LargeCase(
        m: 301, n: 24, depths: [100, 100, 100, 100, 100, 100], start: RK_FROM_C,
        reason: "weight gradients of six steps"),
      LargeCase(
        m: 60, n: 24, depths: Array(repeating: 3, count: 8), start: RK_FROM_C, reason: "as many terms as there may be"),
      LargeCase(
        m: 250, n: 8, depths: [0, 0, 0], start: RK_FROM_BIAS, reason: "more rows than at a time, and nothing to add"),
      LargeCase(m: 53, n: 56, depths: [0, 300, 0, 300, 0], start: RK_FROM_C, reason: "empty terms between depths"),
    ]
  }

  @Test(arguments: InstructionSet.all + [.reordered], LargeCase.all)
  func largeAgreesWithNaive(_ set: InstructionSet, _ example: LargeCase) {
    let operands = Operands(rows: example.m, lanes: example.n, depths: example.depths, gap: 3)
    let start = values(41)
    let expected = Grid(example.m, example.n, value: start)
    operands.multiply(.naive, into: expected, example.start)
    let magnitude = Grid(example.m, example.n) { abs(start($0, $1)) }
    operands.absolute.multiply(.naive, into: magnitude, example.start)
    let c = Grid(example.m, example.n, gap: 3, value: start)
    operands.multiply(set, into: c, example.start)
    let operations = example.depths.reduce(1, +)
    let problem = c.difference(from: expected) { tolerance(operations: operations, magnitude: magnitude[$0, $1]) }
    if let problem { Issue.record("\(problem)") }
    #expect(c.isIntact)
  }

  @Test(arguments: InstructionSet.all + [.reordered])
  func doesNothingWithoutRowsOrLanes(_ set: InstructionSet) {
    let c = Grid(2, 8, value: values(1))
    let before = c.copy()
    let operands = Operands(rows: 2, lanes: 8, depths: [3])
    operands.multiply(set, into: c, RK_FROM_ZERO, rows: 0..<0)
    operands.multiply(set, into: c, RK_FROM_ZERO, lanes: 0..<0)
    #expect(c.hasSameBits(as: before) && c.isIntact)
  }

  @Test(arguments: InstructionSet.all + [.reordered])
  func passesOnWhatIsNoNumber(_ set: InstructionSet) {
    // 0 · NaN and 0 · ∞ are NaN: a kernel that skips zero weights would hide a diverged state.
    let operands = Operands(
      a: [Grid(7, 3)], b: [Grid(3, 24) { $0 == 1 && $1 == 5 ? .nan : $0 == 2 && $1 == 17 ? .infinity : 1 }],
      bias: Grid(1, 7))
    let c = Grid(7, 24)
    operands.multiply(set, into: c, RK_FROM_ZERO)
    for i in 0..<7 {
      for j in 0..<24 { #expect(c[i, j].isNaN == (j == 5 || j == 17)) }
    }
  }
}

/// The terms and the bias of a product.
struct Operands {
  let a: [Grid]
  let b: [Grid]
  let bias: Grid

  init(a: [Grid], b: [Grid], bias: Grid) {
    self.a = a
    self.b = b
    self.bias = bias
  }

  init(rows: Int, lanes: Int, depths: [Int], gap: Int = 0) {
    a = depths.enumerated().map { Grid(rows, $1, gap: gap, value: values(3 + $0)) }
    b = depths.enumerated().map { Grid($1, lanes, gap: gap, value: values(11 + $0)) }
    // For the rows or for the lanes, as the start has it.
    bias = Grid(1, max(rows, lanes), value: values(29))
  }

  /// The operands' absolute values: the naive product of these is the Σ|aᵢ bᵢ| of the tolerance.
  var absolute: Operands {
    func absolute(_ grid: Grid) -> Grid { Grid(grid.rows, grid.columns) { abs(grid[$0, $1]) } }
    return Operands(a: a.map(absolute), b: b.map(absolute), bias: absolute(bias))
  }

  /// Runs a set's product on some rows and lanes of c, by default all; or on several parts of the rows, of which `rows`
  /// is the first.
  func multiply(
    _ set: InstructionSet, into c: Grid, _ start: rk_start, rows: Range<Int>? = nil, lanes: Range<Int>? = nil,
    parts: Int = 1, stride: Int = 0
  ) {
    let rows = rows ?? 0..<c.rows
    let lanes = lanes ?? 0..<c.columns
    var terms = rk_terms()
    for (a, b) in zip(a, b) {
      rk_append(
        &terms,
        rk_term(
          a: a.base + rows.lowerBound * a.row, aRow: a.row, b: b.base + lanes.lowerBound, bRow: b.row, k: a.columns))
    }
    set.kernels.product(
      c.base + rows.lowerBound * c.row + lanes.lowerBound, c.row,
      rk_rows(m: rows.count, parts: parts, stride: stride), lanes.count, start,
      start == RK_FROM_BIAS ? bias.base + rows.lowerBound : start == RK_FROM_ROW ? bias.base + lanes.lowerBound : nil,
      &terms)
  }
}
