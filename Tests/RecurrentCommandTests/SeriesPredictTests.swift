import Foundation
import Recurrent
@testable import RecurrentCommand
import TestSupport
import Testing

/// `predict MODEL FILE` and `evaluate MODEL --series FILE`.
@Suite struct SeriesPredictTests {
  private static func vowelTool() throws -> Tool {
    let tool = try SeriesFiles.tool([
      "TRAIN.ts": SeriesFiles.vowels(45, seed: 1, classes: ["a,b", "ben", "cid"]),
      "TEST.ts": SeriesFiles.vowels(12, seed: 2, classes: ["a,b", "ben", "cid"]),
    ])
    try tool.run(["train", "series", "TRAIN.ts", "--test", "TEST.ts", "--run-dir", "run"] + SeriesFiles.small)
      .expectSuccess()
    return tool
  }

  @Test("probabilities of classes, as CSV and as JSON, on standard output and in a file")
  func classes() throws {
    let tool = try Self.vowelTool()
    let result = try tool.run("predict", "run", "TEST.ts")
    result.expectSuccess()
    #expect(result.outputLines.count == 14 && result.outputLines[0] == "id,class,\"a,b\",ben,cid")
    for line in result.outputLines[1...12] {
      let sum = line.split(separator: ",").suffix(3).reduce(0) { $0 + (Double($1) ?? .nan) }
      #expect(abs(sum - 1) < 1e-5, "\(line)")
    }
    try tool.run("predict", "run/model.safetensors", "TEST.ts", "--output", "p.csv").expectSuccess()
    #expect(FileManager.default.contents(atPath: tool.folder.path("p.csv")) == Data(result.output.utf8))
    let data = FileManager.default.contents(atPath: tool.folder.path("TEST.ts"))
    for name in ["TEST.ts", "p.csv"] {
      try tool.run("predict", "run", "TEST.ts", "--output", name).expectFailure(
        73, "\(name): found a file, expected a new name", "--output")
    }
    #expect(FileManager.default.contents(atPath: tool.folder.path("TEST.ts")) == data, "nobody's file is lost")
    let lines = try tool.run("predict", "run", "TEST.ts", "--format", "jsonl").outputLines
    let object = try #require(JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    #expect((object["probabilities"] as? [String: Double])?.keys.sorted() == ["a,b", "ben", "cid"])
    #expect(object["id"] as? String == "1" && object["class"] is String)
  }

  @Test("evaluate says what the run has said")
  func evaluate() throws {
    let tool = try Self.vowelTool()
    let result = try tool.run("evaluate", "run", "--series", "TEST.ts")
    result.expectSuccess()
    let test = try #require(try RunFiles(tool, "run").events("test").last)
    let accuracy = try #require(test["accuracy"] as? Double)
    #expect(result.output.contains("Accuracy: \(accuracy.sixDigits)  ("), "\(result.output)")
  }

  @Test("values at every step, in the units of the data, where the file lacks them")
  func stepValues() throws {
    let rivers = SeriesFiles.rivers(6, seed: 3)
    let rows = rivers.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let withoutFlow = rows.map { $0.dropLast().joined(separator: ",") }.joined(separator: "\n")
    let tool = try SeriesFiles.tool(["rivers.csv": rivers, "new.csv": withoutFlow])
    try tool.run(
      [
        "train", "series", "rivers.csv", "--id", "basin", "--time", "day", "--statics", "area", "--target", "flow",
        "--per-step", "--run-dir", "run",
      ]
        + SeriesFiles.small
    ).expectSuccess()
    let result = try tool.run("predict", "run", "new.csv")
    result.expectSuccess()
    #expect(result.outputLines.count == 6 * 20 + 2 && result.outputLines[0] == "id,step,flow")
    #expect(result.outputLines[1].hasPrefix("b0,1,") && result.outputLines[120].hasPrefix("b5,20,"))
    #expect(result.output == (try tool.run("predict", "run", "rivers.csv")).output, "targets are not looked at")
    let evaluated = try tool.run("evaluate", "run", "--series", "rivers.csv")
    evaluated.expectSuccess()
    #expect(evaluated.output.contains("flow: RMSE "))
    try tool.run("evaluate", "run", "--series", "new.csv").expectFailure(65, "new.csv, line 1: found no column 'flow'")
  }

  @Test("forecasts go on after the end, and an unusual step has the highest score")
  func forecasts() throws {
    var lines = SeriesFiles.sales().split(separator: "\n").map(String.init)
    let tool = try SeriesFiles.tool(["sales.csv": SeriesFiles.sales()])
    try tool.run(
      ["train", "series", "sales.csv", "--forecast", "3", "--run-dir", "run"] + SeriesFiles.small
    ).expectSuccess()
    let result = try tool.run("predict", "run", "sales.csv")
    result.expectSuccess()
    #expect(
      result.outputLines.map { $0.split(separator: ",").dropLast().joined(separator: ",") }
        == ["id,step", "1,97", "1,98", "1,99", ""])

    lines[90] = lines[90].split(separator: ",")[0] + ",900"
    try tool.folder.write(Array(lines.joined(separator: "\n").utf8), to: "odd.csv")
    let scores = try tool.run("predict", "run", "odd.csv", "--anomalies")
    scores.expectSuccess()
    #expect(scores.outputLines[0] == "id,step,score,expected sales" && scores.outputLines[1] == "1,1,,")
    let best = scores.outputLines[1...96].max { score($0) < score($1) }
    #expect(best?.hasPrefix("1,90,") == true, "\(best ?? "")")
  }

  private func score(_ line: String) -> Double {
    Double(line.split(separator: ",", omittingEmptySubsequences: false)[2]) ?? -1
  }

  @Test(
    "what does not go together",
    arguments: [
      (["predict", "run", "TEST.ts", "--index", "1"], 64, "--index: found with a file of time series"),
      (["predict", "run", "--output", "x"], 64, "--output: found without a file of time series"),
      (["predict", "run", "TEST.ts", "--anomalies"], 65, "TEST.ts: found a model that does not forecast"),
      (["evaluate", "run", "--series", "TEST.ts", "--digits"], 64, "--series: found with --digits"),
      (["predict", "run", "none.ts"], 66, "none.ts: found no such file"),
      (["predict", "m", "TEST.ts"], 65, "m: found a model of another kind"),
      (["predict", "run", "TEST.ts", "--output", "nowhere/x.csv"], 73, "nowhere/x.csv"),
      (["predict", "run", "one.csv"], 65, "one.csv: found 1 channel"),
    ] as [([String], Int32, String)])
  func refused(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let tool = try Self.vowelTool()
    try Models.small().save(to: tool.folder.path("m"))
    try tool.folder.write(Array("1,2,3\n4,5,6\n".utf8), to: "one.csv")
    try tool.run(arguments).expectFailure(status, words)
  }
}
