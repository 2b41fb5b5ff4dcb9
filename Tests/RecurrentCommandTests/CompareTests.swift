import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentCommand

/// `compare`: a table and a picture of runs.
@Suite struct CompareTests {
  private static let base = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "1", "--hidden-size", "6", "--layers", "1",
  ]

  /// The cells of a table by the heads of their columns, a row for each run.
  private func rows(_ result: Tool.Result) -> [[String: String]] {
    let lines = result.outputLines.filter { $0.hasPrefix("| ") }.map { line in
      line.dropFirst(2).dropLast(2).split(separator: " | ").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(Set(lines[0]).count == lines[0].count, "no two columns have one head")
    return lines.dropFirst(2).map { Dictionary(zip(lines[0], $0), uniquingKeysWith: { $1 }) }
  }

  @Test func runsAsTheyWere() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.base + ["--cell", "gru", "--learning-rate", "0.02", "--run-dir", "a"]).expectSuccess()
    try tool.run(Self.base + ["--epochs", "2", "--run-dir", "runs/b"]).expectSuccess()
    let result = try tool.run("compare", "a", "runs/b/")
    result.expectSuccess()
    #expect(result.errors == "", "the same data")
    let table = rows(result)
    #expect(table.map { $0["run"] } == ["a", "b"] && table.map { $0["cell"] } == ["gru", "lstm"])
    #expect(
      table.map { $0["learning-rate"] } == ["0.02", "0.01"] && table.map { $0["finished epochs"] } == ["1", "2"])
    #expect(table.map { $0["epochs"] } == ["1", "2"], "the option has a column of its own")
    #expect(table.map { $0["training steps"] } == ["4", "8"])
    #expect(
      Set(table[0].keys) == [
        "run", "cell", "epochs", "learning-rate", "parameters", "finished epochs", "training steps", "training time",
        "validation loss", "validation accuracy", "test loss", "test accuracy",
      ], "no option that is the same for both")
    for (row, name) in zip(table, ["a", "runs/b"]) {
      let run = RunFiles(tool, name)
      #expect(row["parameters"] == (try run.configuration()["parameterCount"] as? Int)?.grouped)
      for (part, event) in [("validation", "epoch"), ("test", "test")] {
        let found = try #require(run.events(event).last)
        #expect(row["\(part) loss"] == (found["loss"] as? Double)?.sixDigits)
        #expect(row["\(part) accuracy"] == (found["accuracy"] as? Double).map { (100 * $0).fixed(2) + " %" })
      }
    }
  }

  @Test("tasks of all kinds side by side; what a run does not have is a dash")
  func allTasks() throws {
    let tool = try Tool()
    var stopped = RecordedRun.classification
    stopped.metrics.removeLast(2)
    let runs: [(String, RecordedRun)] = [
      ("images", .classification), ("stopped", stopped), ("play", .text), ("river", .regression), ("parity", .task),
    ]
    for (name, run) in runs { try run.write(to: tool.folder, name) }
    let result = try tool.run(["compare"] + runs.map(\.0))
    result.expectSuccess()
    #expect(
      result.errors
        == "the runs have different tasks, so their results cannot be compared: mnist, series, task, text\n")
    let table = rows(result)
    #expect(table.map { $0["run"] } == ["images", "stopped (not complete)", "play", "river", "parity"])
    #expect(table.map { $0["data"] } == ["MNIST", "MNIST", "play.txt", "river", "parity"])
    #expect(table.map { $0["window"] } == ["–", "–", "64", "–", "–"] && table[0]["seed"] == nil)
    #expect(table.map { $0["training time"] } == ["2.00 s", "1.50 s", "–", "0.01 s", "0.01 s"])
    #expect(table.map { $0["test loss"] } == ["0.375", "–", "1.5", "0.625", "0.5"])
    #expect(table.map { $0["test accuracy"] } == ["90.00 %", "–", "50.00 %", "–", "100.00 %"])
    #expect(table.map { $0["test MASE"] } == ["–", "–", "–", "0.875", "–"])
    #expect(table.map { $0["test perplexity"] } == ["–", "–", "4.5", "–", "–"])
    #expect(table.map { $0["accuracy at 2,048"] } == ["–", "–", "–", "–", "50.00 %"])
  }

  @Test func aTableOfOne() throws {
    let tool = try Tool()
    try RecordedRun.classification.write(to: tool.folder, "run")
    let result = try tool.run("compare", "run")
    result.expectSuccess()
    #expect(
      result.output == """
        | run | parameters | finished epochs | training steps | training time | validation loss | validation accuracy | \
        test loss | test accuracy |
        | --- | ---------: | --------------: | -------------: | ------------: | --------------: | ------------------: | \
        --------: | ------------: |
        | run |      1,234 |               2 |             16 |        2.00 s |            0.25 |             80.00 % | \
            0.375 |       90.00 % |

        """)
  }

  @Test("a folder of runs stands for the runs in it")
  func sweeps() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.base + ["--sweep", "cell=elman,gru", "--sweep", "seed=0,1", "--run-dir", "s"]).expectSuccess()
    let result = try tool.run("compare", "s", "--svg", "curves.svg")
    result.expectSuccess()
    #expect(result.errors == "picture: curves.svg\n")
    let table = rows(result)
    #expect(table.map { $0["run"] } == ["elman", "gru"].flatMap { cell in [0, 1].map { "cell=\(cell),seed=\($0)" } })
    #expect(
      table.map { $0["cell"] } == ["elman", "elman", "gru", "gru"] && table.map { $0["seed"] } == ["0", "1", "0", "1"])
    let picture = try MarkupElement.parse(RunFiles(tool, "").picture("curves.svg"))
    let lines = picture.all(with: "data-y")
    #expect(
      lines.map { $0.attributes["data-name"] }
        == ["elman", "gru"].flatMap { c in [0, 1].map { "cell=\(c) seed=\($0)" } })
    for (line, row) in zip(lines, table) { #expect(line.numbers("data-y")?.last?.sixDigits == row["validation loss"]) }
  }

  @Test(
    "sorted by words or numbers, runs without a value last, equal ones as given",
    arguments: [
      (["test-loss"], "b c a d", "numbers"), (["test loss", "--descending"], "a c b d", "from the greatest"),
      (["run"], "a b c d", "words"), (["run", "--descending"], "d c b a", "words from the end"),
      (["parameters"], "c a d b", "all the same"), (["parameters", "--descending"], "c a d b", "all the same"),
      (["size"], "d c a b", "numbers, not digits"),
    ])
  func sorting(_ options: [String], _ expected: String, _ reason: String) throws {
    let tool = try Tool()
    for (name, loss, size) in [("c", 2.5, 9), ("a", 10, 10), ("d", nil, 8), ("b", 1.5, 100)] as [(String, Double?, Int)]
    {
      let metrics = loss.map { ["{\"event\":\"test\",\"loss\":\($0)}"] } ?? []
      try RecordedRun(options: "{\"size\": \(size)}", metrics: metrics).write(to: tool.folder, name)
    }
    let result = try tool.run(["compare", "c", "a", "d", "b", "--sort"] + options)
    result.expectSuccess()
    #expect(rows(result).compactMap { $0["run"]?.prefix(1) }.joined(separator: " ") == expected)
  }

  @Test("the picture holds a line for each run, named in short, and no folders")
  func picture() throws {
    let tool = try Tool()
    for (index, from) in ["/home/somebody/x/a", "/home/somebody/x/b"].enumerated() {
      var run = RecordedRun.classification
      run.options = "{\"from\": \"\(from)\"}"
      try run.write(to: tool.folder, "runs/r\(index)")
    }
    let result = try tool.run("compare", "runs", "--svg", "p.svg", "--measure", "accuracy")
    result.expectSuccess()
    let text = try RunFiles(tool, "").picture("p.svg")
    #expect(!text.contains("somebody"))
    let picture = try MarkupElement.parse(text)
    #expect(picture.all(named: "title").first?.text == "Validation accuracy of each run")
    let lines = picture.all(with: "data-y")
    #expect(lines.map { $0.attributes["data-name"] } == ["from=…/a", "from=…/b"])
    for line in lines {
      #expect(line.numbers("data-x") == [8, 12, 16] && line.numbers("data-y") == [0.5, 0.75, 0.8])
    }
    #expect(picture.visibleTexts.contains("Data: MNIST."))
    // Runs that do not differ in their options have their own names.
    try tool.run("compare", "runs/r0", "--svg", "p.svg").expectSuccess()
    let single = try MarkupElement.parse(RunFiles(tool, "").picture("p.svg")).all(with: "data-y")
    #expect(single.map { $0.attributes["data-name"] } == ["r0"] && single.first?.numbers("data-y") == [1, 0.5, 0.25])
  }

  @Test("more runs than a picture can tell apart, and runs without a line, are counted")
  func manyRuns() throws {
    let tool = try Tool()
    for index in 0..<15 {
      var run = RecordedRun.classification
      run.options = "{\"seed\": \(index)}"
      if index == 0 { run.metrics = [] }
      try run.write(to: tool.folder, "runs/\(index)")
    }
    let result = try tool.run("compare", "runs", "--sort", "seed", "--svg", "p.svg")
    result.expectSuccess()
    #expect(result.errors == "picture: p.svg; 3 runs without validation, or beyond the 12 of a picture\n")
    let lines = try MarkupElement.parse(RunFiles(tool, "").picture("p.svg")).all(with: "data-y")
    #expect(lines.map { $0.attributes["data-name"] } == (1...12).map { "seed=\($0)" })
  }

  @Test("different data of one task are said to be different")
  func differentData() throws {
    let tool = try Tool()
    try RecordedRun.classification.write(to: tool.folder, "a")
    var other = RecordedRun.classification
    other.data.source = "/another/folder"
    try other.write(to: tool.folder, "b")
    #expect(try tool.run("compare", "a", "b").errors == "", "the same files in another folder")
    other.data.testCount = 10
    try other.write(to: tool.folder, "b")
    #expect(
      try tool.run("compare", "a", "b").errors
        == "the runs have different data, so their results cannot be compared: MNIST (20 for validation, 10 for test), "
        + "MNIST (20 for validation, 50 for test)\n")
  }

  @Test(
    "what is not a run",
    arguments: [
      (["nowhere"], 66, "nowhere: found no such folder, expected the folder of a run"),
      (["run", "nowhere"], 66, "nowhere: found no such folder, expected the folder of a run"),
      (["file"], 66, "file: found a file, expected the folder of a run"),
      (["empty"], 66, "empty: found a folder without config.json, expected the folder of a run, or of several runs"),
      (
        ["bad"], 65,
        "bad/config.json: found something other than the configuration of a run, expected that of a run"
      ),
      (
        ["run", "--sort", "x"], 64,
        "--sort: found 'x', expected 'run', 'parameters', 'finished epochs', 'training steps', 'training time', "
          + "'validation loss', 'validation accuracy', 'test loss' or 'test accuracy'"
      ),
      (["run", "--svg", "file"], 73, "file: found a file that is not a picture of this program"),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let tool = try Tool()
    try RecordedRun.classification.write(to: tool.folder, "run")
    try tool.folder.write(Array("mine".utf8), to: "file")
    try tool.folder.write(Array("mine".utf8), to: "empty/notes")
    try tool.folder.write(Array("{}".utf8), to: "bad/config.json")
    let result = try tool.run(["compare"] + arguments)
    result.expectFailure(status, message)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(try RunFiles(tool, "").picture("file") == "mine")
  }

  @Test("names and values from files do not reach the terminal as they are")
  func hostileNames() throws {
    let tool = try Tool()
    for (name, value) in [("a", "x|y\\u001b[2J"), ("b", "z")] {
      var run = RecordedRun.classification
      run.options = "{\"o|\\u001b\": \"\(value)\"}"
      try run.write(to: tool.folder, name)
    }
    let result = try tool.run("compare", "a", "b", "--svg", "p.svg")
    result.expectSuccess()
    #expect(!result.output.contains("\u{1B}") && result.output.contains("x\\|y\\u{1B}[2J"))
    _ = try MarkupElement.parse(RunFiles(tool, "").picture("p.svg"))
  }
}
