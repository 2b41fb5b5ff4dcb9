@testable import Recurrent
import TestSupport
import Testing

/// Evaluation: what it measures, that it is repeatable, and that it changes nothing.
@Suite struct ClassifierEvaluationTests {
  @Test("logits, loss and count are the textbook's", arguments: ClassifierScenario.all)
  func textbook(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let reference = scenario.reference(network)
    let logits = try network.logits(for: scenario.data)
    #expect(logits.shape == [scenario.batch, scenario.classes])
    #expect(mismatch(of: logits, with: reference.outputs(), within: scenario.tolerance) == nil)
    let evaluation = try network.evaluate(on: scenario.data)
    let loss = reference.meanLoss()
    #expect(mismatch(of: [Float(evaluation.loss)], with: [loss], within: scenario.tolerance) == nil)
    #expect(evaluation.count == scenario.batch)
    #expect(evaluation.accuracy == Double(evaluation.correct) / Double(scenario.batch))
  }

  @Test("evaluation gives the same bits each time and changes nothing", arguments: ClassifierScenario.larger)
  func isRepeatable(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let before = network.parameters
    let first = try network.evaluate(on: scenario.data)
    #expect(try network.evaluate(on: scenario.data) == first)
    #expect(try network.evaluate(on: scenario.data.dataset) == first)
    #expect(bitMismatch(of: network.parameters, with: before) == nil)
    #expect(
      try bitMismatch(of: network.logits(for: scenario.data), with: network.logits(for: scenario.data)) == nil)
  }

  @Test("logits of a sequence do not depend on the batch it is in", arguments: ClassifierScenario.larger)
  func batchDoesNotMatter(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let whole = try network.logits(for: scenario.data)
    for sample in stride(from: 0, to: scenario.batch, by: 7) {
      let alone = try network.logits(for: scenario.data.dataset.batch([sample]))
      #expect(bitMismatch(of: alone, with: whole.selecting([sample])) == nil, "sequence \(sample)")
    }
  }

  @Test(
    "in reverse, the probability after a step is what is made of the steps so far alone",
    arguments: ClassifierScenario.all.filter(\.readsInReverse))
  func beliefOfBeginnings(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let probability = try network.probabilitiesOverTime(for: scenario.data)
    let even = 1 / Float(scenario.classes)
    for (sample, length) in scenario.data.lengths.enumerated() {
      for t in 0..<scenario.steps {
        let found = probability.selecting([sample]).steps(t..<t + 1).values
        if t >= length {
          #expect(found.allSatisfy { ($0 - even).magnitude < 1e-6 })
          continue
        }
        let beginning = try SequenceBatch(
          scenario.inputs.selecting([sample]).steps(0..<t + 1), labels: [0], classCount: scenario.classes)
        #expect(try bitMismatch(of: found, with: network.probabilities(for: beginning).values) == nil)
      }
    }
  }

  @Test("the probability after the last step is the result, bit for bit", arguments: ClassifierScenario.larger)
  func overTime(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let overTime = try network.probabilitiesOverTime(for: scenario.data)
    #expect(overTime.shape == [scenario.batch, scenario.steps, scenario.classes])
    let final = try network.probabilities(for: scenario.data)
    let lengths = scenario.data.lengths
    let ended = (0..<scenario.batch).filter { lengths[$0] > 0 }
    #expect(bitMismatch(of: overTime.last(lengths: lengths).selecting(ended), with: final.selecting(ended)) == nil)
    // Past a length nothing is known: all classes are equally likely.
    let even = overTime.padded(with: 1 / Float(scenario.classes), past: lengths)
    #expect(bitMismatch(of: overTime, with: even) == nil)
  }

  @Test("the probability after a step is the result for the sequence cut there")
  func overTimeIsCut() throws {
    let scenario = ClassifierScenario.larger[0]
    let network = scenario.network()
    let overTime = try network.probabilitiesOverTime(for: scenario.data)
    for step in 1...scenario.steps {
      let lengths = scenario.data.lengths.map { min($0, step) }
      let cut = try SequenceBatch(
        scenario.inputs, labels: scenario.labels, lengths: lengths, classCount: scenario.classes)
      let running = (0..<scenario.batch).filter { scenario.data.lengths[$0] >= step }
      let probability = overTime.steps(step - 1..<step).selecting(running).values
      #expect(try bitMismatch(of: probability, with: network.probabilities(for: cut).selecting(running).values) == nil)
    }
  }

  @Test("probabilities are the softmax of the logits")
  func probabilities() throws {
    let scenario = ClassifierScenario.all[3]
    let network = scenario.network()
    let expected = try Tensor.softmax(network.logits(for: scenario.data))
    #expect(try bitMismatch(of: network.probabilities(for: scenario.data), with: expected) == nil)
  }

  @Test("no data has no loss and an interval of everything")
  func nothing() throws {
    let scenario = ClassifierScenario.all[0]
    let network = scenario.network()
    let evaluation = try network.evaluate(on: scenario.data.dataset[0..<0])
    #expect(evaluation == .init(loss: 0, correct: 0, count: 0))
    #expect(evaluation.accuracy == 0 && evaluation.interval == 0...1)
    #expect(try network.logits(for: scenario.data.dataset.batch([])).shape == [0, 2])
  }

  // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998, table I,
  // method 3, to the four digits printed there.
  @Test(
    "the interval is Wilson's, as published",
    arguments: [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])
  func interval(correct: Int, count: Int, low: Double, high: Double) {
    let interval = SequenceModel.Evaluation(loss: 0, correct: correct, count: count).interval
    #expect((interval.lowerBound - low).magnitude < 0.00006)
    #expect((interval.upperBound - high).magnitude < 0.00006)
  }

  @Test("an interval is symmetric in right and wrong, and stays within 0 and 1")
  func intervalSymmetry() {
    let all = SequenceModel.Evaluation(loss: 0, correct: 50, count: 50).interval
    let none = SequenceModel.Evaluation(loss: 0, correct: 0, count: 50).interval
    #expect(all.upperBound <= 1 && all.upperBound > 1 - 1e-12)
    #expect(none.lowerBound >= 0 && none.lowerBound < 1e-12)
    #expect((all.lowerBound - (1 - none.upperBound)).magnitude < 1e-12)
  }
}
