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

  /// What `safetensors.torch.save_file(model.state_dict())` writes of a module with an `nn.LSTM` (or `nn.RNN`) and an
  /// `nn.Linear`.
  private static func pyTorch(
    prefix: String = "rnn.", head: String = "fc", gates: Int = 4, sizes: [Int] = [3, 5, 5], classes: Int = 2
  ) -> SafeTensors {
    var file = SafeTensors(tensors: [:], metadata: ["format": "pt"])
    func add(_ name: String, _ shape: [Int]) {
      let count = shape.reduce(1, *)
      let offset = file.tensors.count
      file.tensors[name] = Tensor(
        known: shape, values: (0..<count).map { Float(sin(Double($0 * 3 + offset))) / 4 })
    }
    for layer in 0..<sizes.count - 1 {
      let (input, hidden) = (sizes[layer], sizes[layer + 1])
      add("\(prefix)weight_ih_l\(layer)", [gates * hidden, input])
      add("\(prefix)weight_hh_l\(layer)", [gates * hidden, hidden])
      add("\(prefix)bias_ih_l\(layer)", [gates * hidden])
      add("\(prefix)bias_hh_l\(layer)", [gates * hidden])
    }
    add("\(head).weight", [classes, sizes[sizes.count - 1]])
    add("\(head).bias", [classes])
    return file
  }

  @Test(
    "weights are found under any prefix, and two biases are one sum",
    arguments: [("", "head"), ("lstm.", "fc"), ("model.encoder.rnn.", "model.head"), ("0.", "1")], [1, 4])
  func prefixes(_ names: (prefix: String, head: String), _ gates: Int) throws {
    let file = Self.pyTorch(prefix: names.prefix, head: names.head, gates: gates)
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
    var file = Self.pyTorch()
    file.tensors["rnn.bias_hh_l0"] = nil
    file.tensors["rnn.bias_hh_l1"] = nil
    #expect(try SequenceModel(file, path: "m").parameters["bias_ih_l1"] == file.tensors["rnn.bias_ih_l1"])
  }

  @Test("layers may differ in width")
  func widths() throws {
    let network = try SequenceModel(Self.pyTorch(sizes: [3, 5, 7, 2]), path: "m")
    #expect(network.cells.map(\.hiddenSize) == [5, 7, 2])
    #expect(network.inputSize == 3)
  }

  // MARK: What is refused

  struct Fault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let found: String
    let expected: String
    let change: @Sendable (inout SafeTensors) -> Void

    init(
      _ reason: String, found: String, expected: String, _ change: @escaping @Sendable (inout SafeTensors) -> Void
    ) {
      (testDescription, self.found, self.expected, self.change) = (reason, found, expected, change)
    }
  }

  /// A tensor of a shape.
  private static func zeros(_ shape: Int...) -> Tensor { Tensor(zeros: shape) }

  @Test(arguments: [
    Fault("nothing in it", found: "no tensor named weight_ih_l0", expected: "the input weights of the first layer") {
      $0.tensors = [:]
    },
    Fault(
      "a name that only looks like it", found: "no tensor named weight_ih_l0", expected: "the input weights"
    ) {
      $0.tensors["xweight_ih_l0"] = $0.tensors.removeValue(forKey: "rnn.weight_ih_l0")
    },
    Fault(
      "two recurrent networks", found: "decoder.weight_ih_l0 and rnn.weight_ih_l0",
      expected: "one, the input weights of the first layer"
    ) { $0.tensors["decoder.weight_ih_l0"] = zeros(20, 3) },
    Fault(
      "no recurrent weights", found: "no tensor named rnn.weight_hh_l1", expected: "shape [gates · hidden, hidden]"
    ) {
      $0.tensors["rnn.weight_hh_l1"] = nil
    },
    Fault("no bias", found: "no tensor named rnn.bias_ih_l0", expected: "one of shape [20]") {
      $0.tensors["rnn.bias_ih_l0"] = nil
    },
    Fault("a bias of another size", found: "rnn.bias_ih_l1 of shape [19]", expected: "shape [20]") {
      $0.tensors["rnn.bias_ih_l1"] = zeros(19)
    },
    Fault("a second bias of another size", found: "rnn.bias_hh_l1 of shape [5]", expected: "shape [20]") {
      $0.tensors["rnn.bias_hh_l1"] = zeros(5)
    },
    Fault("a vector for a matrix", found: "rnn.weight_ih_l0 of shape [60]", expected: "shape [gates · hidden, input]") {
      $0.tensors["rnn.weight_ih_l0"] = zeros(60)
    },
    Fault("a matrix too deep", found: "rnn.weight_hh_l0 of shape [20, 5, 1]", expected: "[gates · hidden, hidden]") {
      $0.tensors["rnn.weight_hh_l0"] = zeros(20, 5, 1)
    },
    Fault("no features", found: "rnn.weight_ih_l0 of shape [20, 0]", expected: "[gates · hidden, input]") {
      $0.tensors["rnn.weight_ih_l0"] = zeros(20, 0)
    },
    Fault(
      "a size without elements behind it, which would be believed at great cost",
      found: "rnn.weight_ih_l0 of shape [0, 1099511627776]", expected: "shape [gates · hidden, input]"
    ) { $0.tensors["rnn.weight_ih_l0"] = zeros(0, 1 << 40) },
    Fault("rows that make no gates", found: "rnn.weight_hh_l0 of shape [21, 5]", expected: "[gates · hidden, hidden]") {
      $0.tensors["rnn.weight_hh_l0"] = zeros(21, 5)
    },
    Fault(
      "two gates", found: "layer 0 with 2 gates",
      expected: "one of lstm (4 gates), gru (3 gates), gru-reset-before (3 gates), mgu (2 gates)"
    ) {
      $0.tensors["rnn.weight_hh_l0"] = zeros(10, 5)
      $0.tensors["rnn.weight_ih_l0"] = zeros(10, 3)
    },
    Fault("three gates, but the biases of four: no GRU", found: "bias_ih_l0 of shape [20]", expected: "shape [15]") {
      $0.tensors["rnn.weight_hh_l0"] = zeros(15, 5)
      $0.tensors["rnn.weight_ih_l0"] = zeros(15, 3)
    },
    Fault("a projection", found: "layer 0 with 10 gates", expected: "one of lstm (4 gates)") {
      $0.tensors["rnn.weight_hh_l0"] = zeros(20, 2)
    },
    Fault(
      "matrices that disagree", found: "rnn.weight_ih_l0 of shape [24, 3]",
      expected: "shape [20, input] to match rnn.weight_hh_l0"
    ) { $0.tensors["rnn.weight_ih_l0"] = zeros(24, 3) },
    Fault(
      "a layer that does not fit the one below", found: "rnn.weight_ih_l1 of shape [20, 6]",
      expected: "shape [20, 5] to match rnn.weight_hh_l1 and the layer below"
    ) { $0.tensors["rnn.weight_ih_l1"] = zeros(20, 6) },
    Fault(
      "a kind there is not", found: "layer 1 with 4 gates of kind 'qrnn'",
      expected: "one of lstm (4 gates), gru (3 gates), gru-reset-before (3 gates), mgu (2 gates)"
    ) {
      $0.metadata = ["recurrent.cells": "lstm,qrnn"]
    },
    Fault("a kind of other gates", found: "layer 0 with 4 gates of kind 'gru'", expected: "gru (3 gates)") {
      $0.metadata = ["recurrent.cells": "gru,lstm"]
    },
    Fault("fewer layers than the file says", found: "2 layers", expected: "3, as in the file's metadata") {
      $0.metadata = ["recurrent.cells": "lstm,lstm,lstm"]
    },
    Fault("more layers than the file says", found: "2 layers", expected: "1, as in the file's metadata") {
      $0.metadata = ["recurrent.cells": "lstm"]
    },
    Fault("a layer is missing", found: "a tensor named rnn.bias_hh_l2", expected: "recurrent layers and a dense") {
      for name in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
        $0.tensors["rnn.\(name)_l2"] = $0.tensors.removeValue(forKey: "rnn.\(name)_l1")
      }
    },
    Fault(
      "half of another direction", found: "no tensor named rnn.weight_hh_l0_reverse",
      expected: "[gates · hidden, hidden]"
    ) {
      $0.tensors["rnn.weight_ih_l0_reverse"] = zeros(20, 3)
    },
    Fault("something more", found: "a tensor named conv.bias", expected: "a dense layer only") {
      $0.tensors["conv.bias"] = zeros(3)
    },
    Fault("no head", found: "no dense layer", expected: "one dense layer, such as head.weight of shape [classes, 5]") {
      $0.tensors["fc.weight"] = nil
    },
    Fault("a head of another size", found: "fc.weight of shape [2, 6]", expected: "shape [classes, 5]") {
      $0.tensors["fc.weight"] = zeros(2, 6)
    },
    Fault("a head with one class", found: "fc.weight of shape [1, 5]", expected: "shape [classes, 5]") {
      $0.tensors["fc.weight"] = zeros(1, 5)
      $0.tensors["fc.bias"] = zeros(1)
    },
    Fault(
      "two heads", found: "fc.weight of shape [2, 5] and other.weight of shape [4, 5]", expected: "one dense layer"
    ) {
      $0.tensors["other.weight"] = zeros(4, 5)
      $0.tensors["other.bias"] = zeros(4)
    },
    Fault("a head beside the one that counts", found: "a tensor named fc.bias", expected: "a dense layer only") {
      $0.tensors["head.weight"] = zeros(4, 5)
      $0.tensors["head.bias"] = zeros(4)
    },
    Fault("a head whose bias is another's", found: "fc.bias of shape [3]", expected: "shape [2]") {
      $0.tensors["fc.bias"] = zeros(3)
    },
  ])
  func refuses(_ fault: Fault) throws {
    var file = Self.pyTorch()
    fault.change(&file)
    // Through a file, as others would bring it.
    let directory = try TemporaryDirectory()
    let path = directory.path("model")
    try file.write(to: path)
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(contentsOf: path) }
    #expect(error.kind == .unsuitable && error.path == path)
    #expect(error.found.contains(fault.found), "\(error)")
    #expect(error.expected.contains(fault.expected), "\(error)")
  }

  @Test("without any of these faults the file is read")
  func sound() throws { _ = try SequenceModel(Self.pyTorch(), path: "m") }
}
