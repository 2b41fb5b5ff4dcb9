import RecurrentKernels
import Testing

/// LSTM gates with layer normalisation against their naive version.
@Suite struct LayerNormTests {
  struct Options: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var coupled = false
    var hasPeepholes = false
    var cellClip = Float.infinity
    /// Whether units are lanes, as in streaming.
    var unitsAreLanes = false

    static let all = [
      Self(testDescription: "plain"),
      Self(testDescription: "peepholes", hasPeepholes: true),
      Self(testDescription: "coupled", coupled: true),
      Self(testDescription: "coupled, peepholes, cell clip", coupled: true, hasPeepholes: true, cellClip: 0.7),
      Self(testDescription: "cell clip", cellClip: 0.7),
      Self(testDescription: "units as lanes", unitsAreLanes: true),
      Self(testDescription: "peepholes, units as lanes", hasPeepholes: true, unitsAreLanes: true),
      Self(
        testDescription: "coupled, peepholes, cell clip, units as lanes", coupled: true, hasPeepholes: true,
        cellClip: 0.7, unitsAreLanes: true),
    ]

    var gateCount: Int { coupled ? 3 : 4 }
    /// Shifts, peepholes, gains, gain and shift of the cell state.
    var vectorCount: Int { 2 * gateCount + (hasPeepholes ? gateCount - 1 : 0) + 2 }
    /// The blocks of rows that forward keeps of each unit, and the rows of the norms.
    var savedBlocks: Int { Int(RK_NORM_GATES.rawValue) + gateCount }
    var statistics: Int { Int(RK_NORM_ROWS.rawValue) * (gateCount + 1) }

    /// In streaming a row ends with zeros.
    func units(_ shape: GateCase) -> Int { unitsAreLanes ? max(shape.lanes - 3, 1) : shape.rows }

    func kernel(_ vectors: Grid, units: Int) -> rk_norm_lstm {
      rk_norm_lstm(
        couplesInputAndForgetGates: coupled ? 1 : 0, hasPeepholes: hasPeepholes ? 1 : 0, units: units,
        cellClip: cellClip, epsilon: 1e-3,
        vectors: rk_vectors(
          values: vectors.base, vector: vectors.row, unit: unitsAreLanes ? 0 : 1, lane: unitsAreLanes ? 1 : 0))
    }

