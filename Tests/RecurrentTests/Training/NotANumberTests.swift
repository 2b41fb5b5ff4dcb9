@testable import Recurrent
import TestSupport
import Testing

/// Comparisons and branches that meet NaN, which is neither less nor more than anything.
@Suite struct NotANumberTests {
  private func result(_ loss: Double, _ correct: Int) -> SequenceModel.Evaluation {
    .init(loss: loss, correct: correct, count: 100)
  }

  // MARK: Better and worse

  @Test(
    "a validation whose loss is a number is better than one whose loss is NaN, whatever is looked at",
    arguments: EarlyStopping.Measure.allCases, [0, 0.5])
  func anyNumberBeatsNaN(measure: EarlyStopping.Measure, minimumImprovement: Double) {
    let rule = EarlyStopping(measure: measure, minimumImprovement: minimumImprovement)
    #expect(rule.isImprovement(result(100, 0), over: result(.nan, 50)))
    #expect(rule.isImprovement(result(100, 50), over: result(.nan, 50)))
    #expect(!rule.isImprovement(result(.nan, 100), over: result(100, 0)))
    #expect(!rule.isImprovement(result(.nan, 50), over: result(.nan, 50)))
  }

  @Test(
    "a training whose first validations are NaN keeps the best of those that are not",
    arguments: EarlyStopping.Measure.allCases)
  func bestAfterNaN(measure: EarlyStopping.Measure) throws {
    let network = ClassifierScenario.larger[0].network()
    var progress = TrainingProgress(
      .init(earlyStopping: EarlyStopping(measure: measure, patience: 4)), network: network,
      optimizer: SGD(learningRate: 0.1))
    let validations = [
      result(.nan, 90), result(.nan, 10), result(.nan, 10), result(0.69, 50), result(0.3, 80), result(.nan, 95),
    ]
    let improved = validations.map { progress.observe($0, of: network) }
    #expect(improved == [true, false, false, true, true, false])
    #expect(try #require(progress.best).validation == result(0.3, 80))
  }

  @Test("a plateau sees no improvement in NaN, and one in the first loss that is finite", arguments: [0, 1e-4, 1, 2])
  func plateau(threshold: Double) {
    var plateau = PlateauSchedule(patience: 1, threshold: threshold)
    for _ in 0..<2 { plateau.observe(.nan) }
    #expect(plateau.best == .infinity && plateau.reductionCount == 1)
    plateau.observe(0.7)
    #expect(plateau.best == 0.7)
    plateau.observe(.nan)
    #expect(plateau.best == 0.7 && plateau.reductionCount == 1)
  }

  @Test("the largest number has a place only where all are numbers")
  func largest() throws {
    #expect([Float]().indexOfLargest == nil)
    #expect([1, 3, 3, 2].indexOfLargest == 1)
    #expect([-.infinity, -.infinity].indexOfLargest == 0)
    #expect([0, .infinity, 5].indexOfLargest == 1)
    for place in 0..<3 {
      var values: [Float] = [1, 2, 3]
      values[place] = .nan
      #expect(values.indexOfLargest == nil)
      for label in 0..<3 {
        #expect(SoftmaxCrossEntropy().accuracy(Tensor(known: [1, 3], values: values), [label]) == 0)
        let answers = try SequenceModel.Predictions(logits: Tensor(known: [1, 3], values: values), labels: [label])
        #expect(answers.evaluation.correct == 0 && answers.evaluation.loss.isNaN)
        #expect(answers.confusion.correct == 0)
        #expect(answers.mistakes(count: 2).map(\.index) == [0])
        #expect(answers.mistakes(count: 2).allSatisfy { $0.probability.isNaN })
      }
    }
  }

  @Test("a network one of whose logits is NaN gets nothing right, in a training step as in an evaluation")
  func accuracyOfAStep() throws {
    let scenario = ClassifierScenario.larger[0]
    for bad in 0..<scenario.classes {
      var network = scenario.network()
      network.parameters["head.bias"].values[bad] = .nan
      #expect(try network.gradient(on: scenario.data).result.accuracy == 0)
      #expect(try network.evaluate(on: scenario.data).correct == 0)
    }
  }

  @Test("a limit of gradients that is negative or NaN is a programmer's error")
  func limits() async {
    for clipping in [GradientClipping.value(0), .norm(0), .norm(.infinity)] { clipping.check() }
    await #expect(processExitsWith: .failure) { GradientClipping.norm(.nan).check() }
    await #expect(processExitsWith: .failure) { GradientClipping.value(-1).check() }
  }

  // MARK: Signs

  @Test(
    "NaN in predictions or targets is NaN in the loss and in its own element of the gradient",
    arguments: [RegressionLoss.squared, .absolute, .huber(1), .huber(.infinity)], [Float.nan, -Float.nan])
  func regression(loss: RegressionLoss, nan: Float) {
    for isTarget in [false, true] {
      let bad = Tensor(known: [2], values: [isTarget ? 0 : 1, nan])
      let good = Tensor(known: [2], values: [isTarget ? 1 : 0, 2])
      let (value, gradient) = isTarget ? loss(good, bad) : loss(bad, good)
      #expect(value.isNaN)
      #expect(gradient.values[1].isNaN)
      #expect(gradient.values[0] == (loss == .squared ? 1 : 0.5))
    }
  }

  @Test("an error without bounds has the slope of the largest")
  func infiniteErrors() {
    let predictions = Tensor(known: [2], values: [.infinity, -.infinity])
    #expect(RegressionLoss.absolute(predictions, Tensor(zeros: [2])).gradient.values == [0.5, -0.5])
    #expect(RegressionLoss.huber(3)(predictions, Tensor(zeros: [2])).gradient.values == [1.5, -1.5])
  }
}
