import Foundation
import RecurrentSupport
import TestSupport
import Testing

@testable import Recurrent

/// Models of other programs: what their files do not say, what they leave out, and what they hold besides.
@Suite struct CheckpointImportTests {
  private typealias Assumption = SequenceModel.Assumption

  /// What PyTorch writes of these layers and a head: tensors, and no word on the kinds.
  private func file(_ layers: [LayerConfiguration], change: (inout SequenceModel) -> Void = { _ in }) -> SafeTensors {
    var network = SequenceModel(.init(input: .features(3), layers: layers, output: .classes(2)), initializer: .pyTorch)
    network.parameters.fillWithChirps()
    change(&network)
    var file = network.safeTensors
    file.metadata = ["format": "pt"]
    return file
  }

  private func read(
    _ file: SafeTensors, activation: Activation? = nil
  ) throws -> (network: SequenceModel, assumptions: [Assumption]) {
    var assumptions: [Assumption] = []
    let network = try SequenceModel(file, path: "m", activation: activation) { assumptions.append($0) }
    return (network, assumptions)
  }

  private let batch = require {
    try SequenceBatch(
      ClosedForm.chirp.tensor(0, [4, 6, 3]), labels: [0, 1, 1, 0], lengths: [6, 1, 4, 0], classCount: 2)
  }

  // MARK: What the file does not say

