import Foundation
import Recurrent
import TestSupport
import Testing

/// The oracle against sums done by hand, and the closed forms against their formulas.
@Suite struct ReferenceTests {
  @Test("one step of one Elman unit is the sum done by hand")
  func elmanByHand() {
    var parameters = Parameters([("weight_ih_l0", [1, 2]), ("weight_hh_l0", [1, 1]), ("bias_ih_l0", [1])])
    parameters["weight_ih_l0"] = Tensor(known: [1, 2], values: [0.5, -0.25])
    parameters["weight_hh_l0"] = Tensor(known: [1, 1], values: [2])
    parameters["bias_ih_l0"] = Tensor(known: [1], values: [0.125])
    let network = ReferenceNetwork(
      [.elman], parameters, inputs: Tensor(known: [1, 2, 2], values: [1, 2, 3, 4]),
      state: StackState([ElmanCell.State(hidden: Tensor(known: [1, 1], values: [0.75]))]))
    let first = tanh(0.5 * 1 - 0.25 * 2 + 2 * 0.75 + 0.125)
    let second = tanh(0.5 * 3 - 0.25 * 4 + 2 * first + 0.125)
    let result = network.run()
    #expect(result.outputs == [first, second])
    #expect(result.finalStates == [[[second]]])
  }

  @Test("one step of one LSTM unit takes its gates in the order i f g o")
  func lstmByHand() {
    var parameters = Parameters([("weight_ih_l0", [4, 1]), ("weight_hh_l0", [4, 1]), ("bias_ih_l0", [4])])
    parameters["weight_ih_l0"] = Tensor(known: [4, 1], values: [1, 2, 3, 4])
    parameters["bias_ih_l0"] = Tensor(known: [4], values: [0.5, 0.25, -0.5, -1])
    let state = LSTMCell.State(
      hidden: Tensor(known: [1, 1], values: [9]), cell: Tensor(known: [1, 1], values: [0.75]))
    let result = ReferenceNetwork(
      [.lstm], parameters, inputs: Tensor(known: [1, 1, 1], values: [0.5]), state: StackState([state])
    ).run()
    let cell = sigmoid(1.25) * 0.75 + sigmoid(1) * tanh(1)
    #expect(result.finalStates == [[[sigmoid(1) * tanh(cell)], [cell]]])
  }

  @Test("what lies past a length is not read, and gives zeros")
  func lengths() {
    var parameters = Parameters([("weight_ih_l0", [1, 1]), ("weight_hh_l0", [1, 1]), ("bias_ih_l0", [1])])
    parameters.fillWithChirps()
    let inputs = Tensor(known: [2, 2, 1], values: [1, .nan, .nan, .nan])
    let result = ReferenceNetwork([.elman], parameters, inputs: inputs, lengths: [1, 0]).run()
    #expect(result.outputs[0] != 0)
    #expect(Array(result.outputs[1...]) == [0, 0, 0])
    #expect(result.finalStates[0][0] == [result.outputs[0], 0])
  }

  @Test("the loss of even logits is the logarithm of the number of classes")
  func loss() {
    let parameters = Parameters([
      ("weight_ih_l0", [1, 1]), ("weight_hh_l0", [1, 1]), ("bias_ih_l0", [1]), ("head.weight", [3, 1]),
      ("head.bias", [3]),
    ])
    let model = ReferenceModel(
      [.elman], parameters, inputs: .features(Tensor(zeros: [2, 1, 1])), loss: .crossEntropy([0, 2]))
    #expect((model.meanLoss() - log(3)).magnitude < 1e-12)
  }

  @Test("losses are means over the targets that are there, done by hand")
  func losses() {
    let rows = [ReferenceModel.Row(index: 0, outputs: [0, log(3)]), ReferenceModel.Row(index: 2, outputs: [0, 0])]
    func expect(_ loss: ReferenceLoss, _ expected: Double, line: Int = #line) {
      #expect((loss.mean(rows) - expected).magnitude < 1e-12, "line \(line)")
    }
    // Row 1 is past a length: nobody asks for its targets. In row 0 the classes have probabilities 1/4 and 3/4.
    let (rare, likely, even, e) = (log(4.0), log(4.0 / 3), log(2.0), log(3.0))
    expect(.crossEntropy([1, nil, 0]), (likely + even) / 2)
    expect(.crossEntropy([1, nil, nil]), likely)
    expect(.crossEntropy([1, nil, 0], weights: [1, 3]), (3 * likely + even) / 4)
    expect(.crossEntropy([1, nil, nil], smoothing: 0.5), 0.75 * likely + 0.25 * rare)
    expect(.sigmoidCrossEntropy([1, 0, nil, nil, nil, 1]), (even + rare + even) / 3)
    expect(.sigmoidCrossEntropy([1, 0, nil, nil, nil, nil], weights: [2, 5]), (2 * even + 5 * rare) / 2)
    let numbers: [Double?] = [1, 0, nil, nil, nil, 3]
    expect(.squared(numbers), (1 + e * e + 9) / 3)
    expect(.absolute(numbers), (1 + e + 3) / 3)
    expect(.huber(numbers, 2), (0.5 + e * e / 2 + 4) / 3)
    expect(.squared(Array(repeating: nil, count: 6)), 0)
  }

