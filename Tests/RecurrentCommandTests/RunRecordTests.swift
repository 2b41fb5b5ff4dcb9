import Foundation
import Recurrent
import RecurrentCharts
import TestSupport
import Testing

@testable import RecurrentCommand

/// What is read back from the folder of a run.
@Suite struct RunRecordTests {
  private func read(_ run: RecordedRun) throws -> RunRecord {
    let folder = try TemporaryDirectory()
    return try RunRecord(folder: try run.write(to: folder, "run"))
  }

  private func points(_ curve: DownsampledCurve) -> [[Double]] { curve.line("").points.map { [$0.x, $0.y] } }

  @Test func classification() throws {
    let run = try read(.classification)
    #expect(run.isComplete && run.epochs == 2 && run.steps == 16 && run.trainingSeconds == 2)
    #expect(run.validation == .init(loss: 0.25, accuracy: 0.8, correct: 16, count: 20, others: [:]))
    #expect(run.test == .init(loss: 0.375, accuracy: 0.9, correct: 45, count: 50, others: [:]))
    #expect(points(run.trainingCurves.loss) == [[0, 1.5], [5, 1.25], [8, 0.75]], "steps go on through the epochs")
    #expect(points(run.trainingCurves.accuracy) == [[0, 0.25], [5, 0.5], [8, 0.75]])
    #expect(points(run.validationCurves.loss) == [[8, 1], [12, 0.5], [16, 0.25]])
    #expect(points(run.validationCurves.accuracy) == [[8, 0.5], [12, 0.75], [16, 0.8]])
    #expect(run.name == "run" && run.configuration.parameterCount == 1234)
  }

  @Test("early stopping keeps the best model, so its validation counts, not the last one")
  func improved() throws {
    var run = RecordedRun.classification
    run.metrics.insert(#"{"event":"improved","steps":8,"loss":1,"accuracy":0.5,"correct":10,"count":20}"#, at: 3)
    let record = try read(run)
    #expect(record.validation?.loss == 1 && record.validation?.accuracy == 0.5)
    #expect(points(record.validationCurves.loss).count == 3)
  }

  @Test func textsSeriesAndTasks() throws {
    let text = try read(.text)
    #expect(text.samples == [.init(steps: 100, text: "ROMEO:\n\tO <b>"), .init(steps: 200, text: "JULIET:\nAy me!")])
    #expect(text.test?.others == ["bitsPerCharacter": 2.164, "perplexity": 4.5], "numbers of any name")
    #expect(text.validation?.loss == 1.5 && text.epochs == 0 && text.trainingSeconds == nil, "no epoch has ended")
    let series = try read(.regression)
    #expect(
      series.test == .init(loss: 0.625, accuracy: nil, correct: nil, count: 30, others: ["mase": 0.875, "nse": 0.75]))
    #expect(points(series.validationCurves.accuracy).isEmpty, "values have no accuracy")
    let task = try read(.task)
    #expect(task.isComplete && task.test?.accuracy == 1)
    #expect(task.lengths.map(\.length) == [40, 2048] && task.lengths.map(\.accuracy) == [1, 0.5])
  }

  @Test("a run is complete if its last event is a result", arguments: 0..<7)
  func unfinished(_ count: Int) throws {
    var run = RecordedRun.classification
    run.metrics = Array(run.metrics.prefix(count))
    let record = try read(run)
    #expect(!record.isComplete && record.test == nil)
    #expect(record.steps == [0, 1, 6, 8, 9, 12, 16][count])
    #expect(RunResult(folder: try run.write(to: try TemporaryDirectory(), "run")) == nil)
  }

  @Test("without data for validation nothing was measured")
  func noValidation() throws {
    let record = try read(
      RecordedRun(metrics: [
        #"{"event":"epoch","epoch":0,"steps":8,"loss":0,"accuracy":0,"correct":0,"count":0,"milliseconds":1500}"#
      ]))
    #expect(record.validation == nil && record.validationCurves.loss.isEmpty && record.epochs == 1)
  }

