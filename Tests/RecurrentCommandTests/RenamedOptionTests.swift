import ArgumentParser
import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentCommand

/// Options that had another name in earlier versions: the old names still work.
@Suite struct RenamedOptionTests {
  private static let base = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--layers", "1", "--hidden-size", "6", "--max-steps", "2",
  ]

  /// The tool in a folder with images.
  private func makeTool() throws -> Tool {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    return tool
  }

  /// Runs with a model that depends on the options, and returns the notices on old names.
  private func run(_ tool: Tool, _ arguments: [String], in folder: String) throws -> [Substring] {
    let result = try tool.run(arguments + ["--run-dir", folder])
    result.expectSuccess()
    return result.errors.split(separator: "\n").filter { $0.contains("is now called") }
  }

  @Test(
    "the old and the present name give the same run",
    arguments: [
      (["--input-clip", "0.1"], ["--preactivation-clip", "0.1"], "--input-clip is now called --preactivation-clip"),
      (["--input-clip=0.1"], ["--preactivation-clip=0.1"], "--input-clip is now called --preactivation-clip"),
      (["--coupled-gates"], ["--coupled-input-forget"], "--coupled-gates is now called --coupled-input-forget"),
      (
        ["--no-coupled-gates"], ["--no-coupled-input-forget"],
        "--coupled-gates is now called --coupled-input-forget"
      ),
      (
        ["--layer-norm", "--norm-epsilon", "0.5"], ["--layer-norm", "--layer-norm-epsilon", "0.5"],
        "--norm-epsilon is now called --layer-norm-epsilon"
      ),
    ])
  func commandLine(_ old: [String], _ present: [String], _ notice: String) throws {
    let tool = try makeTool()
    #expect(try run(tool, Self.base + old, in: "old") == [Substring(notice)])
    #expect(try run(tool, Self.base + present, in: "present") == [])
    #expect(try run(tool, Self.base, in: "plain") == [])
    let (first, second) = (RunFiles(tool, "old"), RunFiles(tool, "present"))
    #expect(first.model != nil && first.model == second.model)
    #expect(first.metricsWithoutTimes == second.metricsWithoutTimes)
    #expect(try first.configuration() as NSDictionary == second.configuration() as NSDictionary, "with present names")
    let isDefault = old == ["--no-coupled-gates"]
    #expect((first.model == RunFiles(tool, "plain").model) == isDefault, "the option has an effect")
  }

  @Test("a file with old names is the same run, and is recorded with present names")
  func files() throws {
    let tool = try makeTool()
    let options = ["--preactivation-clip", "0.1", "--coupled-input-forget"]
    #expect(try run(tool, Self.base + options, in: "present") == [])
    let present = RunFiles(tool, "present")
    var text = String(
      decoding: try #require(FileManager.default.contents(atPath: tool.folder.path("present/config.json"))),
      as: UTF8.self)
    text.replace("\"preactivation-clip\"", with: "\"input-clip\"")
    text.replace("\"coupled-input-forget\"", with: "\"coupled-gates\"")
    try tool.folder.write(Array(text.utf8), to: "c")
    #expect(
      try run(tool, ["train", "--config", "c"], in: "old") == [
        "c: coupled-gates is now called coupled-input-forget", "c: input-clip is now called preactivation-clip",
      ])
    let old = RunFiles(tool, "old")
    #expect(old.model != nil && old.model == present.model)
    #expect(try old.configuration() as NSDictionary == present.configuration() as NSDictionary)

    // Typed options take precedence, by either name.
    for (name, folder) in [("input-clip", "a"), ("preactivation-clip", "b")] {
      _ = try run(tool, ["train", "--config", "c", "--\(name)", "0.2"], in: folder)
      let recorded = try RunFiles(tool, folder).configuration()["options"] as? [String: Any]
      #expect(recorded?["preactivation-clip"] as? Double == 0.2 && recorded?["input-clip"] == nil)
    }
    text.replace("\"input-clip\"", with: "\"preactivation-clip\" : 1, \"input-clip\"")
    try tool.folder.write(Array(text.utf8), to: "c")
    try tool.run("train", "--config", "c").expectFailure(
      65,
      "c: found input-clip and preactivation-clip, the old and the present name of one option; expected "
        + "preactivation-clip alone")
  }

  @Test("a sweep with an old name is one with the present name, and finds runs that recorded the old name")
  func sweeps() throws {
    let tool = try makeTool()
    let sweep = Self.base + ["--sweep", "input-clip=0.1,5", "--run-dir", "s"]
    let first = try tool.run(sweep)
    first.expectSuccess()
    #expect(first.errors.hasPrefix("--sweep: input-clip is now called preactivation-clip\n2 runs; "))
    #expect(first.outputLines.first?.hasPrefix("| preactivation-clip | ") == true)
    let file = "s/preactivation-clip=5/config.json"
    var text = String(
      decoding: try #require(FileManager.default.contents(atPath: tool.folder.path(file))), as: UTF8.self)
    text.replace("\"preactivation-clip\"", with: "\"input-clip\"")
    text.replace("\"coupled-input-forget\"", with: "\"coupled-gates\"")
    try tool.folder.write(Array(text.utf8), to: file)
    let second = try tool.run(sweep)
    second.expectSuccess()
    #expect(second.errors.contains("2 runs, 2 of them already complete"))
  }

  @Test("old names are no options of today, and present ones are", arguments: RenamedOptions.presentNames)
  func table(old: String, present: String) {
    let names = TrainDigits.recorded.map(\.name)
    #expect(names.contains(present) && !names.contains(old))
    #expect(!TrainDigits.helpMessage(includeHidden: true).contains("--\(old) "))
  }
}
