import TestSupport
import Testing

@testable import Recurrent

/// One long sequence is read as a stream, in memory that does not grow with it; beside a second one it goes through a tile.
@Suite struct LongSequenceTests {
  private static let steps = 300

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let input: ModelConfiguration.Input
    let readout: ModelConfiguration.Readout
    let length: Int
  }

  static let cases: [Case] = {
    let inputs: [(String, ModelConfiguration.Input)] = [
      ("features", .features(3)), ("tokens", .tokens(5)), ("embedded tokens", .tokens(5, embedding: 4)),
    ]
    return inputs.flatMap { name, input in
      ModelConfiguration.Readout.allCases.flatMap { readout in
        [200, 257, steps].map { length in
          Case(
            testDescription: "\(name), \(readout), \(length) of \(steps) steps", input: input, readout: readout,
            length: length)
        }
      }
    }
  }()

  /// So many copies of one sequence.
  private func batch(_ count: Int, _ example: Case, bytes: Bool = false) throws -> SequenceBatch {
    let size = if case .features(let size) = example.input { size } else { 1 }
    let values = ClosedForm.chirp.tensor(1, [Self.steps * size]).values
    func repeated<Value>(_ values: [Value]) -> [Value] { Array(repeatElement(values, count: count).joined()) }
    let inputs: SequenceInputs =
      switch example.input {
      case .features where bytes:
        .bytes(repeated(values.map { UInt8(abs($0) * 255) }), scale: 1 / 255, features: size)
      case .features: .floats(repeated(values), features: size)
      default: .tokens(repeated(values.map { Int32(abs($0) * 4.9) }), count: 5)
      }
    let isEveryStep = example.readout == .everyStep
    let targets = [Float](repeating: 0, count: count * (isEveryStep ? Self.steps : 1) * 2)
    return try SequenceDataset(
      inputs, targets: .values(targets, size: 2, everyStep: isEveryStep), stepCount: Self.steps, count: count,
      lengths: Array(repeating: Int32(example.length), count: count)
    ).wholeBatch
  }

  @Test("outputs, features and final states have the bits of a tile's", arguments: cases)
  func sameBits(example: Case) throws {
    let model = SequenceModel(
      .init(
        input: example.input,
        layers: [LayerConfiguration(LSTMCell(hiddenSize: 9)), LayerConfiguration(GRUCell(hiddenSize: 12))],
        readout: example.readout, output: .values(2), initialState: .learned), initializer: .pyTorch, seed: 5)
    #expect(model.plan.readsAsStream(count: 1, steps: example.length))
    for bytes in [false, true] {
      let (one, two) = try (batch(1, example, bytes: bytes), batch(2, example, bytes: bytes))
      var state: StackState?
      // First from the model's own state, then from the one that the sequence ends with.
      for _ in 0..<2 {
        let (found, end) = try model.outputs(for: one, from: state)
        let (expected, ends) = try model.outputs(for: two, from: state.map { twice($0, model) })
        #expect(bitMismatch(of: found.values, with: expected.selecting([0]).values) == nil)
        #expect(bitMismatch(of: end, with: ends.selecting([0])) == nil)
        state = end
      }
      let (features, expected) = try (model.features(for: one), model.features(for: two))
      #expect(bitMismatch(of: features.values, with: expected.selecting([0]).values) == nil)
      let (loss, ofTwo) = try (model.evaluate(on: one).loss, model.evaluate(on: two).loss)
      #expect(abs(loss - ofTwo) <= 1e-12 * ofTwo, "the mean of twice as many terms, rounded in another order")
    }
  }

  /// The state of one sequence, for two.
  private func twice(_ state: StackState, _ model: SequenceModel) -> StackState {
    StackState(
      zip(model.layers.flatMap(\.cells), state.layers).map { cell, layer in
        cell.makeState(
          layer.components.map { Tensor(known: [2, $0.count], values: $0.values + $0.values) })
      })
  }

  /// Up to 256 tokens, the first layer is packed with what it makes of each embedding; else a step looks it up.
  @Test("embedded tokens give a stream the bits of a batch", arguments: [3, 256, 257], [false, true])
  func embedding(tokens: Int, isResidual: Bool) throws {
    let cells: [any RecurrentCell] = [
      LSTMCell(hiddenSize: 6), GRUCell(hiddenSize: 6, resetAfter: false),
      LSTMCell(hiddenSize: 6, options: .init(hasPeepholes: true)),
    ]
    for cell in cells { try compare(LayerConfiguration(cells: [cell], isResidual: isResidual), tokens: tokens) }
  }

  private func compare(_ layer: LayerConfiguration, tokens: Int) throws {
    let model = SequenceModel(
      .init(
        input: .tokens(tokens, embedding: 6), layers: [layer, layer], readout: .everyStep, output: .values(2)),
      initializer: .pyTorch, seed: 3)
    let sequence = [0, tokens - 1, 1, tokens / 2, tokens - 1]
    let batch = try SequenceDataset(
      .tokens(sequence.map(Int32.init), count: tokens),
      targets: .values([Float](repeating: 0, count: 2 * sequence.count), size: 2, everyStep: true),
      stepCount: sequence.count, count: 1
    ).wholeBatch
    let expected = try model.outputs(for: batch).outputs
    var stream = try model.makeStream()
    for (step, token) in sequence.enumerated() {
      try stream.step(token: token)
      #expect(bitMismatch(of: stream.values, with: Array(expected.values[2 * step..<2 * step + 2])) == nil)
    }
  }
}