  @Test(
    "a damaged line is left out, the others are read",
    arguments: [
      (#"{"event":"epoch","epoch":9,"steps":99"#, "cut off"), ("[1, 2]", "not an object"),
      ("{\"steps\": 9}", "no event"),
      ("\u{0}\u{1}\u{2}", "bytes"),
      (String(repeating: "[", count: 100_000), "nested so deep that a parser would crash"),
      (#"{"event":"sample","text":""# + String(repeating: "x", count: 2 << 20) + "\"}", "larger than a line may be"),
    ])
  func damage(_ line: String, _ reason: String) throws {
    let tool = try Tool()
    var run = RecordedRun.classification
    run.metrics.insert(line, at: 3)
    try run.write(to: tool.folder, "run")
    let result = try tool.run("compare", "run")
    result.expectSuccess()
    #expect(result.errors == "run/metrics.jsonl: left out 1 damaged line\n")
    #expect(result.output.contains(" 90.00 % |") && result.output.contains(" 2 | "))
  }

  @Test("odd numbers do no harm")
  func oddNumbers() throws {
    let record = try read(
      RecordedRun(metrics: [
        #"{"event":"step","epoch":0,"step":9e18,"loss":null,"accuracy":"x"}"#,
        #"{"event":"epoch","steps":-3,"loss":1e300,"accuracy":7,"correct":0.5,"milliseconds":1e308}"#,
        #"{"event":"epoch","steps":9007199254740992,"loss":1e300,"milliseconds":1e308}"#,
        #"{"event":"step","step":9007199254740992,"loss":1}"#, "", #"{"event":"unknown","x":true}"#,
        #"{"event":"test"}"#,
      ]))
    #expect(record.steps == 1 << 54 + 1 && record.epochs == 2 && record.isComplete)
    #expect(record.test == .init(others: [:]) && record.validation?.accuracy == nil)
  }

  @Test("of many samples the first one and the last ones are kept")
  func manySamples() throws {
    let lines = (1...100).map { "{\"event\":\"sample\",\"steps\":\($0),\"text\":\"s\"}" }
    #expect(try read(RecordedRun(metrics: lines)).samples.map(\.steps) == [1] + Array(94...100))
  }

  @Test("metrics may be missing, or have no last line break")
  func noMetrics() throws {
    let folder = try TemporaryDirectory()
    let path = try RecordedRun().write(to: folder, "run")
    try folder.write(Array(#"{"event":"test","loss":2}"#.utf8), to: "run/metrics.jsonl")
    #expect(try RunRecord(folder: path).test?.loss == 2)
    try FileManager.default.removeItem(atPath: path + "/metrics.jsonl")
    #expect(try RunRecord(folder: path).test == nil)
  }

  @Test("lines across the pieces in which a file is read, up to a limit")
  func lines() throws {
    let folder = try TemporaryDirectory()
    let texts = (0..<300).map { String(repeating: "\($0 % 10)", count: $0 * 7) }
    let path = try folder.write(Array(texts.joined(separator: "\n").utf8), to: "lines")
    var found: [String?] = []
    UntrustedFile.forEachLine(of: path) { found.append($0.map { String(decoding: $0, as: UTF8.self) }) }
    #expect(found == texts)
    found = []
    UntrustedFile.forEachLine(of: path, limit: 1 << 17) { found.append($0.map { String(decoding: $0, as: UTF8.self) }) }
    #expect(found.last == .some(nil), "what lies beyond the limit")
    #expect(found.dropLast() == texts.prefix(found.count - 1).map(Optional.some)[...] && found.count > 100)
  }

  @Test("folders of options and data are left out")
  func withoutFolders() {
    #expect(
      RunRecord.withoutFolders("/home/somebody/a.txt") == "…/a.txt" && RunRecord.withoutFolders("../x/a") == "…/a")
    #expect(RunRecord.withoutFolders("0.01") == "0.01" && RunRecord.withoutFolders("/") == "…/")
    #expect(RunRecord.lastPart("a/b") == "b" && !RunRecord.lastPart(".").isEmpty && RunRecord.lastPart(".") != ".")
  }
}
