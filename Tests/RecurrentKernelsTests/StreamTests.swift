import RecurrentKernels
import Testing

/// Layers of one sequence, against their naive version and against the kernels for batches.
@Suite struct StreamTests {
  /// A kind of cell: its gates, those of them that read the input and the hidden state, and its forward pass.
  struct Cell: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: rk_stream_cell
    /// Pre-activations, and rows of W and U.
    let sums: Int
    let gates: Int

    static let all = [
      Cell(testDescription: "LSTM", kind: RK_STREAM_LSTM, sums: 4, gates: 4),
      Cell(testDescription: "GRU", kind: RK_STREAM_GRU, sums: 4, gates: 3),
      Cell(testDescription: "GRU, reset before", kind: RK_STREAM_GRU_BEFORE, sums: 3, gates: 3),
      Cell(testDescription: "MGU", kind: RK_STREAM_MGU, sums: 3, gates: 2),
      Cell(testDescription: "MGU, gate before", kind: RK_STREAM_MGU_BEFORE, sums: 2, gates: 2),
      Cell(testDescription: "Elman, tanh", kind: RK_STREAM_TANH, sums: 1, gates: 1),
      Cell(testDescription: "Elman, ReLU", kind: RK_STREAM_RELU, sums: 1, gates: 1),
    ]

