import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// What models of every kind of output say, refuse and leave as it was.
@Suite struct SequenceModelTests {
  private let inputs = ClosedForm.chirp.tensor(1, [5, 6, 3])
  private let lengths = [6, 2, 0, 4, 1]

  private func model(_ output: ModelConfiguration.Output, _ readout: ModelConfiguration.Readout = .last)
    -> SequenceModel
  {
    var model = SequenceModel(
      .init(
        input: .features(3),
        layers: [.bidirectional(LSTMCell(hiddenSize: 4), LSTMCell(hiddenSize: 4), merge: .sum)], readout: readout,
        output: output))
    model.parameters.fillWithChirps()
    return model
  }

  @Test("probabilities of classes add up to 1, those of labels stand alone, values have none")
  func probabilities() throws {
    let batch = try SequenceBatch(inputs, labels: [0, 1, 2, 0, 1], lengths: lengths, classCount: 3)
    let classes = try model(.classes(3)).probabilities(for: batch).values
    #expect(mismatch(of: [classes[0] + classes[1] + classes[2]], with: [1], within: 1e-6) == nil)
    let labels = model(.labels(3))
    let expected = try labels.logits(for: batch).values.map { 1 / (1 + exp(-Double($0))) }
    #expect(try mismatch(of: labels.probabilities(for: batch).values, with: expected, within: 1e-6) == nil)
    #expect(throws: InputError.self) { try model(.values(3)).probabilities(for: batch) }
  }

  @Test("of a network that predicts at every step, predictions are those of the true steps that have a label")
  func everyStep() throws {
    let network = model(.classes(3), .everyStep)
    let labels: [Int32] = (0..<30).map { $0 % 4 - 1 }
    let batch = try SequenceBatch(
      inputs, targets: .classes(labels, count: 3, everyStep: true), lengths: lengths)
    let rows = lengths.enumerated().flatMap { sequence, length in Array(sequence * 6..<sequence * 6 + length) }
    let labelled = rows.filter { labels[$0] >= 0 }
    let predictions = try network.predictions(on: batch)
    #expect(predictions.labels == labelled.map { Int(labels[$0]) })
    #expect(predictions.evaluation == (try network.evaluate(on: batch)))
    let logits = try network.logits(for: batch).values
    let labelledLogits = labelled.flatMap { row in Array(logits[row * 3..<(row + 1) * 3]) }
    #expect(predictions.logits.values == labelledLogits)
    let overTime = try network.probabilitiesOverTime(for: batch)
    #expect(try bitMismatch(of: overTime, with: network.probabilities(for: batch)) == nil)
  }

  @Test("a step that is not finite changes neither weights nor the carried state")
  func notFinite() throws {
    var network = SequenceModel(
      .init(input: .features(3), layers: .gru(4), readout: .everyStep, output: .values(2)), seed: 1)
    let targets = ClosedForm.chirp.values(3, count: 5 * 6 * 2)
    let good = try SequenceBatch(inputs, targets: .values(targets, size: 2, everyStep: true))
    var optimizer = Adam()
    var state = network.zeroState(batchSize: 5)
    try network.train(on: good, from: &state, with: &optimizer)
    var spoilt = inputs
    spoilt[3, 2, 1] = .infinity
    let bad = try SequenceBatch(spoilt, targets: .values(targets, size: 2, everyStep: true))
    let (weights, before) = (network.parameters, state)
    #expect(throws: NonFiniteError.self) { try network.train(on: bad, from: &state, with: &optimizer) }
    #expect(network.parameters == weights && state == before)
    try network.train(on: good, from: &state, with: &optimizer)
    #expect(state != before)
  }

  @Test("the cause of what is not finite is found in networks that predict at every step, too")
  func cause() throws {
    var network = model(.classes(3), .everyStep)
    network.parameters["head.bias"].values[1] = .infinity
    var spoilt = network
    spoilt.parameters["head.bias"] = try Tensor(shape: [3], values: [0, 1e38, 3e38])
    spoilt.parameters["head.weight"] = try Tensor(shape: [3, 4], values: Array(repeating: 3e38, count: 12))
    let batch = try SequenceBatch(
      inputs, targets: .classes((0..<30).map { Int32($0 % 3) }, count: 3, everyStep: true), lengths: lengths)
    var optimizer = SGD(learningRate: 1)
    let weight = #expect(throws: NonFiniteError.self) { try network.train(on: batch, with: &optimizer) }
    #expect(weight?.place == .weight(parameter: "head.bias"))
    let logits = #expect(throws: NonFiniteError.self) { try spoilt.train(on: batch, with: &optimizer) }
    #expect(logits?.place == .logits || logits?.place == .loss)
  }