  @Test("tokens are rows of a table, or of the identity; learned states are those of every sequence")
  func lookUp() {
    var parameters = Parameters([
      ("weight_ih_l0", [1, 2]), ("weight_hh_l0", [1, 1]), ("bias_ih_l0", [1]), ("initial_state_l0", [1]),
      ("head.weight", [1, 1]), ("head.bias", [1]),
    ])
    parameters["weight_ih_l0"] = Tensor(known: [1, 2], values: [0.5, -0.25])
    parameters["weight_hh_l0"] = Tensor(known: [1, 1], values: [2])
    parameters["initial_state_l0"] = Tensor(known: [1], values: [0.75])
    parameters["head.weight"] = Tensor(known: [1, 1], values: [3])
    func outputs(_ parameters: Parameters, count: Int, state: StackState? = nil, isEveryStep: Bool = true) -> [Double] {
      ReferenceModel(
        [.elman], parameters, inputs: .tokens([[1, 0], [1, -1], [-1, -1]], count: count), lengths: [2, 1, 0],
        state: state, isEveryStep: isEveryStep, loss: .squared([])
      ).outputs()
    }
    let first = tanh(-0.25 + 2 * 0.75)
    let second = tanh(0.5 + 2 * first)
    #expect(outputs(parameters, count: 2) == [3 * first, 3 * second, 3 * first])
    #expect(outputs(parameters, count: 2, isEveryStep: false) == [3 * second, 3 * first, 3 * 0.75])
    // A given state takes the place of the learned one.
    let zeros = StackState([ElmanCell.State(hidden: Tensor(zeros: [3, 1]))])
    #expect(outputs(parameters, count: 2, state: zeros)[0] == 3 * tanh(-0.25))
    var embedded = Parameters(parameters.entries.map { ($0.name, $0.shape) } + [("embedding.weight", [2, 2])])
    for entry in parameters.entries { embedded[entry.name] = parameters[entry.name] }
    embedded["embedding.weight"] = Tensor(known: [2, 2], values: [4, 8, 2, 1])
    let looked = tanh(0.5 * 2 - 0.25 * 1 + 2 * 0.75)
    #expect(outputs(embedded, count: 2)[0] == 3 * looked)
    #expect(outputs(embedded, count: 2)[1] == 3 * tanh(0.5 * 4 - 0.25 * 8 + 2 * looked))
  }

  @Test("closed forms follow their formulas and repeat nothing")
  func closedForms() {
    let wave = ClosedForm.wave.values(2, count: 50, scale: 0.4)
    #expect(wave[7] == Float(0.4 * sin(0.7 * 7 + 1.3 * 2 + 0.4)))
    let chirp = ClosedForm.chirp.values(3, count: 50, scale: 0.5, offset: 0.5)
    #expect(chirp[9] == Float(0.5 + 0.5 * sin(0.7 * 9 + 0.0137 * 81 + 1.3 * 3 + 0.4)))
    #expect(Set(wave).count == 50 && Set(chirp).count == 50)
    #expect(!wave.contains(0) && !chirp.contains(0))
  }

  @Test("closed-form lengths hold 0, the number of steps, and ties")
  func closedFormLengths() {
    let lengths = ClosedForm.lengths(batch: 50, steps: 7)
    #expect(Set(lengths) == Set(0...7))
    #expect(lengths != lengths.sorted() && lengths != lengths.sorted(by: >))
  }

  @Test("slices are the elements they name")
  func slices() {
    let tensor = Tensor(known: [3, 2, 2], values: (0..<12).map { Float($0) })
    #expect(tensor.selecting([2, 0]).values == [8, 9, 10, 11, 0, 1, 2, 3])
    #expect(tensor.steps(1..<2).values == [2, 3, 6, 7, 10, 11])
    #expect(tensor.padded(with: -1, past: [2, 0, 1]).values == [0, 1, 2, 3, -1, -1, -1, -1, 8, 9, -1, -1])
  }

  @Test("a temporary directory exists as long as it is held, and not longer")
  func temporaryDirectory() throws {
    var path = ""
    do {
      let directory = try TemporaryDirectory()
      path = directory.path
      try directory.write([1, 2, 3], to: "inner/file")
      #expect(try directory.contents() == ["inner"])
      #expect(FileManager.default.contents(atPath: directory.path("inner/file")) == Data([1, 2, 3]))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
