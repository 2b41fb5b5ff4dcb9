import Foundation
import Recurrent
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs that are stopped: by Ctrl-C or SIGTERM between two batches, by SIGKILL anywhere.
@Suite struct InterruptionTests {
  /// Training whose epochs take long enough to be hit.
  private static let training = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--hidden-size", "48", "--batch-size", "10", "--log-every", "1",
    "--threads", "1",
  ]

  @Test(arguments: [
    (SIGINT, "Ctrl-C"), (SIGTERM, "what service managers and schedulers send"), (SIGHUP, "the terminal has gone"),
  ])
  func modelOfTheLastFinishedEpochIsKept(_ signal: Int32, _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let run = RunFiles(tool, "stopped")
    let process = try tool.start(Self.training + ["--epochs", "100000", "--run-dir", "stopped"])
    // Some steps into the second epoch or a later one.
    #expect(process.wait { run.count("epoch") >= 1 && run.metricsLines.last?.contains("\"step\":3,") == true })
    process.send(signal)
    let result = process.wait()

    let epochs = run.count("epoch")
    result.expectFailure(
      130, "stopped before the end: stopped/model.safetensors holds the model of epoch \(epochs - 1)")
    try run.expectWhole()
    #expect(
      run.names == [
        "accuracy.svg", "checkpoints", "config.json", "loss.svg", "metrics.jsonl", "model.safetensors", "report.html",
      ])
    let curves = try MarkupElement.parse(run.picture("loss.svg")).all(with: "data-y")
    #expect(curves.map { $0.attributes["data-name"] } == ["training", "validation"], "the curves so far are drawn")
    #expect(curves.last?.numbers("data-y")?.count == epochs)
    #expect(run.count("test") == 0)
    try tool.run(Self.training + ["--epochs", "\(epochs)", "--run-dir", "whole"]).expectSuccess()
    #expect(RunFiles(tool, "whole").model == run.model, "the model of exactly so many epochs")
    let lines = RunFiles(tool, "whole").metricsWithoutTimes.dropLast()
    #expect(Array(run.metricsWithoutTimes.prefix(lines.count)) == Array(lines))
  }

  @Test(arguments: [
    (SIGINT, "Ctrl-C"), (SIGTERM, "what service managers and schedulers send"), (SIGHUP, "the terminal has gone"),
  ])
  func beforeTheFirstEpochEndsThereIsNoModel(_ signal: Int32, _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let run = RunFiles(tool, "stopped")
    let process = try tool.start(
      Self.training + ["--hidden-size", "150", "--layers", "4", "--batch-size", "1", "--run-dir", "stopped"])
    #expect(process.wait { run.count("step") >= 2 })
    process.send(signal)
    let result = process.wait()
    result.expectFailure(130, "stopped before the end: no epoch was finished, so there is no model")
    try run.expectWhole()
    #expect(run.names == ["accuracy.svg", "checkpoints", "config.json", "loss.svg", "metrics.jsonl", "report.html"])
    let curves = try MarkupElement.parse(run.picture("loss.svg")).all(with: "data-y")
    #expect(curves.map { $0.attributes["data-name"] } == ["training"], "there has been no validation")
    #expect(run.count("epoch") == 0)
    try tool.run("evaluate", "stopped", "--data-dir", ImageFiles.folder).expectFailure(
      66, "stopped: found a folder without model.safetensors")
  }

  @Test(
    "what was ignored when the run began is ignored",
    arguments: [("INT", SIGINT), ("HUP", SIGHUP), ("TERM", SIGTERM)])
  func inheritedDispositions(_ name: String, _ signal: Int32) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let run = RunFiles(tool, "run")
    let process = try ToolProcess(
      executable: "/bin/sh",
      arguments: ["-c", "trap '' \(name); exec \"$0\" \"$@\"", Tool.path] + Self.training
        + ["--epochs", "4", "--run-dir", "run"], environment: tool.fullEnvironment, folder: tool.folder.path)
    #expect(process.wait { run.count("step") >= 2 })
    process.send(signal)
    process.wait().expectSuccess()
    #expect(run.names == RunFiles.whole && run.count("epoch") == 4)
  }

  @Test func killedAtRandomMoments() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    var generator = SplitMix64(seed: UInt64(getpid()))
    var models = 0
    for turn in 0..<12 {
      let run = RunFiles(tool, "run\(turn)")
      // Small and quick, so that most of the time goes into writing.
      let process = try tool.start([
        "train", "mnist", "--data-dir", ImageFiles.folder, "--train-count", "20", "--batch-size", "10", "--epochs",
        "100000", "--log-every", "1", "--threads", "1", "--run-dir", "run\(turn)",
      ])
      #expect(process.wait { run.names.contains("config.json") })
      usleep(UInt32(generator.next() % 60_000))
      process.send(SIGKILL)
      #expect(process.wait().signal == SIGKILL)
      // A file that was on its way lies beside the others under a name that says so.
      try run.expectWhole(partsAllowed: true)
      models += run.model == nil ? 0 : 1
    }
    #expect(models > 0, "some were killed after their first epoch")
  }
}