  @Test("a batch with targets of another kind is refused, in training and evaluation")
  func otherTargets() throws {
    var optimizer = Adam()
    let classes = try SequenceBatch(inputs, labels: [0, 1, 2, 0, 1], classCount: 3)
    let values = try SequenceBatch(inputs, targets: .values(Array(repeating: 0.5, count: 10), size: 2))
    let steps = try SequenceBatch(inputs, targets: .classes(Array(repeating: 1, count: 30), count: 3, everyStep: true))
    for (output, batch) in [
      (.values(2), classes), (.classes(3), values), (.labels(3), values), (.classes(3), steps),
    ] as [(ModelConfiguration.Output, SequenceBatch)] {
      var network = model(output)
      #expect(throws: InputError.self) { try network.train(on: batch, with: &optimizer) }
      #expect(throws: InputError.self) { try network.evaluate(on: batch) }
    }
  }

  @Test("a block of many steps gives the outputs of each, as step by step")
  func blocks() throws {
    let network = SequenceModel(
      .init(input: .features(3), layers: .lstm(5, count: 2), readout: .everyStep, output: .values(2)), seed: 3)
    let rows = ClosedForm.chirp.values(7, count: 150 * 3)
    var (block, steps) = (try network.makeStream(), try network.makeStream())
    var outputs = [Float](repeating: .nan, count: 150 * 2)
    try block.run(rows, into: &outputs)
    for t in 0..<150 {
      try steps.step(Array(rows[t * 3..<t * 3 + 3]))
      #expect(bitMismatch(of: Array(outputs[t * 2..<t * 2 + 2]), with: steps.values) == nil, "step \(t)")
    }
    #expect(block.stepCount == 150 && block.values == steps.values)
    var small = [Float](repeating: 0, count: 3)
    #expect(throws: InputError.self) { try block.run(Array(rows[..<6]), into: &small) }
  }

  @Test("a part of a dataset in another order keeps its targets, whatever their kind")
  func reordered() throws {
    let data = try SequenceDataset(
      .floats((0..<12).map { Float($0) }, features: 1),
      targets: .values((0..<8).map { Float($0) }, size: 2), stepCount: 3, count: 4)
    let part = data[1..<3].reordered(by: [2, 1, 0])
    #expect(part.wholeBatch.inputs.values == [5, 4, 3, 8, 7, 6])
    #expect(part.targets == .values([2, 3, 4, 5], size: 2))
  }

  @Test("the head turns features into logits, after the last step and at every step", arguments: [false, true])
  func features(everyStep: Bool) throws {
    let layers: [LayerConfiguration] = [
      .init(LSTMCell(hiddenSize: 5)), .bidirectional(GRUCell(hiddenSize: 7), GRUCell(hiddenSize: 7)),
    ]
    let model = SequenceModel(
      .init(input: .features(3), layers: layers, readout: everyStep ? .everyStep : .last, output: .classes(4)), seed: 1)
    let inputs = ClosedForm.chirp.tensor(1, [9, 6, 3])
    let targets = SequenceTargets.classes(
      Array(repeating: 1, count: everyStep ? 54 : 9), count: 4, everyStep: everyStep)
    let lengths = [6, 1, 0, 4, 6, 5, 2, 3, 6]
    let batch = try SequenceBatch(inputs, targets: targets, lengths: lengths)
    let features = try model.features(for: batch)
    let logits = try model.logits(for: batch)
    #expect(features.shape == (everyStep ? [9, 6, 14] : [9, 14]))
    let rows = features.count / 14
    let predicted = model.head(try Tensor(shape: [rows, 14], values: features.values))
    for row in 0..<rows {
      // Past its length a sequence has neither features nor logits.
      if everyStep && row % 6 >= lengths[row / 6] {
        #expect(features.values[row * 14..<(row + 1) * 14].allSatisfy { $0 == 0 })
        continue
      }
      for k in 0..<4 {
        #expect(abs(predicted.values[row * 4 + k] - logits.values[row * 4 + k]) < 1e-6, "row \(row)")
      }
    }
    #expect(features.values.contains { $0 != 0 })
  }
}