    /// Shapes with units; vectors over lanes are for one row.
    var shapes: [GateCase] {
      unitsAreLanes
        ? [
          GateCase(rows: 1, lanes: 8, reason: "five units"),
          GateCase(rows: 1, lanes: 24, reason: "a vector and a half"),
          GateCase(rows: 1, lanes: 520, reason: "many units"),
        ] : GateCase.all.filter { $0.rows > 0 }
    }
  }

  /// What the forward kernel reads and writes.
  struct Forward {
    let options: Options
    let units: Int
    let vectors: Grid
    let gates: Grid
    let cell: Grid
    let newCell: Grid
    let saved: Grid
    let statistics: Grid
    let hidden: Grid

    init(_ set: InstructionSet, _ shape: GateCase, _ options: Options) {
      self.options = options
      let units = options.units(shape)
      self.units = units
      func grid(_ seed: Int, parts: Int = 1) -> Grid {
        let value = values(seed, scale: 2)
        return Grid(shape.rows * parts, shape.lanes, gap: shape.gap) {
          options.unitsAreLanes && $1 >= units ? 0 : value($0, $1)
        }
      }
      let vector = values(11)
      vectors = Grid(options.vectorCount, options.unitsAreLanes ? shape.lanes : shape.rows) {
        options.unitsAreLanes && $1 >= units ? 0 : vector($0, $1)
      }
      gates = grid(1, parts: options.gateCount)
      cell = grid(2)
      newCell = shape.grid(3)
      saved = Grid(shape.rows * options.savedBlocks, shape.lanes, gap: shape.gap)
      statistics = Grid(options.statistics, shape.lanes, gap: shape.gap)
      hidden = shape.grid(5)
      set.kernels.lstmNormForward(
        rk_block(cell), options.kernel(vectors, units: units), gates.base, shape.rows * gates.row, cell.base,
        newCell.base, saved.base, statistics.base, hidden.base)
    }

    /// How much a norm widens an error: the largest 1 / √(variance + ε), and 1.
    var widening: Float {
      let scales = (0...options.gateCount).flatMap { norm in
        (0..<statistics.columns).map { statistics[norm * Int(RK_NORM_ROWS.rawValue) + Int(RK_NORM_SCALE.rawValue), $0] }
      }
      return max(1, scales.max() ?? 1)
    }
  }

  @Test(arguments: InstructionSet.all, Options.all)
  func forwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for shape in options.shapes {
      let actual = Forward(set, shape, options)
      let expected = Forward(.naive, shape, options)
      // Sums over all units, widened by two norms one after the other, then a function; numbers of at most 5.
      let allowed = tolerance(operations: 24 + expected.units, magnitude: 5 * expected.widening)
      for (number, pair) in [
        (actual.newCell, expected.newCell), (actual.hidden, expected.hidden), (actual.gates, expected.gates),
        (actual.saved, expected.saved), (actual.statistics, expected.statistics),
      ].enumerated() {
        let problem = pair.0.difference(from: pair.1) { _, column in
          if options.unitsAreLanes && column >= expected.units { return .infinity }
          // 1 / √ may be as large as the widening itself, and errs as much again.
          return number == 4 ? allowed * expected.widening * expected.widening : allowed
        }
        if let problem { Issue.record("\(shape.reason), result \(number): \(problem)") }
        #expect(pair.0.isIntact)
      }
      #expect(actual.cell.hasSameBits(as: expected.cell))
    }
  }

  /// What the backward pass leaves behind, with gradients of vectors summed up over the lanes that run.
  private func backward(
    _ set: InstructionSet, _ shape: GateCase, _ options: Options, running: Int
  ) -> (results: [Grid], sums: [Float]) {
    let forward = Forward(.naive, shape, options)
    let gates = forward.gates.copy()
    let (hiddenGradient, cellGradient) = (shape.grid(8), shape.grid(9))
    let blocks = Int(RK_NORM_BLOCKS.rawValue) * shape.rows
    let scratch = Grid(blocks + 2 * (options.gateCount + 1), shape.lanes, gap: shape.gap)
    let sums = shape.grid(10, parts: options.vectorCount)
    set.kernels.lstmNormBackward(
      rk_block(forward.cell), options.kernel(forward.vectors, units: shape.rows), gates.base, shape.rows * gates.row,
      forward.cell.base, forward.saved.base, forward.statistics.base, hiddenGradient.base, cellGradient.base,
      scratch.base, sums.base, running)
    for grid in [gates, forward.saved, forward.statistics, scratch, cellGradient, sums] { #expect(grid.isIntact) }
    // What lies behind the lanes that run is left as it was.
    let untouched = shape.grid(10, parts: options.vectorCount)
    for row in 0..<sums.rows {
      for lane in running..<sums.columns { #expect(sums[row, lane] == untouched[row, lane], "\(shape.reason)") }
    }
    return (
      [gates, cellGradient, scratch],
      (0..<sums.rows).map { row in (0..<running).reduce(0) { $0 + sums[row, $1] } }
    )
  }

  @Test(arguments: InstructionSet.all, Options.all.filter { !$0.unitsAreLanes })
  func backwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for shape in options.shapes {
      let widening = Forward(.naive, shape, options).widening
      // All lanes run, or all but some of the last eight.
      for running in shape.lanes.isMultiple(of: 8) ? [shape.lanes, shape.lanes - 1, shape.lanes - 7] : [shape.lanes] {
        let actual = backward(set, shape, options, running: running)
        let expected = backward(.naive, shape, options, running: running)
        let allowed = tolerance(operations: 24 + shape.rows, magnitude: 8 * widening * widening)
        for (number, (actual, expected)) in zip(actual.results, expected.results).enumerated() {
          let problem = actual.difference(from: expected) { _, _ in allowed }
          if let problem { Issue.record("\(shape.reason), \(running) lanes, result \(number): \(problem)") }
        }
        for (row, (actual, expected)) in zip(actual.sums, expected.sums).enumerated() {
          #expect(
            abs(actual - expected) <= allowed * Float(shape.lanes), "\(shape.reason), \(running) lanes, vector \(row)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [false, true])
  func sumsAreTheSameOverRowsAndLanes(_ set: InstructionSet, coupled: Bool) {
    // Twenty-one units as rows of some lanes, and as the lanes of one row with zeros behind: the same bits.
    let count = 21
    let vectors = Grid(13, 24) { $1 < count ? value($0, $1) : 0 }
    let (gates, cell) = (Grid(4, 24) { $1 < count ? value($0 + 3, $1) : 0 }, Grid(1, 24) { value(7, $1) })
    func run(lanes: Int?) -> [[Float]] {
      let rows = lanes == nil ? 1 : count
      let width = lanes ?? 24
      func spread(_ grid: Grid) -> Grid {
        lanes == nil ? grid.copy() : Grid(grid.rows * count, width) { row, _ in grid[row / count, row % count] }
      }
      let (z, c) = (spread(gates), spread(cell))
      let (new, hidden) = (Grid(rows, width), Grid(rows, width))
      let (saved, statistics) = (Grid(5 * rows, width), Grid(10, width))
      let options = rk_norm_lstm(
        couplesInputAndForgetGates: coupled ? 1 : 0, hasPeepholes: 1, units: count, cellClip: .infinity, epsilon: 1e-5,
        vectors: rk_vectors(values: vectors.base, vector: 24, unit: lanes == nil ? 0 : 1, lane: lanes == nil ? 1 : 0))
      set.kernels.lstmNormForward(
        rk_block(rows: rows, n: width, row: width), options, z.base, rows * width, c.base, new.base, saved.base,
        statistics.base, hidden.base)
      return [new, hidden].map { grid in (0..<count).map { lanes == nil ? grid[0, $0] : grid[$0, width - 1] } }
    }
    let expected = run(lanes: nil)
    for lanes in [1, 7, 16, 40] { #expect(run(lanes: lanes) == expected, "\(lanes) lanes") }
  }

  @Test(arguments: InstructionSet.all + [.naive], 0..<5)
  func notANumberReachesItsSampleAndNoOther(_ set: InstructionSet, place: Int) {
    // A gate of one unit, or its cell state, of the sample in lane 19.
    let gates = Grid(12, 21) { $0 == 3 * place + 1 && $1 == 19 ? .nan : value($1, $0) }
    let cell = Grid(3, 21) { place == 4 && $0 == 1 && $1 == 19 ? .nan : value($1, 7 + $0) }
    let (out, saved, statistics) = (Grid(6, 21), Grid(15, 21), Grid(10, 21))
    let vectors = Grid(10, 3, value: values(11))
    let options = Options(testDescription: "plain").kernel(vectors, units: 3)
    set.kernels.lstmNormForward(
      rk_block(cell), options, gates.base, 63, cell.base, out.base, saved.base, statistics.base, out.base + 63)
    for row in 3..<6 {
      for lane in 0..<21 { #expect(out[row, lane].isNaN == (lane == 19)) }
    }
  }
}
