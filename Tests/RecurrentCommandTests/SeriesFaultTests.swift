import Foundation
import TestSupport
import Testing

/// Bad series: one line with the place, before anything is trained, or a notice of what was decided.
@Suite struct SeriesFaultTests {
  private static let header = "@problemName x\n@univariate true\n@classLabel true a b\n@data\n"
  private static let good = header + String(repeating: "1,2,3:a\n3,2,1:b\n", count: 6)

  /// A bad file, and what is said about it.
  struct Case: CustomTestStringConvertible, Sendable {
    let reason: String
    let file: String
    let text: String
    var options: [String] = []
    let words: [String]
    var testDescription: String { reason }
  }

  @Test(arguments: [
    Case(reason: "empty", file: "x.ts", text: "", words: ["x.ts"]),
    Case(
      reason: "one class only", file: "x.ts", text: header + "1,2:a\n2,1:a\n3,3:a\n",
      words: ["found one class only, 'a'", "expected at least two"]),
    Case(
      reason: "ragged rows", file: "x.csv", text: "id,time,v,label\n1,1,2,a\n1,2,2\n",
      words: ["x.csv, line 3, column ", "found 3 cells"]),
    Case(
      reason: "a word for a number", file: "x.csv", text: "id,time,v,label\n1,1,2,a\n1,2,wet,a\n",
      words: ["x.csv, line 3, column 5: found 'wet'"]),
    Case(
      reason: "channels that come and go", file: "x.ts",
      text: "@problemName x\n@univariate false\n@classLabel true a b\n@data\n1,2:3,4:a\n1,2:b\n",
      words: ["x.ts, line 6"]),
    Case(
      reason: "a static attribute that two places lack", file: "x.csv",
      text: "id,time,v,area,label\n1,1,2,5,a\n2,1,2,,b\n3,1,2,,a\n4,1,2,1,b\n", options: ["--statics", "area"],
      words: ["found no static input 'area' for 2 sequences: '2 (line 3)', '3 (line 4)'"]),
    Case(
      reason: "missing inputs that are refused", file: "x.ts", text: good.replacing("1,2,3", with: "1,?,3"),
      options: ["--missing", "refuse"], words: ["found missing inputs of "]),
    Case(
      reason: "a column that is not there", file: "x.csv", text: "id,time,v\n1,1,2\n", options: ["--target", "flow"],
      words: ["x.csv, line 1: found no column 'flow'"]),
    Case(
      reason: "nothing to predict", file: "x.csv", text: "id,time,v\n1,1,2\n1,2,2\n2,1,4\n",
      words: ["found nothing to predict"]),
    Case(
      reason: "too short to forecast", file: "x.csv", text: "time,v\n1,2\n2,3\n3,4\n", options: ["--forecast", "5"],
      words: ["x.csv", "found 3 steps"]),
    Case(
      reason: "one series of each class", file: "x.ts", text: header + "1,2:a\n2,1:b\n",
      words: ["found 2 sequences, one of each class"]),
  ])
  func refused(_ bad: Case) throws {
    let tool = try SeriesFiles.tool([bad.file: bad.text])
    let result = try tool.run(["train", "series", bad.file, "--run-dir", "run"] + bad.options + SeriesFiles.small)
    result.expectFailure(65, bad.words)
    #expect(!FileManager.default.fileExists(atPath: tool.folder.path("run/config.json")), "before training")
  }

  @Test("a class in test that training lacks")
  func unknownClass() throws {
    let other = Self.good.replacing("true a b", with: "true a b c").replacing("3,2,1:b", with: "3,2,1:c")
    let tool = try SeriesFiles.tool(["x.ts": Self.good, "t.ts": other])
    let result = try tool.run(["train", "series", "x.ts", "--test", "t.ts", "--run-dir", "run"] + SeriesFiles.small)
    result.expectFailure(
      65, "t.ts, line 6: found classes that the training data lacks, 'c'", "expected one of 'a', 'b'")
    #expect(!FileManager.default.fileExists(atPath: tool.folder.path("run/config.json")))
  }

  @Test("tails of NaN are shorter series, and ? is a missing value: said, and learned from")
  func readAndSaid() throws {
    let text = Self.good.replacing("1,2,3", with: "1,2,NaN").replacing("3,2,1", with: "3,?,1")
    let tool = try SeriesFiles.tool(["x.ts": text])
    let result = try tool.run(["train", "series", "x.ts", "--run-dir", "run"] + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.errors.contains("12 sequences of 2 to 3 steps"), "\(result.errors)")
    #expect(result.errors.contains("with the last value"), "\(result.errors)")
  }

  @Test("unequal lengths under a header that says equal ones: read, and said")
  func equalLengths() throws {
    let text = Self.good.replacing("@data", with: "@equalLength true\n@seriesLength 3\n@data").replacing(
      "3,2,1", with: "3,2")
    let tool = try SeriesFiles.tool(["x.ts": text])
    let result = try tool.run(["train", "series", "x.ts", "--run-dir", "run"] + SeriesFiles.small)
    result.expectSuccess()
    #expect(result.errors.contains("x.ts: the header says equal lengths, the series have 2 to 3 steps, which are read"))
  }

  @Test("losses of values for classes, and of classes for values")
  func losses() throws {
    let tool = try SeriesFiles.tool(["x.ts": Self.good, "s.csv": SeriesFiles.sales()])
    try tool.run("train", "series", "x.ts", "--loss", "huber").expectFailure(64, "--loss: found huber for classes")
    try tool.run("train", "series", "s.csv", "--forecast", "3", "--label-smoothing", "0.1")
      .expectFailure(64, "--label-smoothing: found for values")
  }

  @Test("no file")
  func missing() throws {
    try Tool().run("train", "series", "none.csv").expectFailure(66, "none.csv: found no such file")
  }
}
