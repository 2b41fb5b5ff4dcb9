import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Means over nothing: totals that are zero are not divided by.
@Suite struct EmptyTotalTests {
  private let scenario = ClassifierScenario.larger[0]
  private let weightless = SoftmaxCrossEntropy(classWeights: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  private let smoothed = SoftmaxCrossEntropy(labelSmoothing: 0.2, classWeights: [0, 1, 2])

  @Test("cross-entropy of no rows, or of labels that weigh nothing, is zero, and so is its gradient")
  func crossEntropy() {
    let logits = ClosedForm.chirp.tensor(0, [4, 3])
    for loss in [smoothed, SoftmaxCrossEntropy(classWeights: [0, 1, 1])] {
      let (value, gradient) = loss(logits, [0, 0, 0, 0])
      #expect(value == 0 && gradient == Tensor(zeros: [4, 3]))
      let (steps, slope) = loss(ClosedForm.chirp.tensor(0, [2, 2, 3]), [[0, 0], [0]])
      #expect(steps == 0 && slope == Tensor(zeros: [2, 2, 3]))
    }
    for loss in [smoothed, SoftmaxCrossEntropy()] {
      let (value, gradient) = loss(Tensor(zeros: [0, 3]), [])
      #expect(value == 0 && gradient == Tensor(zeros: [0, 3]))
      for shape in [[0, 5, 3], [2, 0, 3]] {
        let (steps, slope) = loss(Tensor(zeros: shape), Array(repeating: [], count: shape[0]))
        #expect(steps == 0 && slope == Tensor(zeros: shape))
      }
      #expect(loss.accuracy(Tensor(zeros: [0, 3]), []) == 0)
    }
  }

  @Test("a step over labels that weigh nothing has no loss, no gradient and changes nothing")
  func trainingStep() throws {
    for clipping in [nil, GradientClipping.norm(1), .value(1), .norm(0)] {
      var network = scenario.network()
      var optimizer = SGD(learningRate: 1)
      for batches in [[scenario.data], [scenario.data, scenario.data]] {
        let result = try network.train(
          on: batches, with: &optimizer, loss: .crossEntropy(weightless), clipping: clipping)
        #expect(result.loss == 0 && result.gradientNorm == 0)
        #expect(bitMismatch(of: network.parameters, with: scenario.network().parameters) == nil)
      }
    }
  }

  @Test("labels without weight beside others count for nothing")
  func someWeightless() throws {
    let loss = SoftmaxCrossEntropy(classWeights: (0..<scenario.classes).map { $0 < 5 ? 0 : 1 })
    let counting = scenario.labels.indices.filter { scenario.labels[$0] >= 5 }
    var (all, some) = (scenario.network(), scenario.network())
    var (optimizer, other) = (SGD(learningRate: 0), SGD(learningRate: 0))
    let found = try all.train(on: [scenario.data], with: &optimizer, loss: .crossEntropy(loss))
    let expected = try some.train(on: [scenario.data.dataset.batch(counting)], with: &other)
    #expect(mismatch(of: [found.loss], with: [Double(expected.loss)], within: scenario.tolerance) == nil)
  }

  @Test("numbers of nothing, an evaluation of nothing")
  func others() throws {
    for loss in [RegressionLoss.squared, .absolute, .huber(1)] {
      for shape in [[0, 3], [3, 0], [0]] {
        let (value, gradient) = loss(Tensor(zeros: shape), Tensor(zeros: shape))
        #expect(value == 0 && gradient == Tensor(zeros: shape))
      }
    }
    let evaluation = try scenario.network().evaluate(on: scenario.data.dataset[0..<0])
    #expect(evaluation == .init(loss: 0, correct: 0, count: 0))
    #expect(evaluation.accuracy == 0 && evaluation.interval == 0...1)
    let confusion = try ConfusionMatrix(labels: [], predictions: [], classCount: 3)
    #expect(confusion.recall(of: 0) == nil && confusion.precision(of: 0) == nil)
  }

  @Test("sums of targets are those in double precision, whatever the settings", arguments: [3, 1_000, 10_000])
  func manyClasses(classes: Int) throws {
    for (smoothing, weights) in [(Float(0.1), nil), (0.3, (0..<classes).map { 0.5 + Float($0 % 3) })]
      as [(Float, [Float]?)]
    {
      let loss = SoftmaxCrossEntropy(labelSmoothing: smoothing, classWeights: weights)
      for peak in [Float(0), 3, 12] {
        var logits = ClosedForm.chirp.tensor(1, [2, classes], scale: 0.5)
        for row in 0..<2 { logits[row, row + 1] = peak }
        let labels = [1, 2]
        let (value, gradient) = loss(logits, labels)
        var (sum, weight, expected) = (0.0, 0.0, [Double]())
        for row in 0..<2 {
          let z = (0..<classes).map { Double(logits[row, $0]) }
          let targets = (0..<classes).map { k in
            Double(weights?[k] ?? 1)
              * ((k == labels[row] ? 1 - Double(smoothing) : 0) + Double(smoothing) / Double(classes))
          }
          let (logSum, total) = (log(z.reduce(0) { $0 + exp($1) }), targets.reduce(0, +))
          sum += zip(targets, z).reduce(0) { $0 + $1.0 * (logSum - $1.1) }
          weight += Double(weights?[labels[row]] ?? 1)
          expected += zip(targets, z).map { exp($1 - logSum) * total - $0 }
        }
        let worst = zip(gradient.values, expected).map { (Double($0) - $1 / weight).magnitude }.max() ?? 0
        #expect(worst < 1e-6, "peak \(peak)")
        #expect((Double(value) - sum / weight).magnitude < 1e-6 * max(sum / weight, 1), "peak \(peak)")
      }
    }
  }
}
