import Recurrent
import TestSupport
import Testing

/// What all cases of `sequence_tasks.json` share.
struct SequenceTasksFixture: Decodable, Sendable {
  let batch: Int
  let steps: Int
  let hidden: [Int]
  let features: Int
  let vocabulary: Int
  let embedding: Int
  let huberDelta: Float
  let cases: [SequenceTask]
}

/// A model, a batch with targets, and what PyTorch computes from them.
struct SequenceTask: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let reason: String
  let cell: String
  let input: String
  let bidirectional: Bool
  let readout: String
  let output: String
  let width: Int
  let loss: String
  let state: String
  let lengths: [Int]?
  let tokens: [Int]?
  let integerTargets: [Int]?
  let missing: [Int]
  let tensors: [TensorRule]
  let expected: RecurrentFixture.Expected

  var testDescription: String { name }

  func model(_ shared: SequenceTasksFixture) -> SequenceModel {
    let input: ModelConfiguration.Input =
      switch self.input {
      case "features": .features(shared.features)
      case "tokens": .tokens(shared.vocabulary)
      default: .tokens(shared.vocabulary, embedding: shared.embedding)
      }
    let output: ModelConfiguration.Output =
      switch self.output {
      case "classes": .classes(width)
      case "labels": .labels(width)
      default: .values(width)
      }
    let layers = shared.hidden.map { size -> LayerConfiguration in
      let cell: any RecurrentCell = cell == "lstm" ? LSTMCell(hiddenSize: size) : GRUCell(hiddenSize: size)
      return bidirectional ? .bidirectional(cell, cell) : LayerConfiguration(cell)
    }
    var model = SequenceModel(
      .init(
        input: input, layers: layers, readout: readout == "last" ? .last : .everyStep, output: output,
        initialState: state == "learned" ? .learned : .zero))
    for entry in model.parameters.entries { model.parameters[entry.name] = tensor(entry.name) }
    return model
  }

  func batch(_ shared: SequenceTasksFixture) throws -> SequenceBatch {
    let inputs: SequenceInputs
    if let tokens {
      var padded = tokens.map(Int32.init)
      // What lies past a length is never read.
      for (sequence, length) in (lengths ?? []).enumerated() {
        for t in length..<shared.steps { padded[sequence * shared.steps + t] = -1 }
      }
      inputs = .tokens(padded, count: shared.vocabulary)
    } else {
      var values = tensor("inputs").values
      for (sequence, length) in (lengths ?? []).enumerated() {
        let first = (sequence * shared.steps + length) * shared.features
        for i in first..<(sequence + 1) * shared.steps * shared.features { values[i] = .nan }
      }
      inputs = .floats(values, features: shared.features)
    }
    let dataset = try SequenceDataset(
      inputs, targets: targets(), stepCount: shared.steps, count: shared.batch, lengths: lengths?.map(Int32.init))
    return dataset.wholeBatch
  }

  private func targets() -> SequenceTargets {
    let isEveryStep = readout == "everyStep"
    if output == "classes" {
      var classes = (integerTargets ?? []).map(Int32.init)
      for index in missing { classes[index] = -1 }
      return .classes(classes, count: width, everyStep: isEveryStep)
    }
    var values = integerTargets.map { $0.map(Float.init) } ?? tensor("targets").values
    for index in missing { values[index] = .nan }
    return .values(values, size: width, everyStep: isEveryStep)
  }

  func lossFunction(_ shared: SequenceTasksFixture) -> Loss {
    switch loss {
    case "crossEntropy": .crossEntropy()
    case "sigmoidCrossEntropy": .sigmoidCrossEntropy()
    case "squared": .squared
    case "absolute": .absolute
    default: .huber(shared.huberDelta)
    }
  }

  /// The given state; nil if the model's own is used.
  func initialState(_ shared: SequenceTasksFixture, _ model: SequenceModel) -> StackState? {
    if state != "given" { return nil }
    return StackState(
      endings(shared).map { ending in
        cell == "lstm"
          ? LSTMCell.State(components: [tensor("hidden" + ending), tensor("cell" + ending)]) as any RecurrentState
          : GRUCell.State(components: [tensor("hidden" + ending)])
      })
  }

  /// A component of a final state, by its name in the file.
  func component(_ name: String, of state: StackState) -> [Float] {
    let ending = name.drop { $0 != "_" }
    let level = ending.dropFirst(2).prefix { $0.isNumber }
    let index = (Int(level) ?? 0) * (bidirectional ? 2 : 1) + (ending.hasSuffix("_reverse") ? 1 : 0)
    return state[index].components[name.hasPrefix("finalHidden") ? 0 : 1].values
  }

  private func endings(_ shared: SequenceTasksFixture) -> [String] {
    shared.hidden.indices.flatMap { bidirectional ? ["_l\($0)", "_l\($0)_reverse"] : ["_l\($0)"] }
  }

  /// The outputs of all sequences, or of the true steps of all.
  func trueRows(of outputs: Tensor) -> [Float] {
    guard readout == "everyStep", let lengths else { return outputs.values }
    let (steps, width) = (outputs.shape[1], outputs.shape[2])
    return lengths.enumerated().flatMap { sequence, length in
      let first = sequence * steps * width
      return Array(outputs.values[first..<first + length * width])
    }
  }

  /// A tensor of the case, by the rule of the chirp.
  func tensor(_ name: String) -> Tensor {
    guard let number = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the case \(self.name) has no tensor \(name)")
    }
    return ClosedForm.chirp.tensor(number, tensors[number].shape, scale: tensors[number].scale)
  }
}
