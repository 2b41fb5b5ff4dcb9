import Recurrent
import TestSupport
import Testing

/// Tokens become rows of a table, and gradients find their way back to the rows.
@Suite struct EmbeddingTests {
  private let embedding = Embedding(weight: ClosedForm.chirp.tensor(0, [6, 3]))
  private let tokens = [[5, 0, 2, 0], [], [3], [2, 2, 2]]

  @Test("each token becomes its row; behind the end of a sequence there are zeros")
  func forward() {
    let found = embedding(tokens)
    #expect(found.shape == [4, 4, 3])
    for (sample, sequence) in tokens.enumerated() {
      for t in 0..<4 {
        for i in 0..<3 {
          let expected = t < sequence.count ? embedding.weight[sequence[t], i] : 0
          #expect(found[sample, t, i] == expected)
        }
      }
    }
    #expect(embedding([[], []]).shape == [2, 0, 3])
  }

  @Test("the gradient of the table is the central difference")
  func gradient() {
    let weights = ClosedForm.chirp.tensor(1, [4, 4, 3])
    let found = embedding.gradient(tokens: tokens, outputGradient: weights)["weight"]
    #expect(found.shape == [6, 3])
    let difference = CentralDifference.mismatch(
      of: found.values, at: embedding.weight.values.map(Double.init), within: Tolerance.afterRoundings(4)
    ) { table in
      var sum = 0.0
      for (sample, sequence) in tokens.enumerated() {
        for (t, token) in sequence.enumerated() {
          for i in 0..<3 { sum += table[token * 3 + i] * Double(weights[sample, t, i]) }
        }
      }
      return sum
    }
    #expect(difference == nil)
    #expect(found.selecting([1, 4]).values.allSatisfy { $0 == 0 })
  }

  @Test("tokens through a table are one-hot rows through the table's columns in the layer's weights")
  func oneHot() {
    var stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 5))
    stack.parameters.fillWithChirps()
    let lengths = tokens.map(\.count)
    let (outputs, _, tape) = stack.forward(embedding(tokens), lengths: lengths)
    let gradients = stack.gradients(tape, outputs: ClosedForm.chirp.tensor(2, outputs.shape))
    let table = embedding.gradient(tokens: tokens, outputGradient: gradients.inputs)["weight"]

    // The product of both matrices is one that reads one-hot rows.
    var direct = RecurrentStack(inputSize: 6, LSTMCell(hiddenSize: 5))
    for name in ["weight_hh_l0", "bias_ih_l0"] { direct.parameters[name] = stack.parameters[name] }
    let weight = stack.parameters["weight_ih_l0"]
    var product = Tensor(zeros: [20, 6])
    for row in 0..<20 {
      for token in 0..<6 {
        product[row, token] = (0..<3).reduce(0) { $0 + weight[row, $1] * embedding.weight[token, $1] }
      }
    }
    direct.parameters["weight_ih_l0"] = product
    var hot = Tensor(zeros: [4, 4, 6])
    for (sample, sequence) in tokens.enumerated() {
      for (t, token) in sequence.enumerated() { hot[sample, t, token] = 1 }
    }
    let (expected, _, directTape) = direct.forward(hot, lengths: lengths)
    let directGradient = direct.gradients(directTape, outputs: ClosedForm.chirp.tensor(2, outputs.shape))
    let tolerance = Tolerance.gradient(inputSize: 6, hiddenSizes: [5], steps: 4, batch: 4)
    #expect(mismatch(of: outputs, with: expected.values.map(Double.init), within: tolerance) == nil)
    // dE = Wᵀ d(product), row by row.
    let expectedTable = (0..<6).flatMap { token in
      (0..<3).map { i in
        (0..<20).reduce(0.0) {
          $0 + Double(weight[$1, i]) * Double(directGradient.parameters["weight_ih_l0"][$1, token])
        }
      }
    }
    #expect(mismatch(of: table, with: expectedTable, within: tolerance) == nil)
  }

  @Test("fresh tables follow their seed and are drawn from N(0, 1)")
  func fresh() {
    let fresh = Embedding(tokenCount: 50, size: 40, seed: 3)
    #expect(fresh.weight.shape == [50, 40])
    #expect(fresh == Embedding(tokenCount: 50, size: 40, seed: 3))
    #expect(fresh != Embedding(tokenCount: 50, size: 40, seed: 4))
    let values = fresh.weight.values.map(Double.init)
    let mean = values.reduce(0, +) / 2000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000
    // Six standard errors.
    #expect(abs(mean) < 6 / 2000.squareRoot() && abs(variance - 1) < 6 * (2.0 / 2000).squareRoot())
  }
}
