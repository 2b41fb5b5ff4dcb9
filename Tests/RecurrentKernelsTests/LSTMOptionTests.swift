import RecurrentKernels
import Testing

/// LSTM gates with options against their naive version.
@Suite struct LSTMOptionTests {
  struct Options: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var coupled = false
    var general = false
    var cellClip = Float.infinity
    var preactivationClip = Float.infinity
    var hasPeepholes = true
    /// Whether units are lanes, as in streaming.
    var unitsAreLanes = false
    var functions = [RK_SIGMOID_OF, RK_TANH, RK_TANH]

    static let all = [
      Self(testDescription: "peepholes"),
      Self(testDescription: "peepholes, units as lanes", unitsAreLanes: true),
      Self(testDescription: "no vectors", hasPeepholes: false),
      Self(testDescription: "coupled", coupled: true, hasPeepholes: false),
      Self(testDescription: "coupled, peepholes, units as lanes", coupled: true, unitsAreLanes: true),
      Self(testDescription: "cell clip", cellClip: 0.7),
      Self(testDescription: "input clip", general: true, preactivationClip: 0.9),
      Self(testDescription: "coupled, both clips", coupled: true, general: true, cellClip: 0.7, preactivationClip: 0.9),
      Self(
        testDescription: "other functions", general: true,
        functions: [RK_HARD_SIGMOID, RK_SOFTSIGN, RK_SCALED_TANH]),
      Self(
        testDescription: "other functions, coupled, clipped", coupled: true, general: true, preactivationClip: 1.1,
        functions: [RK_SOFTSIGN, RK_ELU, RK_SOFTPLUS]),
    ]

    var gateCount: Int { coupled ? 3 : 4 }

    /// Three vectors for the rows of a shape, or for its lanes.
    func vectors(_ shape: GateCase) -> Grid {
      Grid(3, unitsAreLanes ? shape.lanes : max(shape.rows, 1), value: values(11))
    }

