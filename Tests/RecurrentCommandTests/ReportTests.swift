import Foundation
import Recurrent
import RecurrentCharts
import RecurrentSupport
import TestSupport
import Testing

@testable import RecurrentCommand

/// `report.html`: it can be parsed, and holds what the files of the run hold.
@Suite struct ReportTests {
  private static let training = ["train", "mnist", "--layers", "1", "--hidden-size", "5", "--run-dir", "run"]

  private func report(_ tool: Tool, _ name: String = "run") throws -> MarkupElement {
    try MarkupElement.parse(RunFiles(tool, name).picture("report.html"))
  }

  /// The cells of all rows, by the name of the row.
  private func cells(_ page: MarkupElement) -> [String: [String]] {
    let rows = page.all(named: "tr").filter { !$0.all(named: "td").isEmpty }
    return Dictionary(
      rows.map { ($0.all(named: "th").first?.text ?? "", $0.all(named: "td").map(\.text)) }, uniquingKeysWith: { $1 })
  }

  private func headings(_ page: MarkupElement) -> [String] { page.all(named: "h2").map(\.text) }

  @Test func holdsTheRun() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let folder = tool.folder.path(ImageFiles.folder)
    let result = try tool.run(Self.training + ["--data-dir", folder, "--epochs", "2"])
    result.expectSuccess()
    #expect(result.errors.hasSuffix("\nreport: run/report.html\n"))
    let run = RunFiles(tool, "run")
    let page = try report(tool)
    #expect(page.all(named: "h1").map(\.text) == ["mnist on images in the form of MNIST"])
    #expect(headings(page) == ["Results", "Pictures", "Configuration", "How to repeat it"])
    let (table, test) = (cells(page), try #require(run.events("test").first))
    let validation = try #require(run.events("epoch").last)
    let accuracies = [validation, test].compactMap { ($0["accuracy"] as? Double).map { (100 * $0).fixed(2) + " %" } }
    #expect(table["accuracy"] == accuracies && accuracies.count == 2)
    #expect(table["loss"] == [validation, test].compactMap { ($0["loss"] as? Double)?.sixDigits })
    let texts = page.all(named: "p").map(\.text)
    let correct = try #require(test["correct"] as? Int)
    #expect(texts[0].hasPrefix("Run run. Test accuracy: \(accuracies[1]) (\(correct) of 50)."))
    #expect(texts[1] == "The test set is images in the form of MNIST (images), not MNIST.")
    let interval = try run.network().evaluate(on: ImageFiles.test).interval
    #expect(
      table["95 % interval"]?.last
        == "\((100 * interval.lowerBound).fixed(2)) … \((100 * interval.upperBound).fixed(2)) %")
    // Every option, the network and the circumstances.
    let options = try #require(run.configuration()["options"] as? [String: Any])
    for name in options.keys { #expect(table["--\(name)"] != nil, "\(name)") }
    #expect(table["--hidden-size"] == ["5"] && table["--data-dir"] == ["…/images"])
    #expect(table["network"] == [try run.describedNetwork().description] && table["version"] == ["recurrent 0.1.0"])
    #expect(table["kernels"] == [try #require(run.configuration()["instructionSet"] as? String)])
    #expect(page.all(named: "code").map(\.text) == ["recurrent train mnist --config config.json"])
    // The pictures are those of the files.
    let pictures = page.all(named: "svg")
    #expect(pictures.count == 4)
    for (picture, name) in zip(pictures, RunPicture.allCases.map(\.fileName)) {
      let original = try MarkupElement.parse(run.picture(name)).all.filter { $0.name != "style" }
      #expect(picture.all.map(\.attributes) == original.map(\.attributes), "\(name)")
    }
    #expect(try !run.picture("report.html").contains(folder), "folders are not published")
    #expect(try !run.picture("report.html").contains(tool.folder.path))
  }

