import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Runs that were killed or stopped, and go on to what an unbroken run comes to.
@Suite struct ResumeTests {
  private static let digits = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--hidden-size", "12", "--batch-size", "10", "--log-every", "7",
    "--validation-every", "9", "--dropout", "0.1", "--average-decay", "0.9", "--schedule", "plateau", "--epochs", "40",
    "--early-stopping", "1000", "--threads", "2",
  ]
  /// A checkpoint at every step, for runs that are killed.
  private static let often = ["--checkpoint-every", "0"]

  private func tool() throws -> Tool {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    return tool
  }

  /// Kills a run once it has logged an event of a kind so often, and waits for it to be gone.
  private func kill(_ tool: Tool, _ arguments: [String], in name: String, after count: Int, _ kind: String) throws {
    let process = try tool.start(arguments)
    #expect(process.wait { RunFiles(tool, name).count(kind) >= count })
    process.send(SIGKILL)
    #expect(process.wait().signal == SIGKILL)
  }

  @Test("a run that was killed, twice, comes to the bytes of the unbroken one, on another number of threads")
  func killed() throws {
    let tool = try tool()
    try tool.run(Self.digits + ["--run-dir", "whole"]).expectSuccess()
    try kill(tool, Self.digits + Self.often + ["--run-dir", "run"], in: "run", after: 3, "validation")
    try kill(tool, ["resume", "run"] + Self.often, in: "run", after: 12, "validation")
    // What a write has left that was on its way.
    try tool.folder.write([1, 2, 3], to: "run/model.safetensors.0123456789abcdef.part")
    try tool.folder.write([1, 2, 3], to: "run/checkpoints/step-9.checkpoint.0123456789abcdef.part")
    let result = try tool.run("resume", "run", "--threads", "1")
    result.expectSuccess()
    #expect(result.errors.contains("going on after "))
    let (run, whole) = (RunFiles(tool, "run"), RunFiles(tool, "whole"))
    #expect(run.model == whole.model && run.metricsWithoutTimes == whole.metricsWithoutTimes)
    #expect(run.names == RunFiles.whole, "nothing half-written is left")
    let pictures = ["loss.svg", "accuracy.svg", "confusion.svg", "mistakes.svg"]
    for picture in pictures { #expect(try run.picture(picture) == whole.picture(picture)) }
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints")
    #expect((2...3).contains(checkpoints.count), "the newest two and the best")
    // A complete run is left alone.
    let again = try tool.run("resume", "run")
    again.expectSuccess()
    #expect(again.errors.contains("run: the run is already complete") && again.output == "")
  }

  @Test("a run that Ctrl-C has stopped says how to go on, and does")
  func stopped() throws {
    let tool = try tool()
    try tool.run(Self.digits + ["--run-dir", "whole"]).expectSuccess()
    let process = try tool.start(Self.digits + ["--run-dir", "run"])
    #expect(process.wait { RunFiles(tool, "run").count("step") >= 5 })
    process.send(SIGINT)
    process.wait().expectFailure(130, "'recurrent resume run' goes on")
    try tool.run("resume", "run").expectSuccess()
    #expect(RunFiles(tool, "run").model == RunFiles(tool, "whole").model)
    #expect(RunFiles(tool, "run").metricsWithoutTimes == RunFiles(tool, "whole").metricsWithoutTimes)
  }

  @Test("before its first checkpoint a run begins anew")
  func withoutCheckpoint() throws {
    let tool = try tool()
    try tool.run(Self.digits + ["--run-dir", "run"]).expectSuccess()
    let run = RunFiles(tool, "run")
    let model = run.model
    for name in run.names where name != "config.json" {
      try FileManager.default.removeItem(atPath: run.path + "/" + name)
    }
    let result = try tool.run("resume", "run")
    result.expectSuccess()
    #expect(result.errors.contains("found no checkpoint: beginning anew") && run.model == model)
  }

  /// Damages to the newest checkpoint, and what is said of them.
  private static let damages: [(String, @Sendable (Data) -> Data, String)] = [
    (
      "a byte changed",
      {
        var data = $0; data[data.count - 9] ^= 1; return data
      }, "found bytes with another checksum"
    ),
    ("its end is missing", { $0.dropLast(20) }, "bytes, expected"),
    ("empty", { _ in Data() }, "found an empty file, expected a checkpoint of a run"),
    ("something else", { _ in Data("{}\n{}".utf8) }, "found a file of another kind"),
    (
      "of another version",
      { Data(String(decoding: $0, as: UTF8.self).replacing("\"version\":2", with: "\"version\":7").utf8) },
      "found a checkpoint of version 7, expected version 2"
    ),
    (
      "of an earlier version",
      { Data(String(decoding: $0, as: UTF8.self).replacing("\"version\":2", with: "\"version\":1").utf8) },
      "found a checkpoint of version 1, expected version 2"
    ),
  ]

  @Test("a damaged checkpoint is refused with the reason, and the one before it offered", arguments: 0..<damages.count)
  func damaged(_ index: Int) throws {
    let (_, damage, found) = Self.damages[index]
    let tool = try tool()
    let few = Self.digits.map { $0 == "40" ? "3" : $0 }
    try tool.run(few + Self.often + ["--run-dir", "run"]).expectSuccess()
    let run = RunFiles(tool, "run")
    let model = run.model
    try FileManager.default.removeItem(atPath: run.path + "/report.html")
    let names = try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints")
    let steps = names.compactMap { Int($0.replacing("step-", with: "").replacing(".checkpoint", with: "")) }.sorted()
    let newest = run.path + "/checkpoints/step-\(try #require(steps.last)).checkpoint"
    let before = "run/checkpoints/step-\(steps[steps.count - 2]).checkpoint"
    let data = try #require(FileManager.default.contents(atPath: newest))
    try damage(data).write(to: URL(fileURLWithPath: newest))
    try tool.run("resume", "run").expectFailure(65, found, "--checkpoint \(before) goes on from the one before")
    #expect(run.model == model, "nothing has been changed")
    try tool.run("resume", "run", "--checkpoint", before).expectSuccess()
    #expect(run.model == model)
  }

  @Test func whatCannotBeResumed() throws {
    let tool = try tool()
    try tool.run("resume", "nothing").expectFailure(
      66, "nothing: found no such file, expected the config.json of a run")
    try tool.run(Self.digits + ["--run-dir", "run", "--max-steps", "3"]).expectSuccess()
    try FileManager.default.removeItem(atPath: tool.folder.path("run/report.html"))
    try tool.run("resume", "run", "--checkpoint", "other").expectFailure(66, "other: found no such file")
    // Other images than those of the run's beginning.
    try FileManager.default.removeItem(atPath: tool.folder.path(ImageFiles.folder))
    try tool.run("resume", "run").expectFailure(66, "images/train-images-idx3-ubyte: found no such file")
  }

  @Test("a sweep goes on in the middle of a run")
  func sweep() throws {
    let tool = try tool()
    // Shorter, since the first run writes all its checkpoints.
    let sweep = Self.digits.map { $0 == "40" ? "15" : $0 } + ["--sweep", "seed=0,1"]
    try tool.run(sweep + ["--run-dir", "whole"]).expectSuccess()
    try kill(tool, sweep + Self.often + ["--run-dir", "s"], in: "s/seed=1", after: 4, "validation")
    let result = try tool.run("resume", "s")
    result.expectSuccess()
    #expect(result.errors.contains("2 runs, 1 of them already complete"))
    for run in ["seed=0", "seed=1"] {
      #expect(RunFiles(tool, "s/\(run)").model == RunFiles(tool, "whole/\(run)").model)
      #expect(RunFiles(tool, "s/\(run)").metricsWithoutTimes == RunFiles(tool, "whole/\(run)").metricsWithoutTimes)
    }
    try tool.run("resume", "s", "--checkpoint", "x").expectFailure(64, "--checkpoint: found with a sweep")
  }

  @Test("a run of a sweep that was killed before its report gets its pictures and its report")
  func sweepWithoutReport() throws {
    let tool = try tool()
    try tool.run(Self.digits + ["--sweep", "seed=0", "--run-dir", "s"]).expectSuccess()
    let (run, files) = (RunFiles(tool, "s/seed=0"), FileManager.default)
    let (model, metrics) = (run.model, run.metricsWithoutTimes)
    for name in ["report.html", "loss.svg"] { try files.removeItem(atPath: tool.folder.path("s/seed=0/\(name)")) }
    try tool.folder.write([1], to: "s/seed=0/loss.svg.0123456789abcdef.part")
    try tool.run("resume", "s").expectSuccess()
    let names = try files.contentsOfDirectory(atPath: tool.folder.path("s/seed=0"))
    #expect(names.contains("report.html") && names.contains("loss.svg") && !names.contains { $0.hasSuffix(".part") })
    #expect(run.model == model && run.metricsWithoutTimes == metrics)
  }

  @Test("minutes become a number of steps, which a repetition takes over")
  func minutes() throws {
    let tool = try tool()
    let arguments = [
      "train", "mnist", "--data-dir", ImageFiles.folder, "--hidden-size", "8", "--schedule", "cosine", "--epochs",
      "100000",
      "--max-minutes", "0.02", "--run-dir", "run",
    ]
    let result = try tool.run(arguments)
    result.expectSuccess()
    #expect(result.errors.contains("0.02 minutes: "))
    let steps = try #require(try RunFiles(tool, "run").configuration()["stepLimit"] as? Int)
    #expect(try RunFiles(tool, "run").events("epoch").last?["steps"] as? Int == steps)
    try tool.run("train", "--config", "run", "--run-dir", "again").expectSuccess()
    #expect(RunFiles(tool, "again").model == RunFiles(tool, "run").model)
    let options = try #require(try RunFiles(tool, "again").configuration()["options"] as? [String: Any])
    #expect(options["max-steps"] as? Int == steps && options["max-minutes"] == nil)
  }
}
