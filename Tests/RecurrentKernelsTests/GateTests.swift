import RecurrentKernels
import Testing

/// Shapes of a block of gates.
struct GateCase: ReasonedCase {
  let rows: Int
  let lanes: Int
  var gap = 0
  let reason: String

  static let all = [
    GateCase(rows: 20, lanes: 56, reason: "the notebook's layer, half a batch, rows end to end"),
    GateCase(rows: 20, lanes: 24, gap: 32, reason: "few sequences still run: rows far apart"),
    GateCase(rows: 3, lanes: 20, gap: 4, reason: "lanes no multiple of eight"),
    GateCase(rows: 1, lanes: 8, reason: "a single row, half an AVX-512 vector"),
    GateCase(rows: 5, lanes: 1, reason: "one lane, rows end to end"),
    GateCase(rows: 2, lanes: 3, gap: 5, reason: "fewer lanes than any vector has"),
    GateCase(rows: 7, lanes: 47, gap: 1, reason: "whole vectors and a rest of fifteen"),
    GateCase(rows: 2, lanes: 17, gap: 7, reason: "a rest of one"),
    GateCase(rows: 0, lanes: 16, reason: "no row: a thread without a share"),
  ]

  /// An array of the block's shape, `parts` of them one after the other.
  func grid(_ seed: Int, scale: Float = 1, parts: Int = 1) -> Grid {
    Grid(rows * parts, lanes, gap: gap, value: values(seed, scale: scale))
  }
}

/// The gates of LSTM cells against their naive version.
@Suite struct LSTMGateTests {
  /// What the forward kernel reads and writes.
  struct Forward {
    let gates: Grid
    let cell: Grid
    let newCell: Grid
    let tanhCell: Grid
    let hidden: Grid

    init(_ set: InstructionSet, _ shape: GateCase, inPlace: Bool = false, scale: Float = 4) {
      gates = shape.grid(1, scale: scale, parts: 4)
      cell = shape.grid(2, scale: 2)
      newCell = inPlace ? cell : shape.grid(3)
      tanhCell = shape.grid(4)
      hidden = shape.grid(5)
      set.kernels.lstmForward(
        rk_block(cell), gates.base, shape.rows * gates.row, cell.base, newCell.base, tanhCell.base, hidden.base)
    }

    var results: [Grid] { [gates, newCell, tanhCell, hidden] }
    var isIntact: Bool { (results + [cell]).allSatisfy(\.isIntact) }
  }

  @Test(arguments: InstructionSet.all, GateCase.all)
  func forwardAgreesWithNaive(_ set: InstructionSet, _ shape: GateCase) {
    let actual = Forward(set, shape)
    let expected = Forward(.naive, shape)
    // Each σ and tanh errs by at most 2.5 ulps in either version: 5 operations' worth between the two.
    let functionError = 5
    func c(_ i: Int, _ j: Int) -> Float {
      let f = abs(expected.gates[shape.rows + i, j] * expected.cell[i, j])
      let ig = abs(expected.gates[i, j] * expected.gates[2 * shape.rows + i, j])
      return tolerance(operations: 2 * functionError + 2, magnitude: f + ig)
    }
    // tanh never widens an error, and o is at most 1.
    func s(_ i: Int, _ j: Int) -> Float { c(i, j) + tolerance(operations: functionError, magnitude: 1) }
    let problems = [
      actual.gates.difference(from: expected.gates) {
        tolerance(operations: functionError, magnitude: abs(expected.gates[$0, $1]))
      }.map { "gates\($0)" },
      actual.newCell.difference(from: expected.newCell, within: c).map { "c'\($0)" },
      actual.tanhCell.difference(from: expected.tanhCell, within: s).map { "tanh c'\($0)" },
      actual.hidden.difference(from: expected.hidden) {
        s($0, $1) + tolerance(operations: functionError + 1, magnitude: 1)
      }.map { "h'\($0)" },
    ]
    for problem in problems.compactMap({ $0 }) { Issue.record("\(problem)") }
    #expect(actual.isIntact)
    let before = shape.grid(2, scale: 2)
    #expect(actual.cell.hasSameBits(as: before), "the old cell state is only read")
  }

  @Test(arguments: InstructionSet.all, GateCase.all)
  func cellStateMayBeUpdatedInPlace(_ set: InstructionSet, _ shape: GateCase) {
    let apart = Forward(set, shape)
    let inPlace = Forward(set, shape, inPlace: true)
    #expect(zip(apart.results, inPlace.results).allSatisfy { $0.hasSameBits(as: $1) })
  }

