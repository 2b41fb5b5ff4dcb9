import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Named tensors: what is read, set, iterated, mapped and written.
@Suite struct ParametersTests {
  private let parameters = Parameters([
    ("weight", ClosedForm.chirp.tensor(0, [2, 3])), ("bias", ClosedForm.chirp.tensor(1, [2])),
    ("scale", Tensor(known: [], values: [4])),
  ])

  @Test("tensors lie one after the other under their names and shapes")
  func entries() throws {
    #expect(parameters.entries.map(\.name) == ["weight", "bias", "scale"])
    #expect(parameters.entries.map(\.range) == [0..<6, 6..<8, 8..<9])
    #expect(parameters.count == 9 && parameters.values.count == 9)
    #expect(parameters["bias"] == ClosedForm.chirp.tensor(1, [2]))
    #expect(try #require(parameters.tensor(named: "scale")).shape == [])
    #expect(parameters.tensor(named: "Weight") == nil && parameters.entry("Weight") == nil)
  }

  @Test("iteration gives each name with its tensor, in order")
  func iteration() {
    var found: [String: Tensor] = [:]
    var names: [String] = []
    for (name, tensor) in parameters {
      names.append(name)
      found[name] = tensor
    }
    #expect(names == ["weight", "bias", "scale"])
    for name in names { #expect(found[name] == parameters[name]) }
    #expect(Parameters([(name: String, tensor: Tensor)]()).map(\.name).isEmpty)
  }

  @Test("a tensor is set by name, and no other changes")
  func setting() {
    var changed = parameters
    changed["bias"] = Tensor(known: [2], values: [7, 8])
    #expect(changed.values == parameters.values[..<6] + [7, 8, 4])
    changed.values[8] = 5
    #expect(changed["scale"].values == [5] && parameters["scale"].values == [4])
  }

  @Test("maps keep names and shapes")
  func maps() {
    let doubled = parameters.mapValues { 2 * $0 }
    #expect(doubled.entries == parameters.entries && doubled.values == parameters.values.map { 2 * $0 })
    let withoutBias = parameters.mapTensors { name, tensor in name == "bias" ? Tensor(zeros: tensor.shape) : tensor }
    #expect(withoutBias.values == parameters.values[..<6] + [0, 0, 4])
    #expect(parameters.zeros.values == Array(repeating: 0, count: 9))
    #expect(parameters.zeros.entries == parameters.entries)
  }

  @Test("sums, differences, multiples and norms are those of the elements")
  func arithmetic() {
    let other = parameters.mapValues { 1 - $0 }
    #expect((parameters + other).values.allSatisfy { ($0 - 1).magnitude < 1e-6 })
    #expect((parameters - parameters).values.allSatisfy { $0 == 0 })
    #expect((3 * parameters).values == parameters.values.map { 3 * $0 })
    #expect((other - parameters).values[8] == -7)
    let square = parameters.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect((parameters.norm - square.squareRoot()).magnitude < 1e-12)
    #expect(Tensor(known: [2, 1], values: [-3, 4]).norm == 5)
    // Squares that Float could not hold.
    #expect((Tensor(known: [1], values: [1e30]).norm / 1e30 - 1).magnitude < 1e-6)
    #expect(Tensor(zeros: [0]).norm == 0)
  }

  @Test("what is written is read back bit for bit, NaNs and infinities included", arguments: 0..<5)
  func coding(count: Int) throws {
    let special: [Float] = [.nan, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    var written = Parameters([("a", [count]), ("b", [0, 3]), ("c", [2, 2])])
    for i in written.values.indices { written.values[i] = special[i % 5] * (i > 4 ? 0.1 : 1) }
    let found = try JSONDecoder().decode(Parameters.self, from: JSONEncoder().encode(written))
    #expect(found.entries == written.entries)
    #expect(found.values.map(\.bitPattern) == written.values.map(\.bitPattern))
  }

  @Test("base64 is that of everybody else")
  func base64() throws {
    for count in 0..<8 {
      let floats = (0..<count).map { Float($0) * 1.7 - 3 }
      let text = try JSONDecoder().decode(String.self, from: JSONEncoder().encode(ExactFloats(floats)))
      let bytes = floats.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
      #expect(text == Data(bytes).base64EncodedString())
    }
  }

  @Test(
    "text that does not fit is refused, and nothing large is allocated for it",
    arguments: [
      #"{"tensors": [{"name": "a", "shape": [1]}, {"name": "a", "shape": [0]}], "values": "AACAPw=="}"#,
      #"{"tensors": [{"name": "a", "shape": [2]}], "values": "AACAPw=="}"#,
      #"{"tensors": [{"name": "a", "shape": []}, {"name": "b", "shape": [0]}], "values": ""}"#,
      #"{"tensors": [{"name": "a", "shape": [-1]}], "values": ""}"#,
      #"{"tensors": [{"name": "a", "shape": [4611686018427387904, 4]}], "values": "AACAPw=="}"#,
      #"{"tensors": [{"name": "a", "shape": [1]}], "values": "AACAP==="}"#,
      #"{"tensors": [{"name": "a", "shape": [1]}], "values": "AACA"}"#,
      #"{"tensors": [{"name": "a", "shape": [1]}], "values": "AA*APw=="}"#,
      #"{"tensors": [{"name": "a", "shape": [1]}], "values": "AACAPx=="}"#,
      #"{"tensors": [], "values": "AACAPw=="}"#, #"{"tensors": []}"#, #"{"values": ""}"#, "[]",
    ])
  func badText(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Parameters.self, from: Data(text.utf8)) }
  }

