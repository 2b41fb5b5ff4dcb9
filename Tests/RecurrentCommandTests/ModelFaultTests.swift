import Foundation
import Recurrent
import TestSupport
import Testing

/// Models that are missing, damaged or of another kind: 66 or 65, wherever a model can be named.
@Suite struct ModelFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let status: Int32
    let words: [String]
    let prepare: @Sendable (_ folder: TemporaryDirectory) throws -> Void
    let reason: String
    var testDescription: String { reason }
  }

  /// What is done with a model, and how.
  private static let uses = [
    ["train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--from", "m"],
    ["evaluate", "m", "--data-dir", ImageFiles.folder],
    ["predict", "m", "--data-dir", ImageFiles.folder],
    ["inspect", "m"],
  ]

  private static func cut(
    _ rest: @escaping @Sendable (Data) -> Data
  ) -> @Sendable (TemporaryDirectory) throws -> Void {
    { folder in
      try Models.small().save(to: folder.path("m"))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("m")))
      try folder.write(Array(rest(bytes)), to: "m")
    }
  }

  private static func tensors(
    _ change: @escaping @Sendable (inout SafeTensors) -> Void
  ) -> @Sendable (TemporaryDirectory) throws -> Void {
    { folder in
      var file = Models.small().safeTensors
      change(&file)
      try file.write(to: folder.path("m"))
    }
  }

  private static let cases: [Case] = [
    Case(
      status: 66, words: ["m: found no such file", "expected a run folder or a safetensors file"],
      prepare: { _ in }, reason: "no file"),
    Case(
      status: 66, words: ["m: found a folder without model.safetensors"],
      prepare: {
        try FileManager.default.createDirectory(atPath: $0.path("m"), withIntermediateDirectories: false)
      }, reason: "a run that has finished no epoch"),
    Case(
      status: 65, words: ["m: found an empty file", "expected a safetensors file; fetch or write the file again"],
      prepare: { try $0.write([], to: "m") }, reason: "an empty file"),
    Case(
      status: 65, words: ["m: found plain text", "expected a safetensors file; name the file of a model"],
      prepare: { try $0.write(Array("SQLite format 3 and so on".utf8), to: "m") }, reason: "a text"),
    Case(
      status: 65,
      words: [
        "m: found a PyTorch file (a ZIP archive with a pickle), expected a safetensors file; convert it in Python"
      ],
      prepare: {
        let name = Array("archive/data.pkl".utf8)
        try $0.write(
          Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 22) + [UInt8(name.count), 0, 0, 0] + name, to: "m")
      }, reason: "a file of torch.save"),
    Case(
      status: 65, words: ["m at byte ", "found", "expected an end within"], prepare: cut { $0.dropLast() },
      reason: "one byte short"),
    Case(
      status: 65, words: ["m at byte 0: found a header of"], prepare: cut { $0.prefix(100) },
      reason: "cut off within the header"),
    Case(
      status: 65, words: ["m: found no tensor named weight_ih_l0"],
      prepare: tensors { $0.tensors = ["head.weight": Tensor(zeros: [2, 2])] }, reason: "no recurrent layer"),
    Case(
      status: 65, words: ["m: found no tensor named bias_ih_l1", "expected one of shape [24]"],
      prepare: tensors { $0.tensors["bias_ih_l1"] = nil }, reason: "a tensor is missing"),
    Case(
      status: 65,
      words: ["m: found layer 1 with 4 gates of kind 'qrnn'", "lstm (4 gates), gru (3 gates)", "elman (1 gate)"],
      prepare: tensors { $0.metadata = ["recurrent.cells": "lstm,qrnn"] }, reason: "a cell of a kind there is not"),
    Case(
      status: 65, words: ["m: found a tensor named other", "expected recurrent layers and a dense layer only"],
      prepare: tensors { $0.tensors["other"] = Tensor(zeros: [2, 2]) }, reason: "a tensor too many"),
  ]

  @Test(arguments: cases)
  func refuses(_ example: Case) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try example.prepare(tool.folder)
    let before = try tool.folder.contents()
    for use in Self.uses {
      let result = try tool.run(use)
      result.expectFailure(example.status, ["m", "found", "expected"] + example.words)
      #expect(result.output == "")
    }
    #expect(try tool.folder.contents() == before, "no run folder")
  }

  @Test(arguments: [
    (27, 10, "m: found a model that reads 27 features per time step, expected 28"),
    (28, 9, "m: found a model of 9 classes, expected 10"),
    (28, 11, "m: found a model of 11 classes, expected 10"),
  ])
  func modelOfOtherSizes(_ inputSize: Int, _ classCount: Int, _ words: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.small(inputSize: inputSize, classCount: classCount).save(to: tool.folder.path("m"))
    for use in Self.uses.dropLast() { try tool.run(use).expectFailure(65, words) }
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
    try tool.run("inspect", "m").expectSuccess()
  }

  @Test(arguments: [
    (["--layers", "3"], "m: found 2 layers, expected 3 as --layers says; leave the option out"),
    (["--hidden-size", "7"], "m: found 6 units in layer 0, expected 7 as --hidden-size says; leave the option out"),
    (["--cell", "gru"], "m: found layer 0 of kind lstm, expected gru as --cell says; leave the option out"),
    (["--cell", "elman"], "m: found layer 0 of kind lstm, expected elman as --cell says; leave the option out"),
  ])
  func startFromAnotherNetworkThanIsAskedFor(_ options: [String], _ line: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.small().save(to: tool.folder.path("m"))
    let result = try tool.run(Self.uses[0] + options)
    #expect(result.status == 65)
    #expect(result.errors == "recurrent: \(line)\n")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
    // What agrees with the file may be said.
    try tool.run(Self.uses[0] + ["--layers", "2", "--hidden-size", "6", "--cell", "lstm", "--max-steps", "1"])
      .expectSuccess()
  }

  @Test func startFromAGRU() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.gru().save(to: tool.folder.path("after"))
    try Models.gru(resetAfter: false).save(to: tool.folder.path("before"))
    let training = ["train", "mnist", "--data-dir", ImageFiles.folder, "--max-steps", "1", "--from"]
    try tool.run(training + ["after", "--cell", "gru", "--run-dir", "first"]).expectSuccess()
    #expect(try RunFiles(tool, "first").describedNetwork() == Models.gru().configuration)
    let result = try tool.run(training + ["before", "--cell", "gru", "--run-dir", "second"])
    result.expectFailure(65, "before: found layer 0 of kind gru-reset-before, expected gru as --cell says")
    try tool.run(training + ["before", "--run-dir", "second"]).expectSuccess()
    let kinds = ["gru-reset-before", "gru-reset-before"]
    #expect(try RunFiles(tool, "second").describedNetwork() == Models.gru(resetAfter: false).configuration)
    #expect(try RunFiles(tool, "second").network().cells.map(\.kind) == kinds)
  }

  @Test func weightsThatAreNoNumbers() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Self.tensors { file in
      file.tensors["head.bias"] = Tensor(known: [10], values: Array(repeating: .nan, count: 10))
    }(tool.folder)
    let reading = try tool.run("predict", "m", "--data-dir", ImageFiles.folder)
    reading.expectSuccess()
    #expect(reading.output.contains("No prediction: the probabilities after the last row are NaN."))
    let evaluation = try tool.run("evaluate", "m", "--data-dir", ImageFiles.folder)
    evaluation.expectSuccess()
    #expect(evaluation.output.hasPrefix("Loss on test set:  nan\n"), "without a sign")
    try tool.run("inspect", "m").expectSuccess()
  }

  @Test("a model of another kind than images need is refused with what it is")
  func otherKind() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let layers = [LayerConfiguration].lstm(3)
    for configuration in [
      .init(input: .tokens(28), layers: layers, output: .classes(10)),
      .init(input: .features(28), layers: layers, readout: .everyStep, output: .classes(10)),
      .init(input: .features(28), layers: layers, output: .values(10)),
    ] as [ModelConfiguration] {
      try SequenceModel(configuration).save(to: tool.folder.path("m"))
      for command in ["evaluate", "predict"] {
        try tool.run(command, "m", "--data-dir", "images")
          .expectFailure(65, "m: found a model of another kind (\(configuration))", "expected one that reads features")
      }
    }
  }
}
