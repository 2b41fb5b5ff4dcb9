import RecurrentKernels
import Testing

/// Layers of one sequence with weights of reduced precision.
@Suite struct ReducedStreamTests {
  private static let bounded = StreamTests.Cell.all.filter { $0.kind != RK_STREAM_RELU }

  @Test(
    "in bf16, the bits of floats with the same values", arguments: InstructionSet.all + [.naive], StreamTests.Cell.all)
  func halves(_ set: InstructionSet, _ cell: StreamTests.Cell) {
    for shape in StreamTests.Case.all {
      var layer = StreamTests.Layer(cell, shape, RK_STREAM_BF16)
      let found = layer.run(set).outputs
      layer.layer.precision = Int32(RK_STREAM_FLOAT.rawValue)
      let expected = layer.run(set).outputs
      for t in 0..<StreamTests.Layer.steps {
        let same = layer.units(found, t).hasSameBits(as: layer.units(expected, t))
        if !same { Issue.record("\(shape.reason), step \(t)") }
      }
    }
  }

  // Only the first step: in later ones the last bit of h may decide whether it is rounded up or down.
  @Test("in eight bits, what the naive version gives", arguments: InstructionSet.all, bounded)
  func wholes(_ set: InstructionSet, _ cell: StreamTests.Cell) {
    for (shape, readsStates) in StreamTests.Case.all.flatMap({ [($0, false), ($0, true)] }) {
      if readsStates && shape.readsTokens { continue }
      let layer = StreamTests.Layer(cell, shape, RK_STREAM_INT8, readsStates: readsStates)
      let (found, expected) = (layer.run(set, at: 1).outputs, layer.run(.naive, at: 1).outputs)
      let problem = layer.units(found, 0).difference(from: layer.units(expected, 0)) { _, _ in
        tolerance(operations: shape.inputs + 20, magnitude: 4)
      }
      if let problem { Issue.record("\(shape.reason), \(readsStates): \(problem)") }
    }
  }

  @Test(
    "in eight bits, the same bits for every width of vectors, with one instruction for four products or several",
    .enabled(if: InstructionSet.wide.count == 2), arguments: bounded)
  func widths(_ cell: StreamTests.Cell) {
    for (shape, readsStates) in StreamTests.Case.all.flatMap({ [($0, false), ($0, true)] }) {
      if readsStates && shape.readsTokens { continue }
      let layer = StreamTests.Layer(cell, shape, RK_STREAM_INT8, readsStates: readsStates)
      var plans = InstructionSet.wide.map { $0.kernels.streamPlan }
      #if arch(x86_64)
        plans += [rk_stream_plan_avx2_without_vnni, rk_stream_plan_avx512_without_vnni]
      #endif
      let outputs = plans.map { layer.run($0).outputs }
      for t in 0..<StreamTests.Layer.steps {
        let first = layer.units(outputs[0], t)
        let same = outputs.allSatisfy { layer.units($0, t).hasSameBits(as: first) }
        if !same { Issue.record("\(shape.reason), \(readsStates), step \(t)") }
      }
    }
  }

  @Test("in eight bits, steps one by one are the same", arguments: InstructionSet.all + [.naive], bounded)
  func stepsOneByOne(_ set: InstructionSet, _ cell: StreamTests.Cell) {
    for shape in StreamTests.Case.all {
      let layer = StreamTests.Layer(cell, shape, RK_STREAM_INT8, readsStates: !shape.readsTokens)
      let whole = layer.run(set).outputs
      for (once, turn) in [(1, 0), (1, 1), (2, 1)] {
        let other = layer.run(set, turn: turn, at: once).outputs
        let same = (0..<StreamTests.Layer.steps).allSatisfy {
          layer.units(other, $0).hasSameBits(as: layer.units(whole, $0))
        }
        if !same { Issue.record("\(shape.reason): \(once) at once from row \(turn)") }
      }
    }
  }

  @Test("in eight bits, NaN is passed on", arguments: InstructionSet.all + [.naive], bounded)
  func notANumber(_ set: InstructionSet, _ cell: StreamTests.Cell) {
    for readsStates in [false, true] {
      let layer = StreamTests.Layer(cell, StreamTests.Case.all[6], RK_STREAM_INT8, readsStates: readsStates)
      layer.inputs[1, 4] = .nan
      let outputs = layer.run(set).outputs
      for unit in 0..<layer.shape.units {
        #expect(!outputs[0, unit].isNaN)
        #expect((1..<StreamTests.Layer.steps).allSatisfy { outputs[$0, unit].isNaN }, "unit \(unit)")
      }
    }
  }