  @Test("every model, stack and layer has its weights under their names")
  func parameterized() {
    func names(_ part: some Parameterized) -> [String] { part.parameters.map(\.name) }
    let cell = ElmanCell(hiddenSize: 2)
    let weights = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"]
    #expect(names(RecurrentLayer(inputSize: 3, cell)) == weights)
    #expect(names(RecurrentStack(inputSize: 3, cell)) == weights)
    #expect(
      names(SequenceModel(.init(input: .features(3), layers: [LayerConfiguration(cell)], output: .classes(2))))
        == weights + ["head.weight", "head.bias"])
    #expect(names(Dense(inputSize: 3, outputSize: 2)) == ["weight", "bias"])
    #expect(names(Embedding(tokenCount: 3, size: 2)) == ["weight"])
  }

  @Test("weights that are set are the ones a model computes with")
  func settingModels() throws {
    let scenario = ClassifierScenario.larger[0]
    var model = scenario.network()
    let before = try model.logits(for: scenario.data)
    model.parameters["head.bias"] = Tensor(known: [scenario.classes], values: (0..<scenario.classes).map { Float($0) })
    let bias = scenario.network().parameters["head.bias"].values
    let after = try model.logits(for: scenario.data)
    for i in before.values.indices {
      let change = Float(i % scenario.classes) - bias[i % scenario.classes]
      #expect((after.values[i] - before.values[i] - change).magnitude < 1e-5)
    }
    var dense = Dense(inputSize: 2, outputSize: 1)
    dense.weight = Tensor(known: [1, 2], values: [2, 3])
    dense.bias.values[0] = 5
    #expect(dense(Tensor(known: [1, 2], values: [10, 100])).values == [325])
    #expect(dense.parameters.values == [2, 3, 5])
    var embedding = Embedding(tokenCount: 2, size: 2)
    embedding.parameters.values = [1, 2, 3, 4]
    #expect(embedding([[1, 0]]).values == [3, 4, 1, 2] && embedding.weight.values == [1, 2, 3, 4])
  }

  @Test("large products have the bits of each row alone, however many threads share them")
  func largeProducts() {
    let dense = Dense(inputSize: 70, outputSize: 90, seed: 3)
    let inputs = ClosedForm.chirp.tensor(0, [37, 70])
    let found = dense(inputs)
    for row in 0..<37 {
      let alone = Tensor(known: [1, 70], values: Array(inputs.values[row * 70..<(row + 1) * 70]))
      #expect(bitMismatch(of: dense(alone).values, with: Array(found.values[row * 90..<(row + 1) * 90])) == nil)
    }
  }
}
