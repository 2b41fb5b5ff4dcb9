import Foundation
import Recurrent
import TestSupport
import Testing

/// Runs that the program of the first edition wrote: its models are read, and its runs repeated.
@Suite struct FirstEditionTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../RecurrentTests/Fixtures/FirstEdition").standardizedFileURL

  /// A run folder as it was.
  private func run(_ name: String, in tool: Tool) throws {
    try FileManager.default.createDirectory(atPath: tool.folder.path(name), withIntermediateDirectories: true)
    for (file, place) in [("\(name).safetensors", "model.safetensors"), ("\(name).json", "config.json")] {
      try FileManager.default.copyItem(
        atPath: Self.folder.appending(path: file).path, toPath: tool.folder.path("\(name)/\(place)"))
    }
  }

  @Test(
    "inspect, evaluate and --config take such a run",
    arguments: [
      ("lstm-bidirectional-sum", "layer 0: lstm & lstm | merge=sum, 28 → 3"),
      ("lstm-options", "layer 0: lstm peepholes, 28 → 2"),
      ("gru-residual", "layer 0: gru-reset-before | residual, 28 → 28"),
    ])
  func takes(name: String, layer: String) throws {
    let tool = try Tool()
    try run(name, in: tool)
    let inspection = try tool.run("inspect", name)
    inspection.expectSuccess()
    #expect(inspection.outputLines.first == layer && inspection.errors == "")
    let repetition = try tool.run("train", "--config", name, "--max-steps", "1", "--run-dir", "again")
    repetition.expectSuccess()
    #expect(repetition.errors.hasPrefix("\(name)/config.json: coupled-gates is now called coupled-input-forget\n"))
    let again = RunFiles(tool, "again")
    let old = try SequenceModel(contentsOf: tool.folder.path("\(name)/model.safetensors"))
    #expect(try again.describedNetwork() == old.configuration)
    let options = try #require(again.configuration()["options"] as? [String: Any])
    let oldOptions = try RunFiles(tool, name).configuration()["options"]
    for (key, value) in try #require(oldOptions as? [String: Any]) {
      let key = key == "coupled-gates" ? "coupled-input-forget" : key
      #expect("\(options[key] ?? "none")" == "\(value)", "\(key)")
    }
  }

  @Test("the repeated run is the same, bit for bit")
  func repeats() throws {
    let tool = try Tool()
    try run("lstm-options", in: tool)
    try tool.run("train", "--config", "lstm-options", "--run-dir", "again").expectSuccess()
    let old = try SequenceModel(contentsOf: tool.folder.path("lstm-options/model.safetensors"))
    #expect(try bitMismatch(of: RunFiles(tool, "again").network().parameters, with: old.parameters) == nil)
  }
}
