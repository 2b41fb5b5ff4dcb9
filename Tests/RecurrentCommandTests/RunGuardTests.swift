import Foundation
import RecurrentCharts
import TestSupport
import Testing

@testable import RecurrentCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What lies in the folder of a run is never lost, and two runs never share one.
@Suite struct RunGuardTests {
  private static let training = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--layers", "1", "--hidden-size", "4", "--threads", "1",
  ]

  @Test("a file of any name that a run writes is refused before anything is written", arguments: RunFiles.whole)
  func filesOfOthers(_ name: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("mine".utf8), to: "proj/\(name)")
    for options in [["--max-steps", "1"], ["--max-steps", "1", "--sweep", "seed=1,2"]] {
      let result = try tool.run(Self.training + options + ["--run-dir", "proj"])
      result.expectFailure(73, "proj: found \(name) in it", "--run-dir")
      #expect(result.output == "")
    }
    #expect(try RunFiles(tool, "proj").picture(name) == "mine" && RunFiles(tool, "proj").names == [name])
  }

  @Test("a link counts as what it is, wherever it leads", arguments: ["mine", "nowhere/at/all"])
  func plantedLinks(_ target: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("mine".utf8), to: "mine")
    try FileManager.default.createDirectory(atPath: tool.folder.path("run"), withIntermediateDirectories: false)
    let link = tool.folder.path("run/metrics.jsonl")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: tool.folder.path(target))
    try tool.run(Self.training + ["--run-dir", "run"]).expectFailure(73, "run: found metrics.jsonl in it")
    #expect(try RunFiles(tool, "").picture("mine") == "mine")
    // A link in place of the lock is not followed either.
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(
      atPath: tool.folder.path("run/.recurrent.lock"), withDestinationPath: tool.folder.path(target))
    try tool.run(Self.training + ["--run-dir", "run"]).expectFailure(73, "run: cannot be written (")
    #expect(try RunFiles(tool, "").picture("mine") == "mine")
    #expect(RunFiles(tool, "run").names == [".recurrent.lock"])
  }

  @Test("a run in a sweep that was stopped is done again, and its links are not followed")
  func linksInASweep() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let sweep = Self.training + ["--epochs", "1", "--sweep", "seed=1,2", "--run-dir", "s"]
    try tool.run(sweep).expectSuccess()
    try FileManager.default.removeItem(atPath: tool.folder.path("s/seed=1/checkpoints"))
    let metrics = tool.folder.path("s/seed=1/metrics.jsonl")
    try FileManager.default.removeItem(atPath: metrics)
    try tool.folder.write(Array("mine".utf8), to: "mine")
    try FileManager.default.createSymbolicLink(atPath: metrics, withDestinationPath: tool.folder.path("mine"))
    try tool.folder.write(Array("<svg/>".utf8), to: "s/seed=1/mistakes.svg")
    let result = try tool.run(sweep)
    result.expectSuccess()
    #expect(result.errors.contains("2 runs, 1 of them already complete"))
    #expect(try RunFiles(tool, "").picture("mine") == "mine" && RunFiles(tool, "s/seed=1").count("test") == 1)
    try RunFiles(tool, "s/seed=1").expectWhole()
  }

  @Test("tables that no sweep has written are kept", arguments: ["results.json", "results.md", "spread.svg"])
  func tablesOfOthers(_ name: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("{}".utf8), to: "s/\(name)")
    let result = try tool.run(Self.training + ["--max-steps", "1", "--sweep", "seed=1,2", "--run-dir", "s"])
    result.expectFailure(73, "s: found \(name) in it, which is not that of a sweep", "--run-dir")
    #expect(RunFiles(tool, "s").names == [name])
  }

  @Test("files in the folder of a run of a sweep are kept unless that run has written them")
  func filesInASweep() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("mine".utf8), to: "s/seed=2/loss.svg")
    try tool.run(Self.training + ["--max-steps", "1", "--sweep", "seed=1,2", "--run-dir", "s"])
      .expectFailure(73, "s/seed=2: found a run with loss.svg and no readable configuration")
    #expect(RunFiles(tool, "s/seed=2").names == ["loss.svg"] && RunFiles(tool, "s").names == ["seed=2"])
  }

  @Test("two at once: the second is refused and the first is named", arguments: [false, true])
  func lock(_ isSweep: Bool) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let long = Self.training + ["--epochs", "100000", "--run-dir", "run"] + (isSweep ? ["--sweep", "seed=1,2"] : [])
    let run = RunFiles(tool, isSweep ? "run/seed=1" : "run")
    let first = try tool.start(long)
    #expect(first.wait { run.count("step") >= 1 })
    let second = try tool.run(long)
    second.expectFailure(73, "run: found a run in progress (process \(first.identifier) on ", "--run-dir")
    #expect(second.output == "" && first.isRunning)
    // Nor does an ordinary run go into a sweep at work.
    try tool.run(Self.training + ["--max-steps", "1", "--run-dir", "run"]).expectFailure(73, "\(first.identifier)")
    first.send(SIGTERM)
    #expect(first.wait().status == 130)
    try run.expectWhole()
    #expect(!RunFiles(tool, "run").names.contains(".recurrent.lock"), "nothing of it is left")
  }

  @Test("the lock of a dead process keeps nobody out")
  func lockOfTheDead() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("process 1 on nowhere\n".utf8), to: "run/.recurrent.lock")
    try tool.run(Self.training + ["--max-steps", "1", "--run-dir", "run"]).expectSuccess()
    #expect(RunFiles(tool, "run").names == RunFiles.whole)
  }

  @Test("runs that begin at the same moment in one folder: one goes on, the others are refused")
  func race() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let processes = try (0..<5).map { _ in try tool.start(Self.training + ["--epochs", "20", "--run-dir", "run"]) }
    let results = processes.map { $0.wait() }
    #expect(results.count { $0.status == 0 } == 1)
    for result in results where result.status != 0 { result.expectFailure(73, "run: found ") }
    try RunFiles(tool, "run").expectWhole()
    #expect(RunFiles(tool, "run").count("epoch") == 20 && RunFiles(tool, "run").count("test") == 1)
  }

  // MARK: Pictures that are named

  private let picture = SpreadChart(title: "t", x: "x", groups: [])

  @Test(
    "a picture replaces a picture of ours and nothing else", arguments: ["mine", "<svg/>", "<?xml version=\"1.0\"?>"])
  func namedPictures(_ text: String) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array(text.utf8), to: "p.svg")
    let failure = #expect(throws: CommandFailure.self) { try PictureFile.write(picture, to: path) }
    #expect(failure?.status == .cannotCreate && failure?.message.contains("found a file that is not a picture") == true)
    #expect(FileManager.default.contents(atPath: path) == Data(text.utf8))
    let other = folder.path("q.svg")
    try PictureFile.write(picture, to: other)
    try PictureFile.write(SpreadChart(title: "u", x: "x", groups: []), to: other)
    #expect(String(decoding: FileManager.default.contents(atPath: other) ?? Data(), as: UTF8.self).contains("<title>u"))
    try folder.write([], to: "empty.svg")
    try PictureFile.write(picture, to: folder.path("empty.svg"))
  }
}
