import CZlib
import Foundation
import Recurrent
import RecurrentSupport
import TestSupport
import Testing

@testable import RecurrentData

/// Traces as CSV and NPZ files.
@Suite struct StepTableTests {
  private static let awkward: [Float] = [
    .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, -1e-7, 16_777_216,
  ]

  /// Three steps of all numbers that are hard to write.
  private var table: StepTable {
    StepTable(
      stepCount: 3,
      series: [
        .init("a.b", Tensor(known: [3, 3], values: Self.awkward)),
        .init("norm", Tensor(known: [3], values: [1, 2, 3])),
        .init("none", Tensor(zeros: [3, 0])),
      ])
  }

  private func network(_ input: ModelConfiguration.Input, isBidirectional: Bool = false) -> SequenceModel {
    SequenceModel(
      .init(
        input: input, layers: .lstm(2, isBidirectional: isBidirectional) + .gru(3), readout: .everyStep,
        output: .values(2)),
      seed: 3)
  }

  // MARK: CSV

  @Test func csvIsALinePerStepAndAColumnPerElement() throws {
    let text = String(decoding: try #require(table.bytes(.csv)), as: UTF8.self)
    #expect(
      text == """
        step,a.b.0,a.b.1,a.b.2,norm
        0,nan,inf,-inf,1.0
        1,-0.0,1e-45,3.4028235e+38,2.0
        2,0.1,-1e-07,16777216.0,3.0

        """)
    let values = text.split(separator: "\n").dropFirst().flatMap { $0.split(separator: ",")[1...3] }
    #expect(values.compactMap { Float($0)?.bitPattern } == Self.awkward.map(\.bitPattern), "nothing is lost")
  }

