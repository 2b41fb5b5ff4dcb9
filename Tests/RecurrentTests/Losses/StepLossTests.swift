import Foundation
import Recurrent
import TestSupport
import Testing

/// Losses of every step and of numbers, against sums in `Double` and their central differences.
@Suite struct StepLossTests {
  private let labels = [[2, 0, 1, 3], [], [1], [0, 0, 2]]
  private var lengths: [Int] { labels.map(\.count) }

  private func swapped(_ tensor: Tensor) -> Tensor {
    let steps = tensor.steps
    return Tensor(known: [steps.count] + steps[0].shape, values: steps.flatMap(\.values))
  }

  @Test("cross-entropy of every step is the mean over all labels; what lies behind a length is not read")
  func crossEntropy() {
    let logits = ClosedForm.chirp.tensor(0, [4, 5, 4], scale: 3)
    func loss(_ z: [Double]) -> Double {
      var sum = 0.0
      for (sample, sequence) in labels.enumerated() {
        for (t, label) in sequence.enumerated() {
          let first = (sample * 5 + t) * 4
          sum += log((0..<4).reduce(0) { $0 + exp(z[first + $1]) }) - z[first + label]
        }
      }
      return sum / 8
    }
    let point = logits.values.map(Double.init)
    let spoilt = logits.padded(with: .nan, past: lengths)
    let (found, gradient) = SoftmaxCrossEntropy()(spoilt, labels)
    #expect(gradient.shape == [4, 5, 4])
    #expect(mismatch(of: [found], with: [loss(point)], within: Tolerance.afterRoundings(4)) == nil)
    #expect(
      CentralDifference.mismatch(of: gradient.values, at: point, within: Tolerance.afterRoundings(8), of: loss) == nil)
    let timeMajor = SoftmaxCrossEntropy()(swapped(spoilt), labels, layout: .timeMajor)
    #expect(timeMajor.loss == found)
    #expect(bitMismatch(of: timeMajor.gradient, with: swapped(gradient)) == nil)
  }

  @Test("where nothing is labelled, loss and gradient are zero")
  func nothing() {
    let logits = ClosedForm.chirp.tensor(0, [2, 3, 4])
    let (loss, gradient) = SoftmaxCrossEntropy()(logits, [[], []])
    #expect(loss == 0 && gradient == Tensor(zeros: [2, 3, 4]))
    let (error, slope) = RegressionLoss.squared(logits, logits, lengths: [0, 0])
    #expect(error == 0 && slope == Tensor(zeros: [2, 3, 4]))
  }

  @Test(
    "regression losses are means over all numbers that count",
    arguments: [RegressionLoss.squared, .absolute, .huber(0.7)])
  func regression(loss: RegressionLoss) {
    let predictions = ClosedForm.chirp.tensor(0, [4, 5, 3])
    let targets = ClosedForm.chirp.tensor(1, [4, 5, 3], scale: 1.5)
    func sum(_ values: [Double], lengths: [Int]) -> Double {
      var (sum, count) = (0.0, 0.0)
      for (sample, length) in lengths.enumerated() {
        for i in sample * 15..<sample * 15 + length * 3 {
          let e = abs(values[i] - Double(targets.values[i]))
          switch loss {
          case .squared: sum += e * e
          case .absolute: sum += e
          case .huber(let δ): sum += e <= Double(δ) ? e * e / 2 : Double(δ) * (e - Double(δ) / 2)
          }
          count += 1
        }
      }
      return sum / count
    }
    let point = predictions.values.map(Double.init)
    for lengths in [nil, lengths] {
      let all = lengths ?? [5, 5, 5, 5]
      let spoilt = (predictions.padded(with: .nan, past: lengths), targets.padded(with: .nan, past: lengths))
      let (found, gradient) = loss(spoilt.0, spoilt.1, lengths: lengths)
      #expect(mismatch(of: [found], with: [sum(point, lengths: all)], within: Tolerance.afterRoundings(4)) == nil)
      #expect(
        CentralDifference.mismatch(of: gradient.values, at: point, within: Tolerance.afterRoundings(8)) {
          sum($0, lengths: all)
        } == nil)
      let timeMajor = loss(swapped(spoilt.0), swapped(spoilt.1), lengths: lengths, layout: .timeMajor)
      #expect(bitMismatch(of: timeMajor.gradient, with: swapped(gradient)) == nil)
    }
    // A batch without steps.
    let flat = loss(predictions.reshaped(20, 3), targets.reshaped(20, 3))
    #expect(flat.loss == loss(predictions, targets).loss && flat.gradient.shape == [20, 3])
  }

  @Test("a Huber loss is the squared error's half near the target and the absolute error's slope far from it")
  func huber() {
    let (loss, gradient) = RegressionLoss.huber(2)(
      Tensor(known: [4], values: [1, -3, 2, 0]), Tensor(known: [4], values: [0, 0, 0, 0]))
    // (1/2 + 2 (3 - 1) + 2²/2 + 0) / 4
    #expect(loss == 1.625)
    #expect(gradient.values == [0.25, -0.5, 0.5, 0])
  }

  @Test("a dense layer reads every step of a batch")
  func denseOfSteps() {
    let layer = Dense(
      weight: ClosedForm.chirp.tensor(0, [9, 21], scale: 0.4), bias: ClosedForm.chirp.tensor(1, [9], scale: 0.3))
    let inputs = ClosedForm.chirp.tensor(2, [4, 5, 21])
    let outputGradient = ClosedForm.chirp.tensor(3, [4, 5, 9])
    let found = layer(inputs)
    let gradients = layer.gradients(inputs: inputs, outputGradient: outputGradient)
    #expect(found.shape == [4, 5, 9] && gradients.inputs.shape == [4, 5, 21])
    // Typed statements one by one: the compiler takes seconds for sums within sums.
    let (x, w) = (inputs.values.map(Double.init), layer.weight.values.map(Double.init))
    let dy: [Double] = outputGradient.values.map(Double.init)
    var expected = [Double](repeating: 0, count: 180)
    var dWeight = [Double](repeating: 0, count: 189)
    var dInputs = [Double](repeating: 0, count: 420)
    var dBias = [Double](repeating: 0, count: 9)
    for row in 0..<20 {
      for output in 0..<9 {
        let place = row * 9 + output
        expected[place] = Double(layer.bias.values[output])
        dBias[output] += dy[place]
        for k in 0..<21 {
          expected[place] += w[output * 21 + k] * x[row * 21 + k]
          dWeight[output * 21 + k] += dy[place] * x[row * 21 + k]
          dInputs[row * 21 + k] += dy[place] * w[output * 21 + k]
        }
      }
    }
    let tolerance = Tolerance.afterRoundings(22)
    #expect(mismatch(of: found, with: expected, within: tolerance) == nil)
    #expect(mismatch(of: gradients.parameters["weight"], with: dWeight, within: tolerance) == nil)
    #expect(mismatch(of: gradients.inputs, with: dInputs, within: tolerance) == nil)
    #expect(mismatch(of: gradients.parameters["bias"], with: dBias, within: tolerance) == nil)
  }
}
