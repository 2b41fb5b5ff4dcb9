import Foundation
@testable import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// Confusion matrices and mistakes: counted by hand.
@Suite struct PredictionsTests {
  // Three classes; the predictions are 0, 2, 2, 1, 0.
  private static let predictions = require {
    try SequenceModel.Predictions(
      logits: Tensor(shape: [5, 3], values: [2, 1, 0, 0, 1, 4, -1, -2, 3, 0, 5, 0, 1, 0, 0]), labels: [0, 1, 2, 2, 1])
  }

  @Test func answersAreTheLargest() {
    #expect(Self.predictions.classes == [0, 2, 2, 1, 0])
    #expect(Self.predictions.evaluation.correct == 2)
    #expect(Self.predictions.evaluation.count == 5)
  }

  @Test func confusionCountsPairs() {
    let confusion = Self.predictions.confusion
    #expect(confusion.counts == [[1, 0, 0], [1, 0, 1], [0, 1, 1]])
    #expect(confusion[truth: 1, prediction: 2] == 1 && confusion[truth: 2, prediction: 0] == 0)
    #expect(confusion.count == 5 && confusion.correct == 2)
    #expect(confusion.recall(of: 0) == 1 && confusion.recall(of: 1) == 0 && confusion.recall(of: 2) == 0.5)
    #expect(confusion.precision(of: 0) == 0.5 && confusion.precision(of: 1) == 0 && confusion.precision(of: 2) == 0.5)
    #expect(confusion.confusions.map { [$0.truth, $0.prediction, $0.count] } == [[1, 0, 1], [1, 2, 1], [2, 1, 1]])
  }

  @Test func classesNobodyHasSeenHaveNoRecall() throws {
    let confusion = try ConfusionMatrix(labels: [0, 0, 0], predictions: [0, 1, 1], classCount: 3)
    #expect(confusion.recall(of: 2) == nil && confusion.precision(of: 2) == nil)
    #expect(confusion.confusions.map(\.count) == [2])
  }

  @Test func theHardestMistakeSurprisesMost() {
    let mistakes = Self.predictions.mistakes(count: 9)
    // Sequence 3 takes a 2 for a 1 with logits 0, 5, 0; sequence 1 a 1 for a 2 with 0, 1, 4; sequence 4 hardly minds.
    #expect(mistakes.map(\.index) == [3, 1, 4])
    #expect(mistakes.map(\.label) == [2, 1, 1] && mistakes.map(\.prediction) == [1, 2, 0])
    let total = 2 + exp(5.0)
    #expect(abs(mistakes[0].loss - log(total)) < 1e-12 && abs(mistakes[0].probability - exp(5.0) / total) < 1e-12)
    #expect(Self.predictions.mistakes(count: 1) == [mistakes[0]])
    #expect(Self.predictions.mistakes(count: 0).isEmpty)
  }

  @Test("what is no number is an prediction to nothing, and comes first among mistakes")
  func notANumber() throws {
    let nan = Float.nan
    let predictions = try SequenceModel.Predictions(
      logits: Tensor(known: [3, 2], values: [0, 9, nan, nan, nan, nan]), labels: [0, 0, 1])
    #expect(predictions.evaluation.correct == 0 && predictions.evaluation.loss.isNaN)
    #expect(predictions.confusion.correct == 0)
    #expect(predictions.mistakes(count: 9).map(\.index) == [1, 2, 0])
  }

  @Test("a network's confusion matrix agrees with its evaluation", arguments: ClassifierScenario.larger)
  func network(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let dataset = scenario.data.dataset
    let evaluation = try network.evaluate(on: dataset)
    let confusion = try network.confusion(on: dataset)
    #expect(confusion.correct == evaluation.correct && confusion.count == evaluation.count)
    #expect(try network.mistakes(on: dataset, count: .max).count == evaluation.count - evaluation.correct)
    #expect(try network.mistakes(on: dataset).count <= 12)
  }
}
