import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// The programs that the public interface was made for; nothing internal is imported.
@Suite struct ProgramTests {
  @Test("one label per sequence: the notebook")
  func digits() throws {
    let folder = try TemporaryDirectory()
    let digits = BuiltInDigits.draw(training: 300, validation: 0, test: 100)
    var model = SequenceModel(
      .init(input: .features(28), layers: .lstm(20, count: 3), readout: .last, output: .classes(10)), seed: 0)
    var optimizer = Adam(learningRate: 0.01)
    for epoch in 0..<4 {
      for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
        let step = try model.train(on: batch, with: &optimizer)  // loss and accuracy before the update
        #expect(step.loss > 0)
      }
    }
    print(model)  // a table: layers, shapes, parameters
    #expect("\(model)".contains("10,690"))
    try model.save(to: folder.path("digits.safetensors"))  // configuration inside
    let loaded = try SequenceModel(contentsOf: folder.path("digits.safetensors"))
    #expect(loaded.configuration == model.configuration)
    #expect(try loaded.evaluate(on: digits.test) == model.evaluate(on: digits.test))
  }

  @Test("one label per step, state carried from window to window: a language model of characters")
  func characters() throws {
    let text = try Text(String(repeating: "the quick brown fox jumps over the lazy dog. ", count: 60), unit: .character)
    var model = SequenceModel(
      .init(
        input: .tokens(text.vocabulary.count, embedding: 16), layers: .gru(24, count: 2), readout: .everyStep,
        output: .classes(text.vocabulary.count)), seed: 0)
    var optimizer = Adam(learningRate: 0.01)
    var losses: [Float] = []
    for _ in 0..<12 {
      var state = model.zeroState(batchSize: 5)
      for window in text.training.windows(of: 50, streams: 5) {
        losses.append(try model.train(on: window, from: &state, with: &optimizer, clipping: .norm(5)).loss)
      }
    }
    #expect(losses.count > 60 && losses.suffix(5).allSatisfy { $0 < 0.5 * losses[0] })
    var stream = try model.makeStream()
    try stream.step(token: 0)
    #expect(stream.probabilities.count == text.vocabulary.count)
  }

  @Test("values per step, ragged: rain to river")
  func values() throws {
    let inputs = ClosedForm.chirp.tensor(1, [6, 9, 5])
    let targets = ClosedForm.chirp.values(2, count: 6 * 9)
    let batch = try SequenceBatch(
      inputs, targets: .values(targets, size: 1, everyStep: true), lengths: [9, 3, 0, 5, 8, 1])
    var model = SequenceModel(
      .init(input: .features(5), layers: .lstm(16), readout: .everyStep, output: .values(1)), seed: 0)
    var optimizer = Adam(learningRate: 0.01)
    let first = try model.train(on: batch, with: &optimizer, loss: .huber(1))
    for _ in 0..<30 { try model.train(on: batch, with: &optimizer, loss: .huber(1)) }
    #expect(try model.evaluate(on: batch, loss: .huber(1)).loss < Double(first.loss))
  }

  @Test("one step at a time, with a deadline; weights are tensors by name")
  func streamAndWeights() throws {
    var model = SequenceModel(.init(input: .features(3), layers: .lstm(20), output: .classes(4)), seed: 0)
    var stream = try model.makeStream()  // allocates here, and never again
    try stream.step([1, 2, 3])
    #expect(stream.values.count == 4)
    var outputs = [Float](repeating: 0, count: 2 * 4)
    try stream.run([1, 2, 3, 4, 5, 6], into: &outputs)  // an output per step
    #expect(Array(outputs[4...]) == stream.values && outputs[0] != outputs[4])
    #expect(model.parameters["weight_hh_l0"].shape == [80, 20])
    model.parameters["head.bias"] = try Tensor(shape: [4], values: [1, 2, 3, 4])
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(1, [5, 7, 3]), labels: [0, 1, 2, 3, 0], classCount: 4)
    for (name, gradient) in try model.gradient(on: batch).gradient { #expect(gradient.norm > 0, "\(name)") }
  }

  struct SignDescent: Optimizer {
    var learningRate: Float = 0.01

    mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
      for i in gradient.indices { parameter[i] -= gradient[i] > 0 ? learningRate : -learningRate }
    }
  }

  @Test("an optimiser of one's own")
  func ownOptimizer() throws {
    var model = SequenceModel(.init(input: .features(3), layers: .gru(5), output: .classes(4)), seed: 0)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(1, [5, 7, 3]), labels: [0, 1, 2, 3, 0], classCount: 4)
    var optimizer = SignDescent()
    let before = try model.evaluate(on: batch).loss
    for _ in 0..<20 { try model.train(on: batch, with: &optimizer) }
    #expect(try model.evaluate(on: batch).loss < before)
  }
}

