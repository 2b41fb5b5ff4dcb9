import Foundation
import Recurrent
import RecurrentSupport
import TestSupport
import Testing

@testable import RecurrentCommand

/// Files, names and values that strangers chose: they decide nothing about what is written, and do nothing to a terminal.
@Suite struct ForeignInputTests {
  // MARK: Configurations

  @Test(
    "what only the command line may say",
    arguments: [("run-dir", "\"victim\""), ("threads", "2"), ("sweep", "[\"seed=1,2\"]"), ("config", "\"c\"")])
  func optionsThatAreNotRecorded(_ name: String, _ value: String) throws {
    let tool = try Tool()
    try tool.folder.write(Array("mine".utf8), to: "victim/metrics.jsonl")
    try tool.folder.write(Array("{\"task\":\"digits\",\"options\":{\"\(name)\":\(value)}}".utf8), to: "c")
    let result = try tool.run("train", "--config", "c", "--max-steps", "1", "--run-dir", "mine")
    result.expectFailure(65, "c: key 'options.\(name)'", "expected --\(name) on the command line only")
    #expect(try RunFiles(tool, "victim").picture("metrics.jsonl") == "mine")
    #expect(try tool.folder.contents() == ["c", "victim"])
  }

  @Test("what a file makes a command read is said")
  func pathsThatAreRead() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.small().save(to: tool.folder.path("m"))
    let file = """
      {"task":"mnist","data":{"source":"images"},"options":{"from":"m","max-steps":1}}
      """
    try tool.folder.write(Array(file.utf8), to: "c")
    let result = try tool.run("train", "--config", "c", "--run-dir", "run")
    result.expectSuccess()
    #expect(
      result.errors.hasPrefix("c: reading --from m\nc: reading --data-dir images\n"))
    let typed = try tool.run("train", "--config", "c", "--run-dir", "b", "--data-dir", "images", "--from", "m")
    #expect(!typed.errors.contains("says"), "what was typed is not the file's")
  }

  private static let deep = String(repeating: "[", count: 513) + String(repeating: "]", count: 513)

  @Test(arguments: [
    ("{\"task\":\"digits\",\"options\":{\"seed\":\(deep)}}", "found JSON nested more than 64 levels deep"),
    (deep, "found JSON nested more than 64 levels deep"),
    (String(repeating: "{\"a\":", count: 100_000), "found JSON nested more than 64 levels deep"),
    (String(repeating: " ", count: 1 << 20) + "{}", "found more than 1,048,576 bytes"),
  ])
  func configurationsThatNoParserShouldSee(_ text: String, _ words: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array(text.utf8), to: "run/config.json")
    try tool.run("train", "--config", "run").expectFailure(65, "run/config.json: \(words)")
    // A model beside such a file needs none.
    try Models.small().save(to: tool.folder.path("run/model.safetensors"))
    for command in ["evaluate", "predict"] {
      let result = try tool.run(command, "run", "--data-dir", ImageFiles.folder)
      result.expectSuccess()
      let notices = result.errors.split(separator: "\n").filter { $0.contains("ignoring it") }
      #expect(notices == ["run/config.json: \(words); ignoring it"])
    }
  }

  @Test func configurationsWithoutEnd() throws {
    let tool = try Tool()
    try tool.run("train", "--config", "/dev/zero").expectFailure(65, "/dev/zero: found more than 1,048,576 bytes")
  }

  @Test(arguments: [
    ("[\"]]]]\\\"[[[\", {\"a\": [1]}]", false), (String(repeating: "[", count: 64), false),
    (String(repeating: "[", count: 65), true), ("\"" + String(repeating: "[", count: 100), false),
    (String(repeating: "[]", count: 100), false),
  ])
  func depth(_ text: String, _ isTooDeep: Bool) {
    #expect((nestingDepth(of: text.utf8) > UntrustedFile.greatestDepth) == isTooDeep)
  }

  // MARK: Words

  private static let evil = "\u{1B}]52;c;AAAA\u{7}\u{1B}[2J\u{202E}"

  @Test("no text of strangers reaches a terminal as it is")
  func escapeSequences() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let long = Self.evil + String(repeating: "x", count: 300_000)
    let json = try JSONEncoder().encode([long])
    let quoted = String(decoding: json, as: UTF8.self).dropFirst().dropLast()
    for text in [
      "{\"task\":\(quoted),\"options\":{}}", "{\"task\":\"mnist\",\"options\":{\(quoted):1}}",
      "{\"task\":\"mnist\",\"options\":{\"cell\":\(quoted)}}",
      "{\"task\":\"mnist\",\"options\":{\"shuffle\":\(quoted)}}",
      "{\"task\":\"mnist\",\"options\":{\"epochs\":\(quoted)}}",
      "{\"task\":\"mnist\",\"options\":{\"\(String(repeating: "a", count: 5000))\":1}}",
    ] {
      try tool.folder.write(Array(text.utf8), to: "c")
      let result = try tool.run("train", "--config", "c")
      #expect(result.status == 65)
      expectHarmless(result)
    }
    var file = Models.small().safeTensors
    file.metadata = ["recurrent.cells": "lstm," + long]
    try file.write(to: tool.folder.path("m"))
    for command in [["inspect", "m"], ["evaluate", "m"], ["train", "digits", "--from", "m"]] {
      expectHarmless(try tool.run(command))
    }
    for arguments in [
      [Self.evil], ["train", Self.evil], ["inspect", Self.evil], ["inspect", "a", Self.evil], ["--\(Self.evil)"],
      ["train", "digits", "--sweep", "\(Self.evil)=1"], ["train", "digits", "--sweep", "seed=\(Self.evil)"],
      ["train", "digits", "--sweep", "shuffle=\(Self.evil)"], ["train", "digits", "--cell", Self.evil],
      ["train", "mnist", "--data-dir", Self.evil], ["train", "--config", Self.evil],
      ["evaluate", Self.evil], ["predict", Self.evil],
    ] {
      let result = try tool.run(arguments)
      #expect(result.status != 0)
      expectHarmless(result)
    }
  }

  private func expectHarmless(_ result: Tool.Result, sourceLocation: SourceLocation = #_sourceLocation) {
    for text in [result.output, result.errors] {
      let controls = text.unicodeScalars.filter { $0 != "\n" && ($0.value < 32 || $0.value == 127 || $0 == "\u{202E}") }
      #expect(controls.isEmpty, sourceLocation: sourceLocation)
      #expect(text.utf8.count < 4000, sourceLocation: sourceLocation)
    }
  }

  @Test("folders with names of strangers are shown as text in tables and pictures")
  func namesInPictures() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let name = "im\u{1B}[2Jag|es"
    try FileManager.default.moveItem(atPath: tool.folder.path("images"), toPath: tool.folder.path(name))
    try Models.small().save(to: tool.folder.path("m|1"))
    let base = ["train", "mnist", "--data-dir", name, "--max-steps", "1", "--run-dir"]
    expectHarmless(try tool.run(base + ["run"]))
    let sweep = try tool.run(base + ["s", "--sweep", "from=m|1"])
    sweep.expectSuccess()
    expectHarmless(sweep)
    #expect(sweep.output.hasPrefix("| from "))
    for line in sweep.outputLines.prefix(3) {
      #expect(line.replacing("\\|", with: "").split(separator: "|").count == 7)
    }
    for (run, picture) in RunPicture.ofDigits.map({ ("run", $0.fileName) }) + [("s", "spread.svg")] {
      let text = try RunFiles(tool, run).picture(picture)
      #expect(!text.contains("\u{1B}"))
      _ = try MarkupElement.parse(text)
    }
  }

  // MARK: Bytes that are no text

  @Test(
    "names are used as they are or refused",
    arguments: [
      "train digits --run-dir \"$(printf 'a\\377')\"", "train mnist --data-dir \"$(printf 'a\\377')\"",
      "evaluate \"$(printf '\\300\\200')\"", "\"$(printf '\\355\\240\\200')\"",
    ])
  func argumentsThatAreNoText(_ words: String) throws {
    let tool = try Tool()
    let result = try tool.run(shell: "exec \"$0\" \(words)")
    result.expectFailure(64, "found bytes that are not UTF-8", "expected UTF-8")
    #expect(try tool.folder.contents() == [])
  }

  @Test(arguments: ["MNIST_DIR", "XDG_CACHE_HOME", "HOME"])
  func variablesThatAreNoText(_ name: String) throws {
    let tool = try Tool()
    for words in ["train mnist", "train", "data mnist", "evaluate m"] {
      let result = try tool.run(shell: "export \(name)=\"$(printf 'a\\377')\"; exec \"$0\" \(words)")
      result.expectFailure(64, "\(name): found bytes that are not UTF-8")
    }
    // A command that does not look there does not mind.
    try Models.small().save(to: tool.folder.path("m"))
    try tool.run(shell: "export \(name)=\"$(printf 'a\\377')\"; exec \"$0\" inspect m").expectSuccess()
  }
}
