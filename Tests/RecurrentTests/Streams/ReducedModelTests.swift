import TestSupport
import Testing

@testable import Recurrent

/// Networks with weights in bf16 or eight bits.
@Suite struct ReducedModelTests {
  /// A network, and how its weights are stored.
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: CellKind
    let hiddenSize: Int
    let precision: WeightPrecision

    static let all = [CellKind.lstm, .gru, .gruResetBefore, .mgu, .mguResetBefore, .elman].flatMap { kind in
      [12, 28, 40].flatMap { size in
        [.bf16, .int8].map { Case(kind: kind, hiddenSize: size, precision: $0) }
      }
    }

    var testDescription: String { "\(kind.name), \(hiddenSize) units, \(precision)" }

    /// Three layers, one of them residual, so that layers read features, states, and neither.
    var original: SequenceModel {
      let layer = LayerConfiguration(kind.make(hiddenSize))
      return SequenceModel(
        .init(
          input: .features(3), layers: [layer, layer.residual(), layer], readout: .everyStep, output: .values(2)),
        initializer: .pyTorch, seed: 3)
    }
  }

  /// More steps than a stream takes at once, and sequences that end before, one at once.
  private static func batch() throws -> SequenceBatch {
    let (count, steps) = (5, 67)
    return try SequenceBatch(
      ClosedForm.chirp.tensor(1, [count, steps, 3]),
      targets: .values(Array(repeating: 0, count: count * steps * 2), size: 2, everyStep: true),
      lengths: [67, 3, 0, 64, 65])
  }

  @Test("a batch has the bits of streams, and the states that they end with", arguments: Case.all)
  func batchIsStreams(example: Case) throws {
    let model = try example.original.reduced(to: example.precision)
    let batch = try Self.batch()
    let (outputs, final) = try model.outputs(for: batch)
    for sample in 0..<batch.count {
      var stream = try model.makeStream()
      let length = batch.lengths[sample]
      let rows = batch.inputs.selecting([sample]).values
      for t in 0..<length {
        try stream.step(Array(rows[t * 3..<(t + 1) * 3]))
        let first = (sample * batch.stepCount + t) * 2
        #expect(bitMismatch(of: stream.values, with: Array(outputs.values[first..<first + 2])) == nil, "step \(t)")
      }
      var blocks = try model.makeStream()
      var found = [Float](repeating: .nan, count: length * 2)
      try blocks.run(Array(rows[..<(length * 3)]), into: &found)
      let first = sample * batch.stepCount * 2
      #expect(bitMismatch(of: found, with: Array(outputs.values[first..<first + length * 2])) == nil)
      #expect(outputs.values[first + length * 2..<first + batch.stepCount * 2].allSatisfy { $0 == 0 })
    }
    // Windows with their states give what whole sequences do.
    let whole = batch.shortened(to: 30)
    let start = try model.outputs(for: whole)
    let again = try model.outputs(for: batch.shortened(to: 30), from: model.initialState(batchSize: batch.count))
    #expect(bitMismatch(of: again.outputs.values, with: start.outputs.values) == nil)
    #expect(again.finalState == start.finalState && final != start.finalState)
  }

  @Test("in bf16, the bits of floats with the rounded values; in eight bits, close to them", arguments: Case.all)
  func isCloseToFloats(example: Case) throws {
    let model = try example.original.reduced(to: example.precision)
    let floats = try model.reduced(to: .float)
    #expect(floats.precision == .float && model.precision == example.precision)
    let batch = try Self.batch()
    let (found, expected) = try (model.outputs(for: batch).outputs, floats.outputs(for: batch).outputs)
    if example.precision == .bf16 {
      #expect(bitMismatch(of: found.values, with: expected.values) == nil)
    } else {
      #expect(found.values != expected.values)
      let difference = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? 0
      #expect(difference < 0.05, "\(difference)")
    }
    let original = try example.original.outputs(for: batch).outputs
    let error = zip(found.values, original.values).map { abs($0 - $1) }.max() ?? 0
    #expect(error > 0 && error < 0.05, "\(error)")
  }

  @Test(
    "every input, output and state, and lengths of 0",
    arguments: ModelCase.all.filter { !$0.isBidirectional }, [WeightPrecision.bf16, .int8])
  func tasks(example: ModelCase, precision: WeightPrecision) throws {
    let model = try example.model.reduced(to: precision)
    let floats = try model.reduced(to: .float)
    let (batch, state) = (try example.batch(), example.givenState(model))
    let (found, expected) = try (model.outputs(for: batch, from: state), floats.outputs(for: batch, from: state))
    if precision == .bf16 {
      #expect(bitMismatch(of: found.outputs.values, with: expected.outputs.values) == nil)
      #expect(found.finalState == expected.finalState)
      #expect(try bitMismatch(of: model.features(for: batch).values, with: floats.features(for: batch).values) == nil)
    } else {
      // Sums of whole numbers are not those of floats, unless a sequence has no steps.
      let difference = zip(found.outputs.values, expected.outputs.values).map { abs($0 - $1) }.max() ?? 0
      #expect(difference < 0.1, "\(difference)")
      for (sample, length) in batch.lengths.enumerated() where length == 0 {
        #expect(
          found.outputs.selecting([sample]).values.map(\.bitPattern)
            == expected.outputs.selecting([sample]).values.map(\.bitPattern))
      }
    }
    let threads = ThreadPool(threads: 1)
    var alone = model
    alone.threads = threads
    let outputs = try alone.outputs(for: batch, from: state).outputs
    #expect(bitMismatch(of: outputs.values, with: found.outputs.values) == nil)
  }

  @Test("streams step by step with bytes as inputs are the batch")
  func bytes() throws {
    let model = try SequenceModel(.init(input: .features(4), layers: .lstm(20), output: .classes(3)), seed: 2)
      .reduced(to: .int8)
    let bytes = (0..<40).map { (index: Int) in UInt8(index * 37 % 256) }
    let dataset = try SequenceDataset(
      bytes: bytes, scale: 1 / 255, stepCount: 5, inputSize: 4, labels: [0, 1], classCount: 3)
    let logits = try model.logits(for: dataset.wholeBatch)
    for sample in 0..<2 {
      var stream = try model.makeStream()
      try stream.run(dataset.wholeBatch.inputs.selecting([sample]).values)
      #expect(bitMismatch(of: stream.values, with: logits.selecting([sample]).values) == nil)
    }
  }

  // MARK: What has no reduced weights

  private static let gru = GRUCell(hiddenSize: 5)

  @Test(
    "options that only floats have are named",
    arguments: [
      (LayerConfiguration(CellKind.lstmPeepholes.make(5)), .bf16, "layer 1 with a cell 'lstm peepholes'"),
      (LayerConfiguration(CellKind.lstmLayerNorm.make(5)), .int8, "layer 1 with a cell 'lstm"),
      (LayerConfiguration(CellKind.lstmProjected.make(5)), .int8, "layer 1 with a cell 'lstm"),
      (LayerConfiguration(CellKind.indRNN.make(5)), .int8, "layer 1 with a cell 'indrnn"),
      (LayerConfiguration(CellKind.user.make(5)), .bf16, "layer 1 with a cell 'user'"),
      (.bidirectional(gru, gru), .int8, "layer 1 with a direction that reads in reverse"),
      (LayerConfiguration(gru).regularized(.init(hiddenZoneout: 0.1)), .bf16, "layer 1 with zoneout"),
      (LayerConfiguration(CellKind.elmanReLU.make(5)), .int8, "layer 1 with ReLU, whose states have no bound"),
    ] as [(LayerConfiguration, WeightPrecision, String)])
  func options(layer: LayerConfiguration, precision: WeightPrecision, found: String) throws {
    let model = SequenceModel(
      .init(input: .features(3), layers: [LayerConfiguration(LSTMCell(hiddenSize: 5)), layer], output: .classes(2)))
    let error = #expect(throws: InputError.self) { _ = try model.reduced(to: precision) }
    #expect(error?.kind == .network && error?.found.hasPrefix(found) == true, "\(String(describing: error))")
    #expect(error?.found.hasSuffix("for \(precision) weights") == true)
    #expect(try model.reduced(to: .float).parameters == model.parameters)
  }

  @Test("ReLU has no eight bits, but 16; a learned initial state beyond ±1 neither")
  func bounds() throws {
    let relu = SequenceModel(
      .init(input: .features(3), layers: [LayerConfiguration(CellKind.elmanReLU.make(5))], output: .classes(2)))
    #expect(try relu.reduced(to: .bf16).precision == .bf16)
    var learned = SequenceModel(
      .init(input: .features(3), layers: .gru(5), output: .classes(2), initialState: .learned))
    learned.parameters["initial_state_l0"] = Tensor(known: [5], values: [0, 1, -1, 1.5, 0])
    let error = #expect(throws: InputError.self) { _ = try learned.reduced(to: .int8) }
    #expect(error?.found == "layer 0 with 1.5 in its learned initial state for int8 weights")
    #expect(try learned.reduced(to: .bf16).precision == .bf16)
  }

  @Test("reduced weights are not trained, and their gates not traced")
  func inferenceOnly() throws {
    var model = try Case.all[0].original.reduced(to: .int8)
    let batch = try Self.batch()
    var optimizer = Adam(learningRate: 0.1)
    let error = #expect(throws: InputError.self) { _ = try model.train(on: batch, with: &optimizer) }
    #expect(
      error?.description
        == "found a network with \(model.precision) weights, which is for inference only, expected float weights, such as "
        + "those of reduced(to: .float)")
    #expect(throws: InputError.self) { _ = try model.gradient(on: batch) }
    #expect(throws: InputError.self) { _ = try model.trace([1, 2, 3]) }
    var floats = try model.reduced(to: .float)
    _ = try floats.train(on: batch, with: &optimizer)
    #expect(floats.parameters != model.parameters)
  }

  @Test("weights of a reduced network do not change")
  func parametersStay() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var model = try Case.all[0].original.reduced(to: .int8)
      model.parameters["head.bias"] = Tensor(zeros: [2])
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("weights of reduced precision do not change"))
  }
}