  @Test("a sequence without steps is a header, and arrays without elements")
  func noSteps() throws {
    let table = StepTable(try network(.features(3)).trace([]))
    #expect(table.bytes(.csv) == Array("step\n".utf8), "nobody knows how many columns there would have been")
    let archive = try NumPyArchive(try #require(table.bytes(.npz)))
    #expect(archive["layer0.hidden"]?.shape == [0, 0] && archive["step"]?.elements == [])
  }

  // MARK: NPZ

  @Test func arraysHaveNamesShapesAndBits() throws {
    let archive = try NumPyArchive(try #require(table.bytes(.npz)))
    #expect(archive.members.map(\.name) == ["step", "a.b", "norm", "none"])
    #expect(archive["step"]?.type == "<i4" && archive["step"]?.shape == [3] && archive["step"]?.elements == [0, 1, 2])
    #expect(archive["a.b"]?.shape == [3, 3] && archive["a.b"]?.elements == Self.awkward.map(\.bitPattern))
    #expect(archive["norm"]?.tensor == Tensor(known: [3], values: [1, 2, 3]))
    #expect(archive["none"]?.shape == [3, 0])
    for member in archive.members {
      #expect(UInt32(crc32(0, member.bytes, uInt(member.bytes.count))) == member.checksum, "\(member.name)")
    }
  }

  @Test("long names and many dimensions keep elements at multiples of 64 bytes", arguments: [1, 9, 12, 13, 60, 70])
  func alignment(digits: Int) throws {
    let size = Int(pow(10, Double(min(digits, 5)))) / 10
    let name = String(repeating: "n", count: digits)
    let table = StepTable(stepCount: size, series: [.init(name, Tensor(zeros: [size, 1]))])
    #expect(try NumPyArchive(try #require(table.bytes(.npz)))[name]?.shape == [size, 1])
  }

  // MARK: Traces

  @Test("every gate, state, value and gradient has its name", arguments: [false, true])
  func names(isBidirectional: Bool) throws {
    let model = network(.features(3), isBidirectional: isBidirectional)
    let inputs = (0..<12).map { Float($0) / 12 }
    let trace = try model.trace(inputs)
    // The second of two sequences, and the first is longer.
    let batch = try SequenceBatch(
      Tensor(shape: [2, 5, 3], values: Array(repeating: 0.5, count: 15) + inputs + [.nan, .nan, .nan]),
      targets: .values(Array(repeating: 1, count: 20), size: 2, everyStep: true), lengths: [5, 4])
    let gradients = try model.gradientTrace(on: batch)
    let rows = StepTable.Series("input", try Tensor(shape: [4, 3], values: inputs))
    let table = StepTable(trace, gradients: gradients, sequence: 1, after: [rows])
    let lstm = ["input", "forget", "candidate", "output", "hidden", "cell"]
    let directions = isBidirectional ? ["layer0", "layer0.reverse"] : ["layer0"]
    let expected =
      ["input"] + directions.flatMap { layer in lstm.map { "\(layer).\($0)" } }
      + ["reset", "update", "candidate", "hidden"].map { "layer1.\($0)" } + ["value"]
      + (directions + ["layer1"]).flatMap { ["gradient.\($0).hidden", "gradient.\($0).hidden.norm"] }
      + ["gradient.input", "gradient.input.norm"]
    #expect(table.series.map(\.name) == expected)
    let archive = try NumPyArchive(try #require(table.bytes(.npz)))
    #expect(archive["layer0.forget"]?.tensor?.values == trace.layers[0].gates[1].values.flatMap(\.self))
    #expect(archive["layer0.cell"]?.tensor?.values == trace.layers[0].states[1].flatMap(\.self))
    #expect(archive["value"]?.tensor?.values == trace.probabilities.flatMap(\.self))
    #expect(archive["value"]?.shape == [4, 2] && archive["input"]?.tensor?.values == inputs)
    let top = try #require(gradients.layers.last)
    #expect(archive["gradient.layer1.hidden"]?.tensor?.values == Array(top.hidden.values[15..<27]))
    #expect(archive["gradient.layer1.hidden.norm"]?.tensor?.values == top.norms[1].prefix(4).map { Float($0) })
    #expect(archive["gradient.input"]?.shape == [4, 3] && archive["gradient.input.norm"]?.shape == [4])
    let text = String(decoding: try #require(table.bytes(.csv)), as: UTF8.self)
    let header = try #require(text.split(separator: "\n").first)
    #expect(header.contains(",layer0.forget.1,") && header.hasSuffix(",gradient.input.2,gradient.input.norm"))
    #expect(header.split(separator: ",").count == 1 + table.series.reduce(0) { $0 + $1.columns.count })
  }

  @Test func tokensHaveNoInputGradientAndClassesHaveProbabilities() throws {
    let model = SequenceModel(.init(input: .tokens(5), layers: .elman(2), output: .classes(3)), seed: 1)
    let batch = try SequenceBatch(tokens: [[1, 4]], tokenCount: 5, targets: .classes([2], count: 3))
    let table = StepTable(try model.trace(tokens: [1, 4]), gradients: try model.gradientTrace(on: batch))
    #expect(
      table.series.map(\.name)
        == ["layer0.hidden", "probability", "gradient.layer0.hidden", "gradient.layer0.hidden.norm"])
  }

  // MARK: Files

  @Test("the ending decides", arguments: [("t.csv", true), ("T.CSV", true), ("t.npz", false), ("a.csv.Npz", false)])
  func endings(name: String, isText: Bool) throws {
    let folder = try TemporaryDirectory()
    try table.write(to: folder.path(name))
    let bytes = Array(try #require(FileManager.default.contents(atPath: folder.path(name))))
    #expect(bytes == table.bytes(isText ? .csv : .npz))
    #expect(try folder.contents() == [name])
  }

  @Test("other endings, folders and missing folders", arguments: ["t.txt", "t", "csv", "folder.csv", "no/t.npz"])
  func unwritable(name: String) throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder.path("folder.csv"), withIntermediateDirectories: false)
    let error = #expect(throws: FileWriteError.self) { try table.write(to: folder.path(name)) }
    let isOther = StepTable.Format(path: name) == nil
    #expect(error?.description.contains("another ending than .csv and .npz") == isOther, "\(String(describing: error))")
    #expect(try folder.contents() == ["folder.csv"])
  }

  @Test func tracesAreToldFromOtherFiles() throws {
    let trace = try network(.features(3)).trace([1, 2, 3])
    let wide = StepTable.Series("input", Tensor(zeros: [1, 9000]))
    for table in [StepTable(trace), StepTable(trace, after: [wide])] {
      for format in StepTable.Format.allCases {
        let bytes = try #require(table.bytes(format))
        #expect(StepTable.isFile(Array(bytes.prefix(1 << 14))) && !StepTable.isFile(Array(bytes.dropFirst())))
      }
    }
  }

  @Test(
    "files that nobody traced",
    arguments: ["", "step", "step,loss\n0,layer0.x\n", "a,b\n1,2\n", "PK\u{3}\u{4}", "x,layer0.forget\n"])
  func otherFiles(text: String) {
    #expect(!StepTable.isFile(Array(text.utf8)))
    // As NumPy begins an archive whose first array is named step.
    let version: [UInt8] = [0x50, 0x4b, 3, 4, 45, 0, 0, 0] + Array(repeating: 0, count: 22)
    #expect(!StepTable.isFile(version + Array("step.npy".utf8)))
  }
}
