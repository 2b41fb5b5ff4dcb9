@testable import Recurrent
import TestSupport
import Testing

/// Files of tensors that are no classifier are refused, and the error says what was found and what was expected.
@Suite struct CheckpointFaultTests {
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
    var file = SafeTensors.pyTorch()
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
  func sound() throws { _ = try SequenceModel(SafeTensors.pyTorch(), path: "m") }
}
