import Recurrent
import TestSupport
import Testing

/// What files, sensors and network requests can hand over is refused by a typed error that says what was found.
@Suite struct InputErrorTests {
  /// The error's kind and sentence, or nothing.
  private func refusal(_ body: () throws -> Void) -> (kind: InputError.Kind, text: String)? {
    do { try body() } catch let error as InputError { return (error.kind, "\(error)") } catch {}
    return nil
  }

  private let network = SequenceModel(.init(input: .features(3), layers: .lstm(4), output: .classes(2)))
  private let inputs = Tensor(zeros: [4, 5, 3])

  @Test("a tensor needs as many values as its shape says")
  func tensors() {
    #expect(
      refusal { _ = try Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5]) } ?? (.label, "")
        == (.size, "found 5 values, expected 6, the elements of shape [2, 3]"))
    #expect(
      refusal { _ = try Tensor(shape: [], values: []) } ?? (.label, "")
        == (.size, "found 0 values, expected 1, the elements of shape []"))
    for shape in [[-1, -6], [.max, 2], [.max, .max, 0]] {
      #expect(refusal { _ = try Tensor(shape: shape, values: Array(repeating: 0, count: 6)) }?.kind == .size)
    }
    #expect(refusal { _ = try Tensor(shape: [0, 3], values: []) } == nil)
  }

  @Test("a batch needs sequences, labels and lengths that fit together")
  func batches() {
    func text(_ inputs: Tensor, _ labels: [Int], lengths: [Int]? = nil) -> String? {
      refusal { _ = try SequenceBatch(inputs, labels: labels, lengths: lengths, classCount: 3) }?.text
    }
    #expect(text(inputs, [0, 1, 2, 1]) == nil)
    #expect(text(inputs, [0, 1, 2]) == "found 3 labels, expected 4, one for each sequence")
    #expect(text(inputs, [0, 1, 2, 11]) == "found label 11 of sequence 3, expected labels in 0..<3")
    #expect(text(inputs, [0, -1, 2, 1]) == "found label -1 of sequence 1, expected labels in 0..<3")
    #expect(text(inputs, [0, .max, .min, 1])?.contains("of sequence 1, expected labels in 0..<3") == true)
    #expect(
      text(Tensor(zeros: [4, 15]), [0, 1, 2, 1]) == "found inputs of shape [4, 15], expected [batch, time, feature]")
    #expect(text(inputs, [0, 1, 2, 1], lengths: [5, 0, 1]) == "found 3 lengths, expected 4, one for each sequence")
    #expect(
      text(inputs, [0, 1, 2, 1], lengths: [5, 0, 6, 1]) == "found length 6 of sequence 2, expected lengths in 0...5")
    #expect(text(inputs, [0, 1, 2, 1], lengths: [5, -1, 5, .max])?.contains("length -1 of sequence 1") == true)
  }

  @Test("a dataset needs a whole number of sequences, and a label for each")
  func datasets() {
    func floats(_ count: Int, steps: Int = 2, features: Int = 3, labels: [Int32] = [0, 1]) -> String? {
      refusal {
        _ = try SequenceDataset(
          floats: Array(repeating: 0, count: count), stepCount: steps, inputSize: features, labels: labels,
          classCount: 2)
      }?.text
    }
    #expect(floats(12) == nil)
    #expect(floats(0, labels: []) == nil)
    #expect(floats(13) == "found 13 values for 2 sequences, expected 2 × 3 values for each sequence")
    #expect(floats(12, labels: [1]) == "found 12 values for 1 sequence, expected 2 × 3 values for each sequence")
    #expect(floats(12, labels: [0, 2]) == "found label 2 of sequence 1, expected labels in 0..<2")
    #expect(
      floats(0, features: 0)
        == "found sequences of 2 × 0, expected at least one feature and no negative number of steps")
    #expect(
      floats(12, steps: -2, features: -3)
        == "found sequences of -2 × -3, expected at least one feature and no negative number of steps")
    #expect(floats(12, steps: .max, features: 2)?.contains("for 2 sequences") == true)
    let bytes = refusal {
      _ = try SequenceDataset(bytes: [1, 2, 3], scale: 1, stepCount: 2, inputSize: 1, labels: [0], classCount: 2)
    }
    #expect(bytes?.text == "found 3 values for 1 sequence, expected 2 × 1 values for each sequence")
  }

  @Test("a network refuses sequences of other features, and labels beyond its classes")
  func networks() throws {
    let narrow = try SequenceBatch(Tensor(zeros: [2, 5, 2]), labels: [0, 1], classCount: 2)
    let expected = "found sequences of 2 features a step, expected 3, as the network reads"
    #expect(refusal { _ = try network.logits(for: narrow) }?.text == expected)
    #expect(refusal { _ = try network.probabilities(for: narrow) }?.text == expected)
    #expect(refusal { _ = try network.probabilitiesOverTime(for: narrow) }?.text == expected)
    #expect(refusal { _ = try network.predictions(on: narrow) }?.text == expected)
    #expect(refusal { _ = try network.evaluate(on: narrow) }?.text == expected)
    let many = try SequenceDataset(
      floats: inputs.values, stepCount: 5, inputSize: 3, labels: [0, 1, 5, 1], classCount: 6)
    let beyond = "found label 5 of sequence 2, expected labels in 0..<2, the network's classes"
    #expect(refusal { _ = try network.evaluate(on: many) }?.text == beyond)
    #expect(refusal { _ = try network.confusion(on: many) }?.text == beyond)
    #expect(refusal { _ = try network.mistakes(on: many) }?.text == beyond)
    // Labels that the network knows are enough, whatever the dataset allows.
    #expect(refusal { _ = try network.evaluate(on: many[0..<2]) } == nil)
  }

  @Test("answers and confusions need labels among the classes, one for each answer")
  func predictions() {
    let logits = Tensor(zeros: [2, 3])
    #expect(
      refusal { _ = try SequenceModel.Predictions(logits: logits, labels: [0]) }?.text
        == "found logits of shape [2, 3], expected [1, classes], a row for each label")
    #expect(refusal { _ = try SequenceModel.Predictions(logits: logits, labels: [0, 3]) }?.kind == .label)
    #expect(
      refusal { _ = try ConfusionMatrix(labels: [0, 1], predictions: [0], classCount: 2) }?.text
        == "found 1 prediction, expected 2, one for each label")
    #expect(
      refusal { _ = try ConfusionMatrix(labels: [0, 1], predictions: [0, -1], classCount: 2) }?.text
        == "found class -1, expected classes in 0..<2")
  }

  @Test("a stream refuses a row of another width and stays as it was")
  func streams() throws {
    var stream = try network.makeStream()
    try stream.step([0.5, -1, 2])
    let before = stream.values
    #expect(refusal { try stream.step([1, 2]) }?.text == "found a step of 2 features, expected 3")
    #expect(refusal { try stream.step([]) }?.text == "found a step of 0 features, expected 3")
    let wide: [Float] = [1, 2, 3, 4]
    #expect(refusal { try stream.step(wide.span) }?.kind == .size)
    #expect(
      refusal { try stream.run([1, 2, 3, 4]) }?.text == "found 4 values, expected whole steps of 3 features")
    #expect(refusal { _ = try network.trace([1, 2]) }?.kind == .size)
    #expect(stream.values == before && stream.stepCount == 1)
    try stream.run([])
    #expect(stream.values == before && stream.stepCount == 1)
  }

  @Test("a network that reads in reverse cannot stream")
  func reverse() {
    let networks = [
      SequenceModel(.init(input: .features(3), layers: .lstm(2, isBidirectional: true), output: .classes(2))),
      SequenceModel(.init(input: .features(3), layers: [.reverse(LSTMCell(hiddenSize: 2))], output: .classes(2))),
    ]
    for network in networks {
      #expect(
        refusal { _ = try network.makeStream() } ?? (.size, "") == (
          .network,
          "found a network that reads in reverse, which needs whole sequences, expected one that reads forward only"
        ))
    }
  }
}
