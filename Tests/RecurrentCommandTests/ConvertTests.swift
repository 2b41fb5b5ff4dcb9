import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// `recurrent convert`, and the commands that take what it writes.
@Suite struct ConvertTests {
  @Test("a smaller model next to the old one, which the other commands take", arguments: ["int8", "bf16"])
  func smaller(weights: String) throws {
    let tool = try Tool()
    try Models.notebook().save(to: tool.folder.path("m.safetensors"))
    let name = "m-\(weights).safetensors"
    let result = try tool.run("convert", "m.safetensors", "--weights", weights)
    result.expectSuccess()
    let bytes = try #require(FileManager.default.contents(atPath: tool.folder.path(name))).count
    let before = try #require(FileManager.default.contents(atPath: tool.folder.path("m.safetensors"))).count
    func grouped(_ count: Int) -> String { "\(count / 1000),\(String(format: "%03d", count % 1000))" }
    #expect(result.output == "\(name): \(weights) weights, \(grouped(bytes)) bytes; \(grouped(before)) before\n")
    #expect(bytes < before)
    let inspected = try tool.run("inspect", name)
    inspected.expectSuccess()
    #expect(inspected.output.contains("weights: \(weights), for inference\n"))
    for arguments in [["evaluate", name, "--digits"], ["predict", name, "--digits"]] {
      try tool.run(arguments).expectSuccess()
    }
    try tool.run("predict", name, "--digits", "--svg", "p.svg").expectFailure(65, "--svg", weights, "--weights float")
    try tool.run("train", "digits", "--from", name, "--epochs", "1").expectFailure(65, name, "inference only")
  }

  @Test("back to floats, to be trained again, and never over a file")
  func back() throws {
    let tool = try Tool()
    try Models.gru().save(to: tool.folder.path("m"))
    try tool.run("convert", "m", "--weights", "int8", "--output", "small").expectSuccess()
    try tool.run("convert", "small", "--weights", "float").expectSuccess()
    let floats = try SequenceModel(contentsOf: tool.folder.path("small-float.safetensors"))
    let small = try SequenceModel(contentsOf: tool.folder.path("small"))
    #expect(floats.precision == .float && floats.parameters == small.parameters)
    try tool.run("convert", "m", "--weights", "bf16", "--output", "small").expectFailure(73, "small", "--output")
    try tool.run("convert", "small", "--weights", "float").expectFailure(73, "small-float.safetensors", "--output")
  }

  @Test("what a language model is kept with stays with it")
  func text() throws {
    let tool = try Tool()
    try Data(String(repeating: "a recurrent sentence. ", count: 200).utf8).write(
      to: URL(fileURLWithPath: tool.folder.path("t.txt")))
    try tool.run(
      "train", "text", "t.txt", "--run-dir", "run", "--max-steps", "3", "--hidden-size", "32", "--no-layer-norm"
    ).expectSuccess()
    try tool.run("convert", "run", "--weights", "int8").expectSuccess()
    let sample = try tool.run("sample", "run/model-int8.safetensors", "--length", "20")
    sample.expectSuccess()
    #expect(sample.output.count > 10)
    try tool.run("evaluate", "run/model-int8.safetensors", "--text", "t.txt").expectSuccess()
  }

  @Test("faults are one line")
  func faults() throws {
    let tool = try Tool()
    try SequenceModel(
      .init(
        input: .features(3), layers: [LayerConfiguration(LSTMCell(hiddenSize: 3, options: .init(hasPeepholes: true)))],
        output: .classes(2))
    ).save(to: tool.folder.path("m"))
    try tool.run("convert", "m", "--weights", "int8").expectFailure(
      65, "m: found layer 0 with a cell 'lstm peepholes' for int8 weights, expected an LSTM, GRU")
    try tool.run("convert", "m", "--weights", "int4").expectFailure(64, "--weights", "int4")
    try tool.run("convert", "m").expectFailure(64, "--weights")
    try tool.run("convert", "nothing", "--weights", "int8").expectFailure(66, "nothing")
  }

  @Test("the benchmark measures them, and says what they do not have")
  func benchmark() throws {
    let tool = try Tool()
    let request = #"{"mode":"stream","cell":"CELL","input":1,"hidden":8,"layers":1,"repeat":3,"weights":"WEIGHTS"}"#
    func line(_ cell: String, _ weights: String) -> String {
      request.replacing("CELL", with: cell).replacing("WEIGHTS", with: weights) + "\n"
    }
    let result = try tool.run(
      "benchmark", "--interactive", input: line("gru", "int8") + line("lstm", "bf16") + line("indrnn", "int8"))
    result.expectSuccess()
    #expect(result.outputLines[..<2].allSatisfy { $0.hasPrefix(#"{"milliseconds":["#) })
    #expect(result.outputLines[2].contains("weights: found layer 0 with a cell 'indrnn"))
  }
}