    /// Whether a gate is applied before the candidate's product.
    var isInTwoParts: Bool { kind == RK_STREAM_GRU_BEFORE || kind == RK_STREAM_MGU_BEFORE }
    /// Whether the candidate's sums of W x and of U h are apart.
    var isApart: Bool { sums > gates }
  }

  struct Case: ReasonedCase {
    let inputs: Int
    let units: Int
    var readsTokens = false
    /// Features of a token's embedding; 0 without.
    var features = 0
    let reason: String

    /// Columns of W.
    var columns: Int { features > 0 ? features : inputs }

    static let all = [
      Case(inputs: 1, units: 1, reason: "one unit"),
      Case(inputs: 3, units: 7, reason: "one unit less than a narrow vector"),
      Case(inputs: 1, units: 8, reason: "a narrow vector"),
      Case(inputs: 28, units: 20, reason: "the notebook's first layer, no whole vectors"),
      Case(inputs: 1, units: 33, reason: "one unit more than whole vectors"),
      Case(inputs: 2, units: 64, reason: "several groups"),
      Case(inputs: 5, units: 71, reason: "groups of different widths, with a rest"),
      Case(inputs: 1, units: 128, reason: "weights that outgrow the first cache"),
      Case(inputs: 6, units: 12, readsTokens: true, reason: "tokens"),
      Case(inputs: 65, units: 57, readsTokens: true, reason: "tokens, several groups"),
      Case(inputs: 6, units: 13, readsTokens: true, features: 3, reason: "embedded tokens"),
      Case(inputs: 9, units: 57, readsTokens: true, features: 11, reason: "embedded tokens, several groups"),
    ]
  }

  /// A layer with weights, its input and its state.
  struct Layer {
    static let steps = 5
    let cell: Cell
    let shape: Case
    var layer: rk_stream_layer
    let inputWeights: Grid
    let hiddenWeights: Grid
    let bias: Grid
    let inputs: Grid
    let embeddings: Grid
    let tokens: [Int32]

    /// A layer of the given precision, whose inputs are states of another if it says so.
    init(_ cell: Cell, _ shape: Case, _ precision: rk_stream_precision = RK_STREAM_FLOAT, readsStates: Bool = false) {
      (self.cell, self.shape) = (cell, shape)
      let row = (shape.units + 15) / 16 * 16
      layer = rk_stream_layer(
        cell: Int32(cell.kind.rawValue), readsTokens: shape.readsTokens ? 1 : 0, inputs: shape.inputs,
        features: shape.features, embeddings: nil, units: shape.units, row: row, precision: Int32(precision.rawValue),
        readsStates: readsStates ? 1 : 0,
        pack: nil, run: nil, parts: (rk_stream_part(), rk_stream_part()))
      // Rows of U whose magnitudes add up to less than one keep errors of one step from growing in the next.
      inputWeights = Grid(cell.gates * shape.units, shape.columns, value: values(1))
      hiddenWeights = Grid(cell.gates * shape.units, shape.units, value: values(2, scale: 1 / Float(shape.units)))
      bias = Grid(1, cell.sums * shape.units, value: values(3))
      inputs = Grid(Self.steps, shape.inputs, gap: 3, value: values(4))
      embeddings = Grid(shape.inputs, shape.columns, value: values(7))
      tokens = (0..<Self.steps).map { Int32(($0 * $0 + 1) % shape.inputs) }
      for weights in [inputWeights, hiddenWeights] {
        rk_stream_round(precision, weights.base, weights.rows, weights.columns)
      }
    }

    /// The state before the first step: h in one of two rows, NaN in the other.
    func state(turn: Int) -> Grid {
      let bytes = rk_stream_bytes(layer.row) + rk_stream_bytes(layer.inputs)
      return Grid(Int(RK_STREAM_ROWS.rawValue) + (bytes + layer.row - 1) / layer.row, layer.row) { row, unit in
        unit >= shape.units || (row < 2 && row != turn) ? .nan : value(unit, 5 + max(row, 1))
      }
    }

    /// Runs all steps, `calls` of them at a time, and returns the state and h after every step.
    func run(
      _ set: InstructionSet, turn first: Int = 0, at once: Int = steps, writesOutputs: Bool = true
    ) -> (state: Grid, outputs: Grid) {
      run(set.kernels.streamPlan, turn: first, at: once, writesOutputs: writesOutputs)
    }

    func run(
      _ plan: rk_stream_plan_kernel, turn first: Int = 0, at once: Int = steps, writesOutputs: Bool = true
    ) -> (state: Grid, outputs: Grid) {
      var layer = layer
      if shape.features > 0 { layer.embeddings = UnsafePointer(embeddings.base) }
      let packed = Grid(1, plan(&layer)) { _, _ in .nan }
      layer.pack?(&layer, inputWeights.base, hiddenWeights.base, bias.base, packed.base)
      // A step does not need them any more.
      layer.embeddings = nil
      let (state, outputs) = (state(turn: first), Grid(Self.steps, layer.row))
      for t in stride(from: 0, to: Self.steps, by: once) {
        let count = min(once, Self.steps - t)
        tokens.withUnsafeBufferPointer { tokens in
          layer.run?(
            &layer, packed.base, shape.readsTokens ? nil : inputs.base + t * inputs.row, inputs.row,
            shape.readsTokens ? tokens.baseAddress.map { $0 + t } : nil, count, (first + t) % 2, state.base,
            writesOutputs ? outputs.base + t * outputs.row : nil)
        }
      }
      #expect(packed.isIntact && state.isIntact && outputs.isIntact && inputs.isIntact)
      return (state, outputs)
    }

    /// A row of the state or of the outputs, without what lies beyond the units.
    func units(_ grid: Grid, _ row: Int) -> Grid { Grid(1, shape.units) { _, unit in grid[row, unit] } }
  }

  @Test(arguments: InstructionSet.all, Cell.all)
  func agreesWithNaive(_ set: InstructionSet, _ cell: Cell) {
    for shape in Case.all {
      let layer = Layer(cell, shape)
      let (actual, expected) = (layer.run(set), layer.run(.naive))
      // A sum of I + H products, then some ten operations, in each step; all numbers are below 4.
      func allowed(_ row: Int, _ unit: Int) -> Float {
        tolerance(operations: Layer.steps * (shape.inputs + shape.units + 12), magnitude: 4)
      }
      for t in 0..<Layer.steps {
        let problem = layer.units(actual.outputs, t).difference(
          from: layer.units(expected.outputs, t), within: allowed)
        if let problem { Issue.record("\(shape.reason), step \(t): \(problem)") }
      }
      if cell.kind == RK_STREAM_LSTM {
        let problem = layer.units(actual.state, 2).difference(from: layer.units(expected.state, 2), within: allowed)
        if let problem { Issue.record("\(shape.reason), cell state: \(problem)") }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], Cell.all)
  func hasTheBitsOfTheBatchForm(_ set: InstructionSet, _ cell: Cell) {
    for shape in Case.all {
      let layer = Layer(cell, shape)
      let batch = StreamBatchForm(layer, set)
      let outputs = layer.run(set).outputs
      for t in 0..<Layer.steps {
        batch.step(t)
        let same = layer.units(outputs, t).hasSameBits(as: batch.hidden)
        if !same { Issue.record("\(shape.reason), step \(t)") }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], Cell.all)
  func stepsOneByOneAreTheSame(_ set: InstructionSet, _ cell: Cell) {
    for shape in Case.all {
      let layer = Layer(cell, shape)
      let whole = layer.run(set)
      for (once, turn, writesOutputs) in [(1, 0, true), (1, 1, false), (2, 1, true), (5, 0, false), (5, 1, false)] {
        let other = layer.run(set, turn: turn, at: once, writesOutputs: writesOutputs)
        let last = (Layer.steps + turn) % 2
        var same = layer.units(other.state, last).hasSameBits(as: layer.units(whole.outputs, Layer.steps - 1))
        same = same && layer.units(whole.state, 1).hasSameBits(as: layer.units(whole.outputs, Layer.steps - 1))
        if cell.kind == RK_STREAM_LSTM {
          same = same && layer.units(other.state, 2).hasSameBits(as: layer.units(whole.state, 2))
        }
        if writesOutputs {
          for t in 0..<Layer.steps {
            same = same && layer.units(other.outputs, t).hasSameBits(as: layer.units(whole.outputs, t))
          }
        }
        if !same { Issue.record("\(shape.reason): \(once) at once from row \(turn)") }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [1, 7, 8, 20, 131])
  func headIsAProductOfOneRow(_ set: InstructionSet, inputs: Int) {
    for row in [8, 16, 24, 32, 40, 72] {
      let weights = Grid(inputs + 1, row, value: values(1))
      let h = Grid(1, inputs, value: values(2))
      let (found, expected) = (Grid(1, row), Grid(1, row))
      set.kernels.streamHead(weights.base, weights.row, inputs, h.base, found.base)
      var terms = rk_terms()
      rk_append(
        &terms, rk_term(a: h.base, aRow: 0, b: weights.base + weights.row, bRow: weights.row, k: inputs))
      set.kernels.product(
        expected.base, row, rk_rows(m: 1, parts: 1, stride: 0), row, RK_FROM_ROW, weights.base, &terms)
      #expect(found.hasSameBits(as: expected) && found.isIntact && h.isIntact, "\(row) outputs")
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], Cell.all)
  func notANumberIsPassedOn(_ set: InstructionSet, _ cell: Cell) {
    let layer = Layer(cell, Case.all[3])
    layer.inputs[1, 4] = .nan
    let outputs = layer.run(set).outputs
    for unit in 0..<layer.shape.units {
      #expect(!outputs[0, unit].isNaN)
      #expect((1..<Layer.steps).allSatisfy { outputs[$0, unit].isNaN }, "unit \(unit)")
    }
  }
}