  @Test("in eight bits, a step stays within its memory", arguments: InstructionSet.all, [17, 25, 27, 28, 31, 32, 59])
  func memory(_ set: InstructionSet, _ size: Int) {
    let shape = StreamTests.Case(inputs: size, units: size, reason: "a rest of some vectors")
    for cell in Self.bounded {
      var plans = [set.kernels.streamPlan]
      #if arch(x86_64)
        if set.set == RK_AVX2 { plans.append(rk_stream_plan_avx2_without_vnni) }
        if set.set == RK_AVX512 { plans.append(rk_stream_plan_avx512_without_vnni) }
      #endif
      for plan in plans {
        let example = StreamTests.Layer(cell, shape, RK_STREAM_INT8, readsStates: true)
        var layer = example.layer
        let packed = Grid(1, plan(&layer)) { _, _ in .nan }
        layer.pack?(
          &layer, example.inputWeights.base, example.hiddenWeights.base, example.bias.base, packed.base)
        let bytes = rk_stream_bytes(layer.row) + rk_stream_bytes(layer.inputs)
        let state = Grid(1, Int(RK_STREAM_ROWS.rawValue) * layer.row + bytes) { _, index in value(index, 5) }
        layer.run?(
          &layer, packed.base, example.inputs.base, example.inputs.row, nil, StreamTests.Layer.steps, 0, state.base, nil
        )
        #expect(packed.isIntact && state.isIntact)
      }
    }
  }

  @Test("packed weights take a quarter or half of the memory", arguments: InstructionSet.all)
  func sizes(_ set: InstructionSet) {
    let shape = StreamTests.Case(inputs: 128, units: 128, reason: "a layer above another")
    let sizes = [RK_STREAM_FLOAT, RK_STREAM_BF16, RK_STREAM_INT8].map { precision in
      var layer = StreamTests.Layer(StreamTests.Cell.all[0], shape, precision, readsStates: true).layer
      return Double(set.kernels.streamPlan(&layer))
    }
    if set.set.rawValue < RK_PORTABLE.rawValue { return }
    #expect(sizes[1] / sizes[0] < 0.51 && sizes[2] / sizes[0] < 0.28)
  }

  // MARK: Rounding

  @Test("rounding again changes nothing, and the error is at most half of a scale")
  func rounding() {
    let (rows, columns) = (17, 37)
    for precision in [RK_STREAM_BF16, RK_STREAM_INT8] {
      let weights = Grid(rows, columns) { row, column in value(row * 977 + column, 3) * Float(1 << row) / 1024 }
      let once = weights.copy()
      rk_stream_round(precision, once.base, rows, columns)
      let twice = once.copy()
      rk_stream_round(precision, twice.base, rows, columns)
      #expect(once.hasSameBits(as: twice) && once.isIntact && !once.hasSameBits(as: weights))
      for row in 0..<rows {
        let largest = (0..<columns).reduce(Float(0)) { max($0, abs(weights[row, $1])) }
        for column in 0..<columns {
          let (found, exact) = (once[row, column], weights[row, column])
          let allowed = precision == RK_STREAM_BF16 ? abs(exact) / 256 : largest / 127 * 0.5001
          #expect(abs(found - exact) <= allowed)
        }
        if precision == RK_STREAM_INT8 {
          let scale = rk_stream_scale(once.base + row * columns, columns)
          let wholes = (0..<columns).map { rk_stream_whole(once[row, $0], scale) }
          #expect(wholes.map(abs).max() == 127)
          #expect((0..<columns).allSatisfy { Double(wholes[$0]) * Double(scale) == Double(once[row, $0]) })
        }
      }
    }
  }

  @Test(
    "half a unit rounds to the even number",
    arguments: [
      (0x3F80_8000, 0x3F80_0000), (0x3F81_8000, 0x3F82_0000), (0xBF80_8001, 0xBF81_0000), (0x3F80_7FFF, 0x3F80_0000),
      (0x7F80_0000, 0x7F80_0000), (0x8000_0000, 0x8000_0000),
    ] as [(UInt32, UInt32)])
  func ties(bits: UInt32, expected: UInt32) {
    #expect(rk_stream_bf16(Float(bitPattern: bits)).bitPattern == expected)
  }

  @Test("rows of zeros stay zeros; infinities and NaN make their row NaN")
  func specialRows() {
    let rows = Grid(4, 3) { row, column in
      [[0, 0, 0], [1, .infinity, 2], [.nan, 1, 1], [Float.leastNormalMagnitude, 0, 0]][row][column]
    }
    rk_stream_round(RK_STREAM_INT8, rows.base, 4, 3)
    #expect((0..<3).allSatisfy { rows[0, $0] == 0 && rows[1, $0].isNaN && rows[2, $0].isNaN && rows[3, $0] == 0 })
    #expect(rk_stream_bf16(.nan).isNaN)
  }
}
