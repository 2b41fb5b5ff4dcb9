import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// Classifiers in files: our own come back bit for bit, PyTorch's are understood, all others are refused.
@Suite struct CheckpointTests {
  private static let batch = 4

  /// Sequences of closed-form values.
  private func data(inputSize: Int) throws -> SequenceDataset {
    let values = (0..<Self.batch * 5 * inputSize).map { Float(sin(Double($0) * 0.7)) }
    return try SequenceDataset(
      floats: values, stepCount: 5, inputSize: inputSize, labels: [0, 1, 1, 0], lengths: [5, 3, 4, 1], classCount: 2)
  }

  private static let networks: [(String, SequenceModel)] = [
    (
      "the notebook's",
      SequenceModel(.init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 1)
    ),
    (
      "two biases of PyTorch's, added up",
      SequenceModel(.init(input: .features(3), layers: .lstm(5), output: .classes(2)), initializer: .pyTorch, seed: 2)
    ),
    (
      "Elman layers",
      SequenceModel(.init(input: .features(7), layers: .elman(6, count: 2), output: .classes(4)), seed: 3)
    ),
    (
      "layers of several kinds and widths",
      SequenceModel(
        .init(
          input: .features(3),
          layers: [
            LayerConfiguration(LSTMCell(hiddenSize: 7)), LayerConfiguration(ElmanCell(hiddenSize: 1)),
            LayerConfiguration(GRUCell(hiddenSize: 9)), LayerConfiguration(GRUCell(hiddenSize: 4, resetAfter: false)),
          ], output: .classes(3)), initializer: .keras, seed: 4)
    ),
    (
      "GRU layers with all of their biases",
      SequenceModel(
        .init(input: .features(5), layers: .gru(6, count: 2), output: .classes(3)), initializer: .pyTorch, seed: 5)
    ),
    (
      "GRU layers that reset before the product",
      SequenceModel(
        .init(input: .features(5), layers: .gru(6, count: 2, resetAfter: false), output: .classes(3)),
        initializer: .pyTorch, seed: 6)
    ),
  ]

  @Test("a network comes back bit for bit", arguments: networks.indices)
  func roundTrip(_ index: Int) throws {
    let network = Self.networks[index].1
    let directory = try TemporaryDirectory()
    try network.save(to: directory.path("m"))
    let copy = try SequenceModel(contentsOf: directory.path("m"))
    #expect(copy.parameters == network.parameters)
    #expect(copy.cells.map(\.kind) == network.cells.map(\.kind))
    #expect(copy.inputSize == network.inputSize && copy.outputSize == network.outputSize)
    let batch = try data(inputSize: network.inputSize).wholeBatch
    #expect(try copy.logits(for: batch) == network.logits(for: batch))
    // And what was read is written alike.
    #expect(copy.safeTensors.bytes == network.safeTensors.bytes)
  }

  @Test("zeros keep their sign, and what is no number stays so")
  func specialValues() throws {
    var network = SequenceModel(.init(input: .features(3), layers: .lstm(2), output: .classes(2)))
    let special: [Float] = [-0.0, .infinity, -.infinity, Float(bitPattern: 0x7fc1_2345), 0x1p-149, 0, 1, -1]
    network.parameters["bias_ih_l0"] = Tensor(known: [8], values: special)
    let directory = try TemporaryDirectory()
    try network.save(to: directory.path("m"))
    let copy = try SequenceModel(contentsOf: directory.path("m"))
    #expect(copy.parameters["bias_ih_l0"].values.map(\.bitPattern) == special.map(\.bitPattern))
  }

  @Test("names and shapes are those that PyTorch's modules look for")
  func names() {
    let network = SequenceModel(
      .init(
        input: .features(3),
        layers: [LayerConfiguration(LSTMCell(hiddenSize: 5)), LayerConfiguration(ElmanCell(hiddenSize: 7))],
        output: .classes(2)))
    let file = network.safeTensors
    #expect(
      file.tensors.mapValues(\.shape) == [
        "weight_ih_l0": [20, 3], "weight_hh_l0": [20, 5], "bias_ih_l0": [20], "bias_hh_l0": [20],
        "weight_ih_l1": [7, 5], "weight_hh_l1": [7, 7], "bias_ih_l1": [7], "bias_hh_l1": [7],
        "head.weight": [2, 7], "head.bias": [2],
      ])
    #expect(file.tensors["bias_hh_l0"]?.values.allSatisfy { $0 == 0 } == true, "the bias is stored once")
    #expect(file.metadata == ["format": "pt", "recurrent.configuration": network.configuration.json])
  }

  // MARK: PyTorch's files

  @Test(
    "weights are found under any prefix, and two biases are one sum",
    arguments: [("", "head"), ("lstm.", "fc"), ("model.encoder.rnn.", "model.head"), ("0.", "1")], [1, 4])
  func prefixes(_ names: (prefix: String, head: String), _ gates: Int) throws {
    let file = SafeTensors.pyTorch(prefix: names.prefix, head: names.head, gates: gates)
    let network = try SequenceModel(file, path: "m")
    #expect(network.cells.map(\.kind) == Array(repeating: gates == 4 ? "lstm" : "elman", count: 2))
    for layer in 0..<2 {
      for kind in ["ih", "hh"] {
        #expect(
          network.parameters["weight_\(kind)_l\(layer)"] == file.tensors["\(names.prefix)weight_\(kind)_l\(layer)"])
      }
      let biases = try ["ih", "hh"].map { try #require(file.tensors["\(names.prefix)bias_\($0)_l\(layer)"]).values }
      #expect(network.parameters["bias_ih_l\(layer)"].values == zip(biases[0], biases[1]).map(+))
    }
    #expect(network.parameters["head.weight"] == file.tensors["\(names.head).weight"])
    #expect(network.parameters["head.bias"] == file.tensors["\(names.head).bias"])
  }

  @Test("one bias is enough")
  func oneBias() throws {
    var file = SafeTensors.pyTorch()
    file.tensors["rnn.bias_hh_l0"] = nil
    file.tensors["rnn.bias_hh_l1"] = nil
    #expect(try SequenceModel(file, path: "m").parameters["bias_ih_l1"] == file.tensors["rnn.bias_ih_l1"])
  }

  @Test("layers may differ in width")
  func widths() throws {
    let network = try SequenceModel(SafeTensors.pyTorch(sizes: [3, 5, 7, 2]), path: "m")
    #expect(network.cells.map(\.hiddenSize) == [5, 7, 2])
    #expect(network.inputSize == 3)
  }
}
