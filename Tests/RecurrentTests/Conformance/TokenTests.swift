@testable import Recurrent
import TestSupport
import Testing

/// Tokens are looked up, and give what a product with rows of zeros and a single 1 gives.
@Suite struct TokenTests {
  /// A ragged batch of tokens, and the same as rows of features.
  private func batches(_ tokenCount: Int, classes: Int) throws -> (tokens: SequenceBatch, features: SequenceBatch) {
    let (count, steps) = (37, 9)
    let lengths = ClosedForm.lengths(batch: count, steps: steps).map(Int32.init)
    // What lies past a length is no token and never read.
    let tokens = (0..<count * steps).map { i in
      i % steps < Int(lengths[i / steps]) ? Int32((i * 7919 + i / 5) % tokenCount) : Int32.max
    }
    var rows = [Float](repeating: .nan, count: count * steps * tokenCount)
    for (i, token) in tokens.enumerated() where token < tokenCount {
      for k in 0..<tokenCount { rows[i * tokenCount + k] = k == Int(token) ? 1 : 0 }
    }
    let targets = SequenceTargets.classes(
      (0..<count * steps).map { Int32($0 % (classes + 1)) - 1 }, count: classes, everyStep: true)
    func batch(_ inputs: SequenceInputs) throws -> SequenceBatch {
      try SequenceDataset(inputs, targets: targets, stepCount: steps, count: count, lengths: lengths).wholeBatch
    }
    return try (batch(.tokens(tokens, count: tokenCount)), batch(.floats(rows, features: tokenCount)))
  }

  @Test("every kind of cell, in both directions, to the same numbers and gradients", arguments: CellKind.all)
  func oneHot(kind: CellKind) throws {
    let (tokens, features) = try batches(11, classes: 4)
    func model(_ input: ModelConfiguration.Input) -> SequenceModel {
      let layers = [LayerConfiguration.bidirectional(kind.make(5), kind.make(6)), LayerConfiguration(kind.make(7))]
      var model = SequenceModel(.init(input: input, layers: layers, readout: .everyStep, output: .classes(4)))
      model.parameters.fillWithChirps()
      return model
    }
    let (picked, multiplied) = (model(.tokens(11)), model(.features(11)))
    #expect(try picked.logits(for: tokens) == multiplied.logits(for: features))
    let (found, expected) = try (picked.gradient(on: tokens), multiplied.gradient(on: features))
    #expect(found.result == expected.result)
    for (name, gradient) in found.gradient { #expect(gradient == expected.gradient[name], "\(name)") }
  }

  @Test("an embedding's rows are the features of its tokens", arguments: [CellKind.lstm, .gru, .lstmLayerNorm])
  func embedded(kind: CellKind) throws {
    let (tokens, features) = try batches(11, classes: 4)
    var model = SequenceModel(
      .init(
        input: .tokens(11, embedding: 3), layers: [LayerConfiguration(kind.make(5))], readout: .everyStep,
        output: .classes(4)))
    model.parameters.fillWithChirps()
    let table = model.parameters["embedding.weight"]
    var rows = Tensor(zeros: [37, 9, 3])
    for (i, row) in (0..<37 * 9).enumerated() {
      guard let token = (0..<11).first(where: { features.inputs.values[row * 11 + $0] == 1 }) else { continue }
      for k in 0..<3 { rows[i / 9, i % 9, k] = table[token, k] }
    }
    var plain = SequenceModel(
      .init(
        input: .features(3), layers: [LayerConfiguration(kind.make(5))], readout: .everyStep, output: .classes(4)))
    for (name, _) in plain.parameters { plain.parameters[name] = model.parameters[name] }
    let same = try SequenceBatch(rows, targets: tokens.targets, lengths: tokens.lengths)
    #expect(try bitMismatch(of: model.logits(for: tokens), with: plain.logits(for: same)) == nil)
  }

  @Test("a token of a true step has to be one of those there are", arguments: [-1, 3])
  func unknown(token: Int) throws {
    let error = #expect(throws: InputError.self) {
      try SequenceBatch(tokens: [[0, 1], [2, token]], tokenCount: 3, targets: .classes([0, 1], count: 2))
    }
    #expect(error?.description == "found token \(token) of step 1 of sequence 1, expected tokens in 0..<3")
  }
}
