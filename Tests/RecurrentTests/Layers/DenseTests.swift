import Foundation
import Recurrent
import TestSupport
import Testing

/// The dense head and the loss, against sums in `Double` and their central differences.
@Suite struct DenseTests {
  private let layer = Dense(
    weight: ClosedForm.chirp.tensor(0, [4, 7], scale: 0.4), bias: ClosedForm.chirp.tensor(1, [4], scale: 0.3))
  private let inputs = ClosedForm.chirp.tensor(2, [5, 7])
  private let labels = [3, 0, 2, 2, 1]

  private func outputs(weight: [Double], bias: [Double], inputs: [Double]) -> [Double] {
    (0..<20).map { index in
      let (row, output) = index.quotientAndRemainder(dividingBy: 4)
      return (0..<7).reduce(bias[output]) { $0 + weight[output * 7 + $1] * inputs[row * 7 + $1] }
    }
  }

  private var point: (weight: [Double], bias: [Double], inputs: [Double]) {
    (layer.weight.values.map(Double.init), layer.bias.values.map(Double.init), inputs.values.map(Double.init))
  }

  @Test("outputs are V x + c")
  func forward() {
    let (weight, bias, inputs) = point
    let expected = outputs(weight: weight, bias: bias, inputs: inputs)
    let found = layer(self.inputs)
    #expect(found.shape == [5, 4])
    #expect(mismatch(of: found, with: expected, within: Tolerance.afterRoundings(8)) == nil)
  }

  @Test("gradients are central differences")
  func gradients() {
    let weights = ClosedForm.chirp.tensor(3, [5, 4])
    let found = layer.gradients(inputs: inputs, outputGradient: weights)
    let (weight, bias, inputs) = point
    func sum(_ outputs: [Double]) -> Double { zip(outputs, weights.values).reduce(0) { $0 + $1.0 * Double($1.1) } }
    let tolerance = Tolerance.afterRoundings(8)
    #expect(
      CentralDifference.mismatch(of: found.parameters["weight"].values, at: weight, within: tolerance) {
        sum(outputs(weight: $0, bias: bias, inputs: inputs))
      } == nil)
    #expect(
      CentralDifference.mismatch(of: found.parameters["bias"].values, at: bias, within: tolerance) {
        sum(outputs(weight: weight, bias: $0, inputs: inputs))
      } == nil)
    #expect(
      CentralDifference.mismatch(of: found.inputs.values, at: inputs, within: tolerance) {
        sum(outputs(weight: weight, bias: bias, inputs: $0))
      } == nil)
    #expect(found.parameters.entries == layer.parameters.entries && found.inputs.shape == [5, 7])
  }

  @Test("fresh weights follow initialiser and seed")
  func fresh() {
    let fresh = Dense(inputSize: 7, outputSize: 4, initializer: .keras, seed: 3)
    #expect(fresh.weight.shape == [4, 7] && fresh.bias.values == [0, 0, 0, 0])
    #expect(fresh == Dense(inputSize: 7, outputSize: 4, initializer: .keras, seed: 3))
    #expect(fresh != Dense(inputSize: 7, outputSize: 4, initializer: .keras, seed: 4))
    #expect(fresh != Dense(inputSize: 7, outputSize: 4, initializer: .tensorFlow1, seed: 3))
  }

  private func loss(_ logits: [Double]) -> Double {
    labels.enumerated().reduce(0.0) { sum, next in
      let z = logits[next.offset * 4..<next.offset * 4 + 4]
      return sum + (log(z.reduce(0) { $0 + exp($1) }) - z[z.startIndex + next.element]) / 5
    }
  }

  @Test("the loss is the mean cross-entropy in nats, its gradient the central difference")
  func crossEntropy() {
    let logits = ClosedForm.chirp.tensor(4, [5, 4], scale: 3)
    let (found, gradient) = SoftmaxCrossEntropy()(logits, labels)
    let point = logits.values.map(Double.init)
    #expect(mismatch(of: [found], with: [loss(point)], within: Tolerance.afterRoundings(4)) == nil)
    #expect(
      CentralDifference.mismatch(of: gradient.values, at: point, within: Tolerance.afterRoundings(4), of: loss) == nil)
  }

  @Test("logits far apart neither overflow nor lose the loss")
  func extremeLogits() {
    let logits = Tensor(known: [2, 3], values: [1e4, 0, -1e4, 2e4, 2e4, 0])
    let (loss, gradient) = SoftmaxCrossEntropy()(logits, [2, 0])
    #expect(loss == Float((2e4 + log(2)) / 2))
    #expect(gradient.values == [0.5, 0, -0.5, -0.25, 0.25, 0])
  }

  @Test("accuracy counts the rows whose first largest logit is the label's")
  func accuracy() {
    let logits = Tensor(known: [4, 3], values: [0, 2, 1, 5, 5, 5, -1, -3, -2, 0, 0, 1])
    let loss = SoftmaxCrossEntropy()
    #expect(loss.accuracy(logits, [1, 0, 0, 2]) == 1)
    #expect(loss.accuracy(logits, [1, 2, 1, 2]) == 0.5)
    #expect(loss.accuracy(logits, [0, 1, 1, 1]) == 0)
  }

  @Test("softmax sums to one along the last dimension and keeps shapes")
  func softmax() {
    let logits = ClosedForm.chirp.tensor(5, [2, 3, 4], scale: 5)
    let found = Tensor.softmax(logits)
    #expect(found.shape == [2, 3, 4])
    let expected = stride(from: 0, to: 24, by: 4).flatMap { first in
      let powers = logits.values[first..<first + 4].map { exp(Double($0)) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    #expect(mismatch(of: found, with: expected, within: Tolerance.afterRoundings(1)) == nil)
  }
}