    func kernel(_ vectors: Grid) -> rk_lstm {
      func function(_ place: Int) -> rk_activation {
        rk_activation(kind: Int32(functions[place].rawValue), alpha: 0.3, beta: 0.6)
      }
      return rk_lstm(
        couplesInputAndForgetGates: coupled ? 1 : 0, isGeneral: general ? 1 : 0, cellClip: cellClip,
        preactivationClip: preactivationClip,
        gate: function(0), candidate: function(1), cell: function(2),
        peepholes: hasPeepholes
          ? rk_vectors(
            values: vectors.base, vector: vectors.row, unit: unitsAreLanes ? 0 : 1, lane: unitsAreLanes ? 1 : 0)
          : rk_vectors())
    }
  }

  /// What the forward kernel reads and writes.
  struct Forward {
    let gates: Grid
    let cell: Grid
    let newCell: Grid
    let saved: Grid
    let hidden: Grid

    init(_ set: InstructionSet, _ shape: GateCase, _ options: Options) {
      gates = shape.grid(1, scale: 2, parts: options.gateCount)
      cell = shape.grid(2, scale: 2)
      newCell = shape.grid(3)
      saved = shape.grid(4, parts: 2 + options.gateCount)
      hidden = shape.grid(5)
      let vectors = options.vectors(shape)
      set.kernels.lstmOptionsForward(
        rk_block(cell), options.kernel(vectors), gates.base, shape.rows * gates.row, cell.base, newCell.base,
        saved.base, hidden.base)
    }

    var results: [Grid] { [gates, newCell, saved, hidden] }
  }

  /// Vectors over lanes are for one row.
  private static func shapes(_ options: Options) -> [GateCase] {
    options.unitsAreLanes
      ? GateCase.all.filter { $0.rows == 1 } + [
        GateCase(rows: 1, lanes: 304, reason: "more units than a piece holds"),
        GateCase(rows: 1, lanes: 520, reason: "three pieces"),
      ] : GateCase.all
  }

  @Test(arguments: InstructionSet.all, Options.all)
  func forwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for shape in Self.shapes(options) {
      let actual = Forward(set, shape, options)
      let expected = Forward(.naive, shape, options)
      for (number, (actual, expected)) in zip(actual.results, expected.results).enumerated() {
        // Up to three functions one after another, each with 5 operations' worth between the two versions, on numbers
        // of at most 5; slopes of at most 1.
        let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 24, magnitude: 5) }
        if let problem { Issue.record("\(shape.reason), result \(number): \(problem)") }
        #expect(actual.isIntact)
      }
      #expect(actual.cell.hasSameBits(as: shape.grid(2, scale: 2)))
    }
  }

  @Test(arguments: InstructionSet.all, Options.all)
  func backwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for shape in Self.shapes(options) {
      let forward = Forward(.naive, shape, options)
      let vectors = options.vectors(shape)
      let hiddenGradient = shape.grid(8)
      let running = shape.lanes.isMultiple(of: 8) ? shape.lanes - 3 : shape.lanes
      let results = [set, .naive].map { set in
        let gates = forward.gates.copy()
        let cellGradient = shape.grid(9)
        let sums = shape.grid(10, parts: 3)
        set.kernels.lstmOptionsBackward(
          rk_block(forward.cell), options.kernel(vectors), gates.base, shape.rows * gates.row, forward.cell.base,
          forward.saved.base, hiddenGradient.base, cellGradient.base, options.hasPeepholes ? sums.base : nil, running)
        return [gates, cellGradient, sums]
      }
      for (actual, expected) in zip(results[0], results[1]) {
        let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 24, magnitude: 8) }
        if let problem { Issue.record("\(shape.reason): \(problem)") }
        #expect(actual.isIntact)
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func vectorsAreTheSameForRowsAndLanes(_ set: InstructionSet) {
    // Twenty units as rows of one lane each, and as lanes of one row: the same bits.
    let vectors = Grid(3, 20, value: values(1))
    func run(_ block: rk_block, unit: Int, lane: Int) -> [Grid] {
      let grids = [Grid(4, 20, value: values(2)), Grid(1, 20, value: values(3))] + [1, 2, 1].map { Grid($0, 20) }
      let options = rk_lstm(
        couplesInputAndForgetGates: 0, isGeneral: 0, cellClip: .infinity, preactivationClip: .infinity,
        gate: rk_activation(),
        candidate: rk_activation(), cell: rk_activation(),
        peepholes: rk_vectors(values: vectors.base, vector: 20, unit: unit, lane: lane))
      set.kernels.lstmOptionsForward(
        block, options, grids[0].base, 20, grids[1].base, grids[2].base, grids[3].base, grids[4].base)
      return grids
    }
    let rows = run(rk_block(rows: 20, n: 1, row: 1), unit: 1, lane: 0)
    let lanes = run(rk_block(rows: 1, n: 20, row: 20), unit: 0, lane: 1)
    #expect(zip(rows, lanes).allSatisfy { $0.hasSameBits(as: $1) })
  }

  @Test(arguments: InstructionSet.all + [.naive], 0..<5)
  func notANumberIsPassedOn(_ set: InstructionSet, place: Int) {
    for options in Options.all where !options.coupled && !options.unitsAreLanes {
      let gates = Grid(4, 21) { $0 == place && $1 == 19 ? .nan : value($1, $0) }
      let cell = Grid(1, 21) { _, j in place == 4 && j == 19 ? .nan : value(j, 7) }
      let out = Grid(8, 21)
      let vectors = Grid(3, 1, value: values(11))
      set.kernels.lstmOptionsForward(
        rk_block(cell), options.kernel(vectors), gates.base, 21, cell.base, out.base, out.base + 21, out.base + 147)
      for j in 0..<21 { #expect(out[7, j].isNaN == (j == 19), "\(options.testDescription)") }
    }
  }
}
