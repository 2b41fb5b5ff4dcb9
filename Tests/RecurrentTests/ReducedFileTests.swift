import TestSupport
import Testing

@testable import Recurrent

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files of networks with weights in bf16 or eight bits.
@Suite struct ReducedFileTests {
  private static func model(_ precision: WeightPrecision) throws -> SequenceModel {
    try SequenceModel(.init(input: .features(5), layers: .gru(40, count: 2), output: .classes(3)), seed: 7)
      .reduced(to: precision)
  }

  @Test("a network is what it was before it was written, byte for byte", arguments: [WeightPrecision.bf16, .int8])
  func roundTrip(precision: WeightPrecision) throws {
    let folder = try TemporaryDirectory()
    let model = try Self.model(precision)
    try model.save(to: folder.path("a"))
    let loaded = try SequenceModel(contentsOf: folder.path("a"))
    #expect(loaded.precision == precision && loaded.parameters == model.parameters)
    try loaded.save(to: folder.path("b"))
    func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: folder.path(name)) }
    #expect(bytes("a") != nil && bytes("a") == bytes("b"))
    try Self.model(.float).save(to: folder.path("c"))
    let ratio = Double(bytes("a")?.count ?? 0) / Double(bytes("c")?.count ?? 1)
    #expect(ratio < (precision == .bf16 ? 0.6 : 0.4))
    var (first, second) = try (model.makeStream(), loaded.makeStream())
    let inputs = ClosedForm.chirp.tensor(1, [9, 5]).values
    try first.run(inputs)
    try second.run(inputs)
    #expect(bitMismatch(of: first.values, with: second.values) == nil)
  }

  @Test("other readers find whole numbers with a scale for each row, or floats of 16 bits")
  func contents() throws {
    let model = try Self.model(.int8)
    let file = model.safeTensors
    let weights = try #require(file.tensors["weight_hh_l1"])
    let scales = try #require(file.tensors["weight_hh_l1.scale"])
    #expect(weights.shape == [120, 40] && scales.shape == [120])
    for row in 0..<120 {
      let numbers = weights.values[row * 40..<(row + 1) * 40]
      #expect(numbers.map(abs).max() == 127 && numbers.allSatisfy { $0 == $0.rounded() })
      let expected = model.parameters["weight_hh_l1"].values[row * 40..<(row + 1) * 40]
      #expect(numbers.map { $0 * scales.values[row] } == Array(expected))
    }
    let header = String(decoding: file.bytes[0].dropFirst(8), as: UTF8.self)
    #expect(header.contains("\"weight_hh_l1\":{\"dtype\":\"I8\",\"shape\":[120,40]"))
    #expect(header.contains("\"recurrent.weights\":\"int8\""))
    let halves = String(decoding: try Self.model(.bf16).safeTensors.bytes[0].dropFirst(8), as: UTF8.self)
    #expect(halves.contains("\"weight_hh_l1\":{\"dtype\":\"BF16\""))
    #expect(halves.contains("\"head.weight\":{\"dtype\":\"F32\""))
  }

  /// What is wrong with a file.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let expected: String
    let change: @Sendable (inout SafeTensors) -> Void
  }

  @Test(
    "faults are named",
    arguments: [
      Fault(
        testDescription: "no scales", expected: "no tensor named 'weight_hh_l0.scale', expected one of shape [120]"
      ) {
        $0.tensors["weight_hh_l0.scale"] = nil
      },
      Fault(
        testDescription: "too few scales",
        expected: "'weight_ih_l1.scale' of shape [119], expected [120], the scale of each row"
      ) {
        $0.tensors["weight_ih_l1.scale"] = Tensor(zeros: [119])
      },
      Fault(testDescription: "NaN", expected: "nan at row 4 of 'weight_ih_l0.scale', expected a finite scale") {
        $0.tensors["weight_ih_l0.scale"]?.values[4] = .nan
      },
      Fault(testDescription: "a negative scale", expected: "-1.0 at row 0 of 'weight_ih_l0.scale'") {
        $0.tensors["weight_ih_l0.scale"]?.values[0] = -1
      },
      Fault(testDescription: "a vector", expected: "'weight_ih_l0' of shape [600] in 8 bits, expected a matrix") {
        $0.tensors["weight_ih_l0"] = Tensor(zeros: [600])
      },
      Fault(testDescription: "another shape", expected: "weight_ih_l0 of shape [60, 10], expected shape [120, 5]") {
        $0.tensors["weight_ih_l0"] = Tensor(zeros: [60, 10])
        $0.tensors["weight_ih_l0.scale"] = Tensor(zeros: [60])
      },
      Fault(
        testDescription: "a scale of nothing", expected: "a tensor named head.scale that is not part of the network"
      ) {
        $0.tensors["head.scale"] = Tensor(zeros: [3])
      },
      Fault(
        testDescription: "a later precision",
        expected: "'int4' in recurrent.weights, expected 'float' or 'bf16' or 'int8'"
      ) {
        $0.metadata["recurrent.weights"] = "int4"
      },
      Fault(testDescription: "no precision", expected: "with elements of type 'I8', expected F32, F64, F16 or BF16") {
        $0.metadata["recurrent.weights"] = nil
      },
    ])
  func faults(fault: Fault) throws {
    let folder = try TemporaryDirectory()
    var file = try Self.model(.int8).safeTensors
    fault.change(&file)
    try file.write(to: folder.path("m"))
    let error = #expect(throws: SafeTensorsError.self) { _ = try SequenceModel(contentsOf: folder.path("m")) }
    #expect(error?.kind == .unsuitable)
    #expect(error?.description.contains(fault.expected) == true, "\(String(describing: error))")
  }

  @Test("a file of whole numbers whose network only floats have is an error")
  func options() throws {
    let folder = try TemporaryDirectory()
    var file = SequenceModel(
      .init(
        input: .features(5), layers: [LayerConfiguration(LSTMCell(hiddenSize: 3, options: .init(hasPeepholes: true)))],
        output: .classes(3))
    ).safeTensors
    file.metadata["recurrent.weights"] = "bf16"
    try file.write(to: folder.path("m"))
    let error = #expect(throws: SafeTensorsError.self) { _ = try SequenceModel(contentsOf: folder.path("m")) }
    #expect(error?.found == "layer 0 with a cell 'lstm peepholes' for bf16 weights")
  }
}