/// h' = (1 - α) h + α tanh(W x + U h + b): a cell written with public names alone.
private struct SlowCell: RecurrentCell {
  typealias State = ElmanCell.State
  static let name = "slow"
  let hiddenSize: Int
  let α: Float
  var gates: [GateSource] { [.inputAndHidden] }
  var tapeSize: Int { 0 }
  var hasDirectStatePath: Bool { true }

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (z, h, new) = (step.gate(0, unit: unit), step.previous(0, unit: unit), step.next(0, unit: unit))
      step.tanh(z)
      for lane in 0..<step.lanes { new[lane] = (1 - α) * h[lane] + α * z[lane] }
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (z, dh) = (step.gate(0, unit: unit), gradient.hidden(unit: unit, in: step))
      let previous = gradient.previousHidden(unit: unit, in: step)
      for lane in 0..<step.lanes {
        let carried = (1 - α) * dh[lane]
        z[lane] = α * dh[lane] * (1 - z[lane] * z[lane])
        previous[lane] = gradient.isFresh ? carried : previous[lane] + carried
      }
    }
  }
}

/// Sign descent with momentum, whose state can be written down.
private struct SignMomentum: Optimizer, Codable {
  var learningRate: Float = 0.01
  var momenta: [String: [Float]] = [:]

  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    var momentum = momenta[name] ?? Array(repeating: 0, count: gradient.count)
    for i in gradient.indices {
      momentum[i] = 0.9 * momentum[i] + gradient[i]
      parameter[i] -= momentum[i] > 0 ? learningRate : -learningRate
    }
    momenta[name] = momentum
  }
}

/// A cell and an optimiser from outside of the package.
@Suite struct OutsideTests {
  @Test("a cell and an optimiser of one's own train, save, load, stream and go on where they were")
  func outside() throws {
    try CellRegistry.register(SlowCell.self)
    let cell = SlowCell(hiddenSize: 6, α: 0.3)
    #expect(cell.checkGradients(inputSize: 3).passes)
    var model = SequenceModel(
      .init(input: .features(3), layers: [LayerConfiguration(cell)] + .gru(5), output: .classes(4)), seed: 1)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(1, [5, 7, 3]), labels: [0, 1, 2, 3, 0], classCount: 4)
    var optimizer = SignMomentum()
    let before = try model.evaluate(on: batch).loss
    for _ in 0..<5 { try model.train(on: batch, with: &optimizer) }
    let folder = try TemporaryDirectory()
    try model.save(to: folder.path("model.safetensors"))
    let state = try JSONEncoder().encode(optimizer)

    var resumed = try SequenceModel(contentsOf: folder.path("model.safetensors"))
    var resumedOptimizer = try JSONDecoder().decode(SignMomentum.self, from: state)
    #expect(resumed.configuration == model.configuration)
    for _ in 0..<5 {
      try model.train(on: batch, with: &optimizer)
      try resumed.train(on: batch, with: &resumedOptimizer)
    }
    #expect(resumed.parameters == model.parameters)
    #expect(try model.evaluate(on: batch).loss < before)

    var stream = try resumed.makeStream()
    for t in 0..<7 { try stream.step(Array(batch.inputs.values[t * 3..<t * 3 + 3])) }
    let logits = try model.logits(for: batch).values
    #expect(bitMismatch(of: stream.values, with: Array(logits[..<4])) == nil)
  }
}