  @Test("the command writes the same report again, and it repeats the run")
  func again() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.training + ["--data-dir", ImageFiles.folder, "--max-steps", "2"]).expectSuccess()
    let first = try RunFiles(tool, "run").picture("report.html")
    try FileManager.default.removeItem(atPath: tool.folder.path("run/report.html"))
    for _ in 0..<2 {
      let result = try tool.run("report", "run/")
      result.expectSuccess()
      #expect(result.output == "run/report.html\n" && result.errors == "")
      #expect(try RunFiles(tool, "run").picture("report.html") == first)
    }
    try tool.run("train", "mnist", "--config", "run/config.json", "--run-dir", "again").expectSuccess()
    #expect(RunFiles(tool, "again").model == RunFiles(tool, "run").model)
  }

  @Test(
    "measures are called by words",
    arguments: [
      ("bitsPerCharacter", "bits per character"), ("perplexity", "perplexity"), ("mase", "MASE"),
      ("rmse flow", "RMSE of flow"), ("naive mase net sales", "naive MASE of net sales"),
      ("median nse rmse flow", "median NSE of rmse flow"), ("my measure", "my measure"), ("", ""),
    ])
  func words(key: String, words: String) { #expect(MeasureName.words(key) == words) }

  @Test func textSeriesAndTask() throws {
    let tool = try Tool()
    try RecordedRun.text.write(to: tool.folder, "play")
    try RecordedRun.regression.write(to: tool.folder, "river")
    try RecordedRun.task.write(to: tool.folder, "parity")
    for name in ["play", "river", "parity"] { try tool.run("report", name).expectSuccess() }

    let play = try report(tool, "play")
    #expect(play.all(named: "h1").map(\.text) == ["text: play.txt"])
    #expect(play.all(named: "figcaption").map(\.text) == ["After 100 steps", "After 200 steps"])
    #expect(play.all(named: "pre").prefix(2).map(\.text) == ["ROMEO:\n    O <b>", "JULIET:\nAy me!"])
    #expect(cells(play)["perplexity"] == ["4.5", "4.5"] && cells(play)["bits per character"] == ["–", "2.164"])
    #expect(cells(play)["--text"] == ["…/play.txt"] && cells(play)["data"] == ["play.txt (play.txt)"])
    #expect(play.all(named: "p").allSatisfy { $0.attributes["class"] == nil }, "text is not to be taken for MNIST")

    let river = try report(tool, "river")
    #expect(cells(river)["NSE"] == ["–", "0.75"] && cells(river)["loss"] == ["0.5", "0.625"])
    #expect(cells(river)["accuracy"] == nil && cells(river)["95 % interval"] == nil)
    #expect(river.all(named: "p").first?.text == "Run river. Test loss: 0.625. Training took 0.01 s.")

    let parity = try report(tool, "parity")
    #expect(headings(parity).contains("Accuracy by length"))
    #expect(cells(parity)["40"] == ["100.00 %", "512"] && cells(parity)["2,048"] == ["50.00 %", "64"])
  }

  @Test("a run that stopped, or was killed before it drew anything, has its curves and says so")
  func unfinished() throws {
    let tool = try Tool()
    var run = RecordedRun.classification
    run.metrics.removeLast()
    try run.write(to: tool.folder, "run")
    try tool.run("report", "run").expectSuccess()
    let page = try report(tool)
    #expect(
      page.all(named: "p").map(\.text).contains("This run is not complete: it was stopped, or is still in progress."))
    #expect(page.all(named: "p").first?.text.hasPrefix("Run run. Validation accuracy: 80.00 % (16 of 20).") == true)
    let lines = page.all(with: "data-y")
    #expect(lines.map { $0.attributes["data-name"] } == ["training", "validation", "training", "validation"])
    #expect(lines[1].numbers("data-y") == [1, 0.5, 0.25] && lines[3].numbers("data-y") == [0.5, 0.75, 0.8])
    #expect(page.all(named: "p").map(\.text).last?.hasSuffix("No model was kept.") == true)

    try RecordedRun().write(to: tool.folder, "begun")
    try tool.run("report", "begun").expectSuccess()
    #expect(try report(tool, "begun").all(named: "p").first?.text == "Run begun. There is no result.")
  }

  @Test func aRunThatFailsHasAReport() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(
      Self.training + ["--data-dir", ImageFiles.folder, "--learning-rate", "3e38", "--optimizer", "sgd"]
    ).expectFailure(65, "stopped before the end")
    let page = try report(tool)
    #expect(page.all(named: "p").contains { $0.text.hasPrefix("This run is not complete") })
    #expect(page.all(named: "svg").count == 2)
  }

  @Test("texts of others are text, and pictures of others are left out")
  func hostile() throws {
    let tool = try Tool()
    let script = "</pre><script>x()</script>\u{1B}[2J"
    var run = RecordedRun.text
    run.task = "mnist; rm -rf ~ " + script
    run.data.name = script
    run.options = #"{"<script>": "</td><script>x()</script>", "from": "/home/somebody/<b>/m"}"#
    run.metrics = [
      #"{"event":"sample","steps":1,"text":"</pre><script>x()</script>\u001b[2J\u0000"}"#,
      #"{"event":"test","loss":1,"<script>":2}"#,
    ]
    try run.write(to: tool.folder, "run")
    let svg = LineChart(title: "t", x: "x", y: "y", lines: []).svg
    try tool.folder.write(Array(svg.replacing("</svg>", with: "<script>x()</script></svg>").utf8), to: "run/loss.svg")
    try tool.folder.write(Array(svg.utf8), to: "run/accuracy.svg")
    let result = try tool.run("report", "run")
    result.expectSuccess()
    #expect(result.errors == "run/loss.svg: left out of the report, since it is not a picture of this program\n")
    let text = try RunFiles(tool, "run").picture("report.html")
    #expect(!text.contains("\u{1B}") && !text.contains("somebody"))
    let page = try MarkupElement.parse(text)
    #expect(page.all(named: "script").isEmpty && page.all(named: "b").isEmpty && page.all(named: "svg").count == 1)
    #expect(page.all(named: "h1").map(\.text) == ["\(run.task) on \(script)".shown()])
    #expect(page.all(named: "pre").first?.text == "</pre><script>x()</script>\\u{1B}[2J\\u{0}")
    #expect(
      cells(page)["--<script>"] == ["…/script>"] && cells(page)["--from"] == ["…/m"] && cells(page)["<script>"] == ["2"]
    )
    #expect(
      page.all(named: "code").map(\.text) == ["recurrent train --config config.json"], "nothing else is to be typed")
  }

  @Test("a file that is not a report is kept", arguments: ["mine", "", "<!DOCTYPE html>\n<html></html>"])
  func fileOfOthers(_ text: String) throws {
    let tool = try Tool()
    try RecordedRun.classification.write(to: tool.folder, "run")
    try tool.folder.write(Array(text.utf8), to: "run/report.html")
    try tool.run("report", "run").expectFailure(
      73, "run/report.html: found a file that is not a report of this program, expected none; move it away")
    #expect(try RunFiles(tool, "run").picture("report.html") == text)
  }

  @Test(
    "what is not a run",
    arguments: [
      ("nowhere", 66, "nowhere: found no such folder, expected the folder of a run"),
      ("empty", 66, "empty: found a folder without config.json, expected the folder of a run"),
      ("bad", 65, "bad/config.json: found something other than the configuration of a run, expected that of a run"),
    ] as [(String, Int32, String)])
  func errors(_ folder: String, _ status: Int32, _ message: String) throws {
    let tool = try Tool()
    try tool.folder.write(Array("mine".utf8), to: "empty/notes")
    try tool.folder.write(Array("{}".utf8), to: "bad/config.json")
    let result = try tool.run("report", folder)
    result.expectFailure(status, message)
    #expect(result.errors.split(separator: "\n").count == 1 && RunFiles(tool, folder).names.count < 2)
  }
}
