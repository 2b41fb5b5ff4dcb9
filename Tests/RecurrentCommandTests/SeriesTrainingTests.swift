import Foundation
import Recurrent
@testable import RecurrentCommand
import RecurrentData
import TestSupport
import Testing

/// `train series`: what runs say, write and leave.
@Suite struct SeriesTrainingTests {
  private static let vowels = ["train", "series", "TRAIN.ts", "--test", "TEST.ts"] + SeriesFiles.small
  private static let rivers =
    [
      "train", "series", "rivers.csv", "--id", "basin", "--time", "day", "--statics", "area", "--target", "flow",
      "--per-step",
    ]
    + SeriesFiles.small

  private static func vowelTool() throws -> Tool {
    try SeriesFiles.tool([
      "TRAIN.ts": SeriesFiles.vowels(45, seed: 1), "TEST.ts": SeriesFiles.vowels(12, seed: 2),
    ])
  }

  @Test("one class for each series, of unequal lengths, with missing inputs")
  func classification() throws {
    let tool = try Self.vowelTool()
    let result = try tool.run(Self.vowels + ["--run-dir", "run"])
    result.expectSuccess()
    for words in [
      "TRAIN.ts: 45 sequences of 7 to 15 steps, 2 channels, 3 classes", "TEST.ts: 12 sequences",
      "of 45 sequences are for validation, chosen class by class with seed 0", "classes to learn: ann: ",
      "missing inputs filled",
    ] { #expect(result.errors.contains(words), "\(words)\n\(result.errors)") }
    for words in ["Test series:", "of 12; 95 % interval", "Balanced: "] {
      #expect(result.output.contains(words), "\(words)\n\(result.output)")
    }
    let run = RunFiles(tool, "run")
    let test = try #require(try run.events("test").last)
    #expect(test["count"] as? Int == 12 && test["balancedAccuracy"] is Double)
    let confusion = try run.picture("confusion.svg")
    #expect(confusion.contains("data-labels=\"ann;ben;cid\"") && confusion.contains("true class against prediction"))
    #expect(confusion.contains("number of series of each true class") && confusion.contains("of 12 series were"))
    #expect(run.names.contains("accuracy.svg") && !run.names.contains("forecast.svg"))
    let data = try #require(try run.configuration()["data"] as? [String: Any])
    #expect((data["checksum"] as? String)?.count == 64 && data["testCount"] as? Int == 12)
    // Read again, defaults that depend on the data are the same.
    let options = try #require(try run.configuration()["options"] as? [String: Any])
    #expect(options["bidirectional"] as? Bool == true && options["batch-size"] as? Int == 8)
  }

  @Test(
    "values at every step, with static inputs and missing targets, by each loss",
    arguments: ["squared", "huber", "nse"])
  func stepValues(_ loss: String) throws {
    let tool = try SeriesFiles.tool(["rivers.csv": SeriesFiles.rivers(8, seed: 3)])
    let result = try tool.run(Self.rivers + ["--loss", loss, "--validation-share", "0.25", "--run-dir", "run"])
    result.expectSuccess()
    #expect(result.errors.contains("1 channel, 1 static input, 1 target value at every step"))
    #expect(result.errors.contains("targets are missing and left out"))
    #expect(result.output.contains("Validation series, since there is no --test:"))
    #expect(result.output.contains("flow: RMSE ") && result.output.contains("median of 2 sequences: NSE "))
    let run = RunFiles(tool, "run")
    let test = try #require(try run.events("test").last)
    for name in ["rmse flow", "mae flow", "nse flow", "kge flow", "median nse flow", "median kge flow"] {
      #expect((test[name] as? Double)?.isFinite == true, "\(name)")
    }
    #expect(!run.names.contains("accuracy.svg"), "values have no accuracy")
    #expect(try run.network().configuration.readout == .everyStep)
    #expect(run.count("improved") > 0, "the model with the best validation is kept")
  }

  @Test("one long series is divided by time, and cut into pieces to learn from")
  func oneSeries() throws {
    let tool = try SeriesFiles.tool(["river.csv": SeriesFiles.rivers(1, steps: 100, seed: 3)])
    let options = ["--time", "day", "--channels", "rain", "--target", "flow", "--per-step", "--piece-steps", "20"]
    let result = try tool.run(["train", "series", "river.csv", "--run-dir", "run"] + options + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.errors.contains("by time: the last 10 of 100 steps are for validation"))
    #expect(result.errors.contains("longer than 20 steps are cut into pieces, to be learned from: 5 sequences"))
  }

  @Test("a table with names of series is read as one with a row for each step, and says how it can be otherwise")
  func wide() throws {
    let rows = (0..<12).map { "s\($0),\($0 % 2 == 0 ? "1" : "-1"),\($0),2,3\n" }
    let tool = try SeriesFiles.tool(["wide.csv": "id,label,a,b,c\n" + rows.joined()])
    let result = try tool.run(["train", "series", "wide.csv", "--run-dir", "a"] + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.errors.contains("each series has one step; if each row is a whole series"))
    let options = ["--file-format", "wide", "--run-dir", "b"]
    let wide = try tool.run(["train", "series", "wide.csv"] + options + SeriesFiles.small)
    wide.expectSuccess()
    #expect(wide.errors.contains("wide.csv: 12 sequences of 3 steps, 1 channel, 2 classes"))
    #expect(try tool.run("predict", "b", "wide.csv").outputLines[0] == "id,class,-1,1", "the form is kept in the model")
  }

  @Test("losses differ in what is learned")
  func losses() throws {
    let tool = try SeriesFiles.tool(["rivers.csv": SeriesFiles.rivers(8, seed: 3)])
    var models: Set<Foundation.Data> = []
    for loss in ["squared", "absolute", "huber", "nse"] {
      try tool.run(Self.rivers + ["--loss", loss, "--run-dir", loss]).expectSuccess()
      models.insert(try #require(RunFiles(tool, loss).model))
    }
    #expect(models.count == 4)
  }

  @Test("forecasts beside seasonal naive ones")
  func forecast() throws {
    let tool = try SeriesFiles.tool(["sales.csv": SeriesFiles.sales()])
    let result = try tool.run(
      ["train", "series", "sales.csv", "--forecast", "6", "--validation-share", "0.2", "--run-dir", "run"]
        + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.errors.contains("by time: the last 19 of 96 steps are for validation"), "\(result.errors)")
    #expect(result.errors.contains("a season of 12 steps"), "found in training: \(result.errors)")
    #expect(
      result.output.contains("sales, network: MASE ")
        && result.output.contains("sales, seasonal naive, season 12: MASE "))
    let run = RunFiles(tool, "run")
    let test = try #require(try run.events("test").last)
    #expect(
      (test["mase sales"] as? Double)?.isFinite == true && (test["naive mase sales"] as? Double)?.isFinite == true)
    // What validation measures on is not learned from, means included.
    let learned = SeriesFiles.sales().split(separator: "\n").dropFirst().prefix(96 - 19)
    let sales = learned.compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
    let mean = try SeriesModel(run.path).preparation.channels[0].mean
    #expect(sales.count == 77 && abs(mean - sales.reduce(0, +) / 77) < 1e-3)
    let picture = try run.picture("forecast.svg")
    _ = try MarkupElement.parse(picture)
    for name in ["true", "forecast", "seasonal naive"] { #expect(picture.contains("data-name=\"\(name)\"")) }
    let options = try #require(try run.configuration()["options"] as? [String: Any])
    #expect(options["season"] as? Int == 12 && options["history"] as? Int == 24)
  }

  @Test("a run is repeated, and goes on after a stop, to the same bytes")
  func sameBytes() throws {
    let tool = try Self.vowelTool()
    try tool.run(Self.vowels + ["--run-dir", "a", "--checkpoint-every", "0s"]).expectSuccess()
    try tool.run("train", "--config", "a", "--threads", "2", "--run-dir", "b").expectSuccess()
    let first = RunFiles(tool, "a")
    #expect(first.model != nil && first.model == RunFiles(tool, "b").model, "noise and order come from the seed")
    #expect(first.metricsWithoutTimes == RunFiles(tool, "b").metricsWithoutTimes)

    // What is left of a run that was killed after nine of its ten steps.
    try FileManager.default.removeItem(atPath: tool.folder.path("a/report.html"))
    try tool.run("resume", "a", "--checkpoint", "a/checkpoints/step-9.checkpoint").expectSuccess()
    #expect(RunFiles(tool, "a").model == RunFiles(tool, "b").model)
    #expect(RunFiles(tool, "a").metricsWithoutTimes == RunFiles(tool, "b").metricsWithoutTimes)
  }

  @Test("a resumed run refuses data that have changed")
  func changedData() throws {
    let tool = try Self.vowelTool()
    try tool.run(Self.vowels + ["--run-dir", "a"]).expectSuccess()
    try FileManager.default.removeItem(atPath: tool.folder.path("a/report.html"))
    try tool.folder.write(Array(SeriesFiles.vowels(12, seed: 4).utf8), to: "TEST.ts")
    try tool.run("resume", "a").expectFailure(65, "a: found a run on other data than TRAIN.ts holds now")
  }

  @Test("training goes on from a model, with its means, deviations and classes")
  func from() throws {
    let tool = try Self.vowelTool()
    try tool.run(Self.vowels + ["--run-dir", "a"]).expectSuccess()
    let options = ["--from", "a", "--epochs", "1", "--threads", "1"]
    try tool.run(["train", "series", "TEST.ts", "--run-dir", "b"] + options).expectSuccess()
    let result = try tool.run(["train", "series", "TEST.ts", "--missing", "mean"] + options)
    result.expectFailure(64, "--missing: found with --from, which determines it")
    try tool.folder.write(Array(SeriesFiles.sales().utf8), to: "sales.csv")
    try tool.run(["train", "series", "sales.csv"] + options).expectFailure(65, "sales.csv")
  }

  @Test(
    "options that exclude each other",
    arguments: [
      ("--label a --target b", "--label: found with --target"),
      ("--per-step", "--per-step: found without --label or --target"),
      ("--history 3", "--history: found without --forecast"),
      ("--forecast 3 --label a", "--forecast: found with --label"),
      ("--forecast 3 --history 3 --season 4", "--history: found 3, expected at least the 4 steps of --season"),
      ("--loss nse", "--loss nse: found without values at every step"), ("b.ts", "found 2 files of series"),
      ("--sweep target=a,b", "--sweep: found 'target', which decides how series are read"),
    ])
  func usage(_ options: String, _ words: String) throws {
    let tool = try Tool()
    try tool.run(["train", "series", "a.ts"] + options.split(separator: " ").map(String.init)).expectFailure(64, words)
  }

  @Test("without validation and test there is nothing to measure on, and the model is there all the same")
  func nothingToMeasureOn() throws {
    let tool = try Self.vowelTool()
    let result = try tool.run(
      ["train", "series", "TRAIN.ts", "--validation-share", "0", "--run-dir", "a"] + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.output.contains("There are no series to measure on") && RunFiles(tool, "a").model != nil)
    let early = ["train", "series", "TRAIN.ts", "--validation-share", "0", "--early-stopping", "2"] + SeriesFiles.small
    try tool.run(early).expectFailure(64, "--early-stopping: found with --validation-share 0")
  }
}