  @Test(arguments: InstructionSet.all, GateCase.all)
  func laneDoesNotDependOnItsPlace(_ set: InstructionSet, _ shape: GateCase) {
    let whole = Forward(set, shape)
    for i in 0..<shape.rows {
      for j in 0..<shape.lanes {
        let gates = Grid(4, 1) { gate, _ in shape.grid(1, scale: 4, parts: 4)[gate * shape.rows + i, j] }
        let out = Grid(4, 1)
        out[0, 0] = whole.cell[i, j]
        set.kernels.lstmForward(
          rk_block(rows: 1, n: 1, row: 1), gates.base, 1, out.base, out.base + 1, out.base + 2, out.base + 3)
        let expected = whole.results[1...].map { $0[i, j] }
        #expect((1...3).map { out[$0, 0] } == expected, "[\(i)][\(j)]")
        #expect((0..<4).allSatisfy { gates[$0, 0] == whole.gates[$0 * shape.rows + i, j] }, "gates [\(i)][\(j)]")
        if i > 1 { break }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func saturatedGatesOpenAndClose(_ set: InstructionSet) {
    // f shut, i and o open, g = 1: c' = 1 whatever c was.
    let gates = Grid(4, 11) { gate, _ in [.infinity, -.infinity, 50, 1e30][gate] }
    let cell = Grid(1, 11) { _, j in 1e6 * value(j, 1) }
    let out = Grid(3, 11)
    set.kernels.lstmForward(
      rk_block(cell), gates.base, 11, cell.base, out.base, out.base + 11, out.base + 22)
    for j in 0..<11 {
      #expect(out[0, j] == 1)
      #expect(abs(out[2, j] - 0.761_594_2) < 2e-7)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], 0..<5)
  func notANumberIsPassedOn(_ set: InstructionSet, place: Int) {
    // Into the pre-activation of each gate in turn, then into the cell state: h' must show it, in that lane alone.
    let gates = Grid(4, 21) { $0 == place && $1 == 19 ? .nan : value($1, $0) }
    let cell = Grid(1, 21) { _, j in place == 4 && j == 19 ? .nan : value(j, 7) }
    let out = Grid(3, 21)
    set.kernels.lstmForward(
      rk_block(cell), gates.base, 21, cell.base, out.base, out.base + 21, out.base + 42)
    for j in 0..<21 { #expect(out[2, j].isNaN == (j == 19)) }
  }

  @Test(arguments: InstructionSet.all, GateCase.all)
  func backwardAgreesWithNaive(_ set: InstructionSet, _ shape: GateCase) {
    let forward = Forward(.naive, shape, scale: 2)
    let hiddenGradient = shape.grid(8)
    let carried = shape.grid(9)
    let results = [set, .naive].map { kernels in
      let gates = forward.gates.copy()
      let cellGradient = carried.copy()
      kernels.kernels.lstmBackward(
        rk_block(carried), gates.base, shape.rows * gates.row, forward.cell.base, forward.tanhCell.base,
        hiddenGradient.base, cellGradient.base)
      return (gates: gates, cellGradient: cellGradient)
    }
    // 1 - s², i - i² and the like lose what their terms have in common: their errors go with the terms, not the
    // difference. All other factors are at most 1 but c and the gradients.
    func magnitude(_ i: Int, _ j: Int) -> Float {
      let o = forward.gates[3 * shape.rows + i, j]
      return abs(carried[i, j]) + abs(hiddenGradient[i, j] * o)
    }
    let gates = results[0].gates.difference(from: results[1].gates) { row, j in
      let i = row % shape.rows
      let factor = row / shape.rows == 1 ? abs(forward.cell[i, j]) : 1
      return tolerance(operations: 10, magnitude: max(magnitude(i, j) * factor, abs(hiddenGradient[i, j])))
    }
    if let gates { Issue.record("dz\(gates)") }
    let cell = results[0].cellGradient.difference(from: results[1].cellGradient) {
      tolerance(operations: 8, magnitude: magnitude($0, $1))
    }
    if let cell { Issue.record("dc\(cell)") }
    #expect(results[0].gates.isIntact && results[0].cellGradient.isIntact)
  }
}

/// The gate of Elman cells against its naive version.
@Suite struct ElmanGateTests {
  @Test(arguments: InstructionSet.all, GateCase.all)
  func forwardAgreesWithNaive(_ set: InstructionSet, _ shape: GateCase) {
    let pre = shape.grid(1, scale: 3)
    let hidden = shape.grid(2)
    let expected = shape.grid(2)
    set.kernels.elmanForward(rk_block(pre), pre.base, hidden.base)
    InstructionSet.naive.kernels.elmanForward(rk_block(pre), pre.base, expected.base)
    // 2.5 ulps in either version.
    let problem = hidden.difference(from: expected) {
      tolerance(operations: 5, magnitude: abs(expected[$0, $1]))
    }
    if let problem { Issue.record("\(problem)") }
    #expect(hidden.isIntact && pre.hasSameBits(as: shape.grid(1, scale: 3)))
    set.kernels.elmanForward(rk_block(pre), pre.base, pre.base)
    #expect(pre.hasSameBits(as: hidden), "in place")
  }

  @Test(arguments: InstructionSet.all, GateCase.all)
  func backwardAgreesWithNaive(_ set: InstructionSet, _ shape: GateCase) {
    let hidden = shape.grid(1, scale: 0.9)
    let gradient = shape.grid(2)
    let pre = shape.grid(3)
    let expected = shape.grid(3)
    set.kernels.elmanBackward(rk_block(pre), pre.base, hidden.base, gradient.base)
    InstructionSet.naive.kernels.elmanBackward(rk_block(pre), expected.base, hidden.base, gradient.base)
    let problem = pre.difference(from: expected) { tolerance(operations: 3, magnitude: abs(gradient[$0, $1])) }
    if let problem { Issue.record("\(problem)") }
    #expect(pre.isIntact)
  }
}