  @Test("an nn.RNN's function is tanh unless told otherwise, and that is said")
  func activation() throws {
    let bare = file(.elman(5, count: 2))
    for (asked, cell) in [(nil, "elman"), (Activation.tanh, "elman"), (.relu, "elman relu")] {
      let (network, assumptions) = try read(bare, activation: asked)
      #expect(network.cells.map(\.kind) == [cell, cell])
      #expect(assumptions == (asked == nil ? [.activation(.tanh, layers: [0, 1])] : []))
      var expected = SequenceModel(
        .init(
          input: .features(3), layers: .repeated(ElmanCell(hiddenSize: 5, activation: asked ?? .tanh), count: 2),
          output: .classes(2)))
      expected.parameters = network.parameters
      #expect(try bitMismatch(of: network.logits(for: batch), with: expected.logits(for: batch)) == nil)
    }
    let tanh = try read(bare).network.logits(for: batch)
    let relu = try read(bare, activation: .relu).network.logits(for: batch)
    #expect(bitMismatch(of: relu, with: tanh) != nil)
    #expect(
      Assumption.activation(.tanh, layers: [0, 1]).description
        == "layers 0, 1 read with tanh, the default of PyTorch's nn.RNN: the file names no activation")
  }

  @Test("a function that was asked for and has no place is refused")
  func activationWithoutPlace() throws {
    for (file, found) in [
      (file(.lstm(5)), "a layer of kind 'lstm' with the requested activation relu"),
      (
        SequenceModel(.init(input: .features(3), layers: .elman(5), output: .classes(2))).safeTensors,
        "a layer of kind 'elman'"
      ),
    ] {
      let error = try #require(throws: SafeTensorsError.self) { try read(file, activation: .relu) }
      #expect(error.kind == .unsuitable && error.found.contains(found), "\(error)")
    }
    // What the file says may be said again.
    let relu = SequenceModel(
      .init(
        input: .features(3), layers: [LayerConfiguration(ElmanCell(hiddenSize: 5, activation: .relu))],
        output: .classes(2)))
    #expect(try read(relu.safeTensors, activation: .relu).network.cells.map(\.kind) == ["elman relu"])
    #expect(throws: SafeTensorsError.self) { try read(relu.safeTensors, activation: .softsign) }
  }

  @Test("what the head reads of two directions is said")
  func lastStates() throws {
    #expect(try read(file(.lstm(5, count: 2, isBidirectional: true))).assumptions == [.lastStates])
    #expect(try read(file(.lstm(5))).assumptions == [])
    #expect(try read(file(.gru(5))).assumptions == [])
  }

  @Test("files of ours leave nothing open", arguments: [false, true])
  func ownFiles(isBidirectional: Bool) throws {
    for layers in [
      [LayerConfiguration].elman(5, isBidirectional: isBidirectional), .lstm(5, isBidirectional: isBidirectional),
    ] {
      let network = SequenceModel(.init(input: .features(3), layers: layers, output: .classes(2)))
      #expect(try read(network.safeTensors).assumptions == [])
    }
  }

  // MARK: Missing biases

  @Test(
    "layers and heads without biases, as bias=False makes them, have zeros",
    arguments: [1, 3, 4], [false, true])
  func missingBiases(gates: Int, isBidirectional: Bool) throws {
    let layers: [LayerConfiguration] =
      switch gates {
      case 1: .elman(5, count: 2, isBidirectional: isBidirectional)
      case 3: .gru(5, count: 2, isBidirectional: isBidirectional)
      default: .lstm(5, count: 2, isBidirectional: isBidirectional)
      }
    let zeros = file(layers) { network in
      for entry in network.parameters.entries where entry.name.contains("bias") {
        network.parameters[entry.name] = Tensor(zeros: entry.shape)
      }
    }
    let expected = try read(zeros).network
    var bare = zeros
    for name in zeros.tensors.keys where name.contains("bias") { bare.tensors[name] = nil }
    let network = try read(bare).network
    #expect(network.parameters == expected.parameters)
    #expect(try bitMismatch(of: network.logits(for: batch), with: expected.logits(for: batch)) == nil)
    // The head alone, and the layers alone.
    for part in ["head.bias", "bias_"] {
      var bare = zeros
      for name in zeros.tensors.keys where name.hasPrefix(part) { bare.tensors[name] = nil }
      #expect(try read(bare).network.parameters == expected.parameters)
    }
  }

  @Test("one bias of two is refused", arguments: ["bias_ih_l0", "bias_ih_l1"])
  func halfOfTheBiases(name: String) throws {
    var half = file(.gru(5, count: 2))
    half.tensors[name] = nil
    let error = try #require(throws: SafeTensorsError.self) { try read(half) }
    #expect(error.found == "no tensor named \(name)")
  }

  // MARK: Tensors of other types

  /// A model's file with one more tensor, or one of another type.
  private func bytes(adding name: String, type: String, shape: [Int], size: Int, without removed: String = "")
    -> [UInt8]
  {
    var sound = file(.lstm(5, count: 2))
    for key in sound.tensors.keys where !removed.isEmpty && key.hasPrefix(removed) { sound.tensors[key] = nil }
    let bytes = sound.bytes.flatMap(\.self)
    let length = Int(bytes[0]) | Int(bytes[1]) << 8
    let end = bytes.count - 8 - length
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    let more = "{\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(end),\(end + size)]},"
    return SafeTensorsTests.file(
      more + header.dropFirst(), data: bytes[(8 + length)...] + Array(repeating: 1, count: size))
  }

  @Test(
    "whole numbers and truth values that nobody asks for are passed over, and that is said",
    arguments: ["I64", "I32", "U8", "BOOL", "U16", "I128"])
  func counters(type: String) throws {
    let size = ["I64": 8, "I32": 4, "U8": 1, "BOOL": 1, "U16": 2, "I128": 16][type] ?? 0
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      bytes(adding: "norm.num_batches_tracked", type: type, shape: [], size: size), to: "m")
    var assumptions: [Assumption] = []
    let network = try SequenceModel(contentsOf: path) { assumptions.append($0) }
    #expect(assumptions == [.skipped(name: "norm.num_batches_tracked", type: type)])
    #expect(network.parameters == (try read(file(.lstm(5, count: 2))).network.parameters))
    #expect(try SafeTensors(contentsOf: path).skipped == ["norm.num_batches_tracked": type])
  }

  @Test("other numbers that nobody asks for belong to another network", arguments: ["F8_E4M3", "C64", "F32", "FP3"])
  func otherNumbers(type: String) throws {
    let size = ["F8_E4M3": 1, "C64": 8, "F32": 4, "FP3": 5][type] ?? 0
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes(adding: "conv", type: type, shape: [1], size: size), to: "m")
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(contentsOf: path) }
    #expect(error.found == "a tensor named conv that is not part of the network")
  }

  @Test(
    "a tensor that is asked for has to have floats",
    arguments: ["weight_ih_l0", "weight_hh_l0", "bias_ih_l1", "bias_hh_l0", "weight_ih_l1", "head.weight", "head.bias"])
  func wantedTensors(name: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes(adding: name, type: "I8", shape: [2], size: 2, without: name), to: "m")
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(contentsOf: path) }
    #expect(
      error.found == "\(name) with elements of type 'I8'" && error.expected == "F32, F64, F16 or BF16", "\(error)")
  }

  // MARK: Many layers

  @Test("reading a deep network takes time in proportion to its depth")
  func deepNetworks() throws {
    let directory = try TemporaryDirectory()
    func seconds(_ count: Int) throws -> Double {
      let path = directory.path("\(count)")
      try SequenceModel(.init(input: .features(1), layers: .elman(1, count: count), output: .classes(2))).save(to: path)
      // Processor time of this thread, which other work on the machine does not stretch.
      let times = try (0..<4).map { _ in
        let start = threadTime()
        _ = try SequenceModel(contentsOf: path)
        return threadTime() - start
      }
      return times.min() ?? 0
    }
    let (short, long) = (try seconds(1500), try seconds(6000))
    #expect(long < 8 * short, "4 × as many layers: \(short) s and \(long) s")
  }
}

/// Seconds the calling thread has run on a processor.
private func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
