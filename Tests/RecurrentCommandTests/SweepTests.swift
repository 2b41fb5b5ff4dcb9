import ArgumentParser
import Foundation
import Recurrent
import RecurrentCharts
import TestSupport
import Testing

@testable import RecurrentCommand

/// `--sweep`: ordinary runs, one for each combination, and a table of their results.
@Suite struct SweepTests {
  private static let base = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "1", "--hidden-size", "6", "--layers", "1",
  ]
  private static let sweep = base + ["--sweep", "seed=3,0,1", "--sweep", "cell=elman,lstm", "--run-dir", "s"]

  private func results(_ tool: Tool) throws -> [String: Any] {
    let data = try #require(FileManager.default.contents(atPath: tool.folder.path("s/results.json")))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func everyCombinationIsARunAndALineHoldsItsMeans() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(Self.sweep)
    result.expectSuccess()
    let table = try results(tool)
    let rows = try #require(table["rows"] as? [[String: Any]])
    #expect(rows.count == 2 && table["swept"] as? [String] == ["cell"])
    let shared = try #require(table["options"] as? [String: Any])
    #expect(shared["hidden-size"] as? Int == 6 && shared["cell"] == nil && shared["seed"] == nil)

    for (row, cell) in zip(rows, ["elman", "lstm"]) {
      #expect(row["options"] as? [String: String] == ["cell": cell] && row["seeds"] as? [Int] == [3, 0, 1])
      #expect(row["epochs"] as? Double == 1 && row["trainingSeconds"] as? Double ?? 0 > 0)
      let names = [3, 0, 1].map { "cell=\(cell),seed=\($0)" }
      #expect(row["runs"] as? [String] == names)
      for (kind, part) in [("test", "test"), ("epoch", "validation")] {
        let measures = try #require(row[part] as? [String: Any])
        #expect(Array(measures.keys) == ["accuracy"])
        let found = try #require(measures["accuracy"] as? [String: Any])
        let accuracies = try names.map { name in
          try #require(try RunFiles(tool, "s/" + name).events(kind).last?["accuracy"] as? Double)
        }
        let mean = accuracies.reduce(0, +) / 3
        let variance = accuracies.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 2
        #expect(found["values"] as? [Double] == accuracies)
        #expect(abs(try #require(found["mean"] as? Double) - mean) < 1e-12)
        #expect(abs(try #require(found["deviation"] as? Double) - variance.squareRoot()) < 1e-12)
        let text = "\((100 * mean).fixed(2)) ± \((100 * variance.squareRoot()).fixed(2)) %"
        let line = result.outputLines.first { $0.hasPrefix("| \(cell)") }
        #expect(line?.contains(text) == true, "\(text) \(line ?? "")")
      }
    }
    // The picture says what the table says.
    let picture = try MarkupElement.parse(RunFiles(tool, "s").picture("spread.svg"))
    for (row, cell) in zip(rows, ["elman", "lstm"]) {
      let dots = picture.all(with: "data-value").filter { $0.attributes["data-group"] == "cell=\(cell)" }
      let accuracy = (row["test"] as? [String: [String: Any]])?["accuracy"]
      let values = try #require(accuracy?["values"] as? [Double])
      #expect(dots.compactMap { $0.numbers("data-value")?[0] } == values.map { 100 * $0 })
    }
    #expect(
      picture.visibleTexts.joined(separator: " ").contains("images in the form of MNIST (images), which are not MNIST"))
    // A run of the sweep is the ordinary run with those options.
    try tool.run(Self.base + ["--cell", "elman", "--seed", "3", "--run-dir", "alone"]).expectSuccess()
    let (alone, inside) = (RunFiles(tool, "alone"), RunFiles(tool, "s/cell=elman,seed=3"))
    #expect(alone.model != nil && alone.model == inside.model)
    #expect(alone.metricsWithoutTimes == inside.metricsWithoutTimes)
    #expect(alone.names == RunFiles.whole && inside.names == RunFiles.whole)
    #expect(try alone.configuration() as NSDictionary == inside.configuration() as NSDictionary)
    try inside.expectWhole()
  }

  @Test func whatIsPrinted() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(Self.sweep)
    result.expectSuccess()
    let numbers = /\d+\.\d\d/
    #expect(
      result.output.replacing(numbers, with: "N").replacing(/[ ]+(N|test)/) { " \($0.1)" }.replacing(/-+/, with: "-")
        == """
        | cell  | seeds | test accuracy | validation accuracy | parameters | epochs | time per run |
        | - | -: | -: | -: | -: | -: | -: |
        | elman |     3 | N ± N % | N ± N % |        280 |      1 | N s |
        | lstm  |     3 | N ± N % | N ± N % |        910 |      1 | N s |

        Results are means over seeds ± sample standard deviation, on images in the form of MNIST (images), which are not \
        MNIST. Times are those of training without validation.

        """)
    #expect(
      result.errors.replacing(numbers, with: "N") == """
        6 runs; results in s
        run 1 of 6, cell=elman seed=3: test accuracy N %, N s
        run 2 of 6, cell=elman seed=0: test accuracy N %, N s
        run 3 of 6, cell=elman seed=1: test accuracy N %, N s
        run 4 of 6, cell=lstm seed=3: test accuracy N %, N s
        run 5 of 6, cell=lstm seed=0: test accuracy N %, N s
        run 6 of 6, cell=lstm seed=1: test accuracy N %, N s
        table: s/results.md, picture: s/spread.svg

        """)
    let file = String(
      decoding: try #require(FileManager.default.contents(atPath: tool.folder.path("s/results.md"))), as: UTF8.self)
    for line in result.outputLines where !line.isEmpty { #expect(file.contains(line)) }
    #expect(file.hasPrefix("# Sweep of `recurrent train mnist`\n\n| cell "))
    #expect(file.contains("`hidden-size` 6, `initializer` tensorflow1, "))
  }

  @Test func runsThatAreThereAreNotDoneAgain() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    // The first runs, of which one was stopped: it has a model, and neither a result nor a checkpoint.
    try tool.run(Self.base + ["--sweep", "cell=elman", "--sweep", "seed=0,1", "--run-dir", "s"]).expectSuccess()
    let (whole, stopped) = (RunFiles(tool, "s/cell=elman,seed=0"), RunFiles(tool, "s/cell=elman,seed=1"))
    let (metrics, model) = (whole.metricsLines, stopped.model)
    try tool.folder.write(Array((stopped.metricsLines[0] + "\n").utf8), to: "s/cell=elman,seed=1/metrics.jsonl")
    try FileManager.default.removeItem(atPath: tool.folder.path("s/cell=elman,seed=1/checkpoints"))
    let result = try tool.run(Self.sweep + ["--threads", "1"])
    result.expectSuccess()
    #expect(result.errors.hasPrefix("6 runs, 1 of them already complete; results in s\n"))
    #expect(
      result.errors.contains("cell=elman seed=0: test accuracy ") && result.errors.contains(" %, already complete\n"))
    #expect(whole.metricsLines == metrics, "with the times of then")
    #expect(stopped.model == model && stopped.count("test") == 1, "it was done from its beginning")

    // What another run has left is not touched.
    let other = try tool.run(Self.sweep + ["--epochs", "2"])
    other.expectFailure(
      73, "s/cell=elman,seed=3: found a run with --epochs 1, expected 2; name another folder with --run-dir")
    #expect(other.output == "" && whole.metricsLines == metrics)
    try tool.folder.write(Array("{}".utf8), to: "s/cell=elman,seed=3/config.json")
    try tool.run(Self.sweep).expectFailure(
      73, "s/cell=elman,seed=3: found a run with config.json and no readable configuration")
    #expect(RunFiles(tool, "s/cell=elman,seed=3").model != nil)
    // Nor is a run mistaken for a sweep.
    try tool.run(Self.base + ["--run-dir", "alone"]).expectSuccess()
    try tool.run(Self.base + ["--sweep", "seed=0,1", "--run-dir", "alone"]).expectFailure(
      73, "alone: found config.json in it")
  }

  @Test func stoppedAndTakenUpAgain() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let sweep =
      Self.base + [
        "--epochs", "40", "--sweep", "seed=0,1", "--sweep", "batch-size=5,6", "--run-dir", "s", "--hidden-size", "30",
      ]
    let process = try tool.start(sweep)
    let second = RunFiles(tool, "s/batch-size=5,seed=1")
    #expect(process.wait { second.count("epoch") >= 1 })
    process.send(SIGINT)
    process.wait().expectFailure(
      130, "run 2 of 4, batch-size=5 seed=1: stopped before the end:",
      "'recurrent resume s' goes on with the sweep")
    let result = try tool.run(sweep)
    result.expectSuccess()
    #expect(result.errors.contains("4 runs, 1 of them already complete") && second.count("epoch") == 40)
    #expect(try results(tool)["swept"] as? [String] == ["batch-size"])
  }

  @Test func flagsFilesAndPlainTrain() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.base + ["--seed", "9", "--run-dir", "a"]).expectSuccess()
    try tool.run("train", "--config", "a", "--sweep", "shuffle=true,false", "--run-dir", "s").expectSuccess()
    let rows = try #require(try results(tool)["rows"] as? [[String: Any]])
    #expect(rows.map { $0["options"] as? [String: Bool] } == [["shuffle": true], ["shuffle": false]])
    #expect(rows.map { $0["seeds"] as? [Int] } == [[9], [9]])
    let accuracy = try #require((rows[0]["test"] as? [String: [String: Any]])?["accuracy"])
    #expect(accuracy["deviation"] == nil && (accuracy["values"] as? [Double])?.first == accuracy["mean"] as? Double)
    #expect(RunFiles(tool, "s/shuffle=true").model == RunFiles(tool, "a").model)
    #expect(RunFiles(tool, "s/shuffle=false").model != RunFiles(tool, "a").model)
    // A value with a slash has a folder all the same; without a name, the folder of the sweep is a fresh one.
    try tool.run(
      "train", "mnist", "--data-dir", ImageFiles.folder, "--max-steps", "1", "--sweep", "from=a,a/model.safetensors"
    ).expectSuccess()
    let fresh = try #require(try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("runs")).first)
    #expect(fresh.hasPrefix("sweep-mnist-"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("runs/\(fresh)")).sorted() == [
        "from=a", "from=a%2Fmodel.safetensors", "results.json", "results.md", "spread.svg", "sweep.json",
      ])
  }

  @Test func progressOnATerminal() throws {
    let terminal = try PseudoTerminal(columns: 80)
    let tool = try Tool(environment: ["TERM": "xterm"])
    try ImageFiles.write(to: tool.folder)
    let process = try tool.start(Self.sweep, terminal: terminal.tail)
    process.wait().expectSuccess()
    let text = terminal.text()
    #expect(
      text.contains("\r\u{1B}[Krun 1 of 6, epoch 0 (1 of 1) ")
        && text.contains("\r\u{1B}[Krun 6 of 6, epoch 0 (1 of 1) "))
    #expect(!text.contains("model:"), "what a single run says is left out")
  }

  /// A measure of a task, and what a table says of it.
  struct JudgedTask: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    /// The names of the test's measures in `metrics.jsonl`, and the columns of the table.
    let keys: [String]
    let columns: [String]
    let reason: String
    var testDescription: String { reason }
  }

  private static let files = [
    "sales.csv": SeriesFiles.sales(), "rivers.csv": SeriesFiles.rivers(8, seed: 3),
    "book.txt": String(repeating: "the quick brown fox jumps over the lazy dog\n", count: 40),
  ]

  @Test(
    "a table shows what a task is judged by",
    arguments: [
      JudgedTask(
        arguments: ["series", "sales.csv", "--forecast", "6", "--validation-share", "0.2"] + SeriesFiles.small,
        keys: ["mase sales"], columns: ["test MASE of sales", "validation mean squared error"],
        reason: "forecasts, beside the naive one"),
      JudgedTask(
        arguments: [
          "series", "rivers.csv", "--id", "basin", "--time", "day", "--target", "flow", "--per-step",
          "--validation-share", "0.25",
        ] + SeriesFiles.small,
        keys: ["rmse flow", "nse flow"],
        columns: ["test RMSE of flow", "test NSE of flow", "validation mean squared error"],
        reason: "values, which have no accuracy"),
      JudgedTask(
        arguments: ["text", "book.txt", "--hidden-size", "8", "--epochs", "1", "--sample", "0"],
        keys: ["natsPerCharacter"], columns: ["test nats per character", "validation nats per token"],
        reason: "text, of which most tokens cannot be known"),
      JudgedTask(
        arguments: [
          "task", "adding", "--hidden-size", "8", "--max-steps", "4", "--longest-length", "8", "--test-length", "10",
          "--proving-length", "10", "--consolidation-steps", "2", "--test-sequences", "20",
        ],
        keys: ["loss"], columns: ["test mean squared error", "validation mean squared error"],
        reason: "sums, which are solved by their squared error"),
      JudgedTask(
        arguments: [
          "task", "parity", "--hidden-size", "8", "--max-steps", "4", "--longest-length", "8", "--test-length", "10",
          "--proving-length", "10", "--consolidation-steps", "2", "--test-sequences", "20",
        ],
        keys: ["accuracy"], columns: ["test accuracy", "validation accuracy"], reason: "classes"),
    ])
  func measures(_ task: JudgedTask) throws {
    let tool = try SeriesFiles.tool(Self.files)
    let result = try tool.run(["train"] + task.arguments + ["--sweep", "seed=0,1", "--run-dir", "s"])
    result.expectSuccess()
    let head = try #require(result.outputLines.first)
    let columns = head.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    #expect(columns == ["seeds"] + task.columns + ["parameters", "epochs", "time per run"])
    let row = try #require((try results(tool)["rows"] as? [[String: Any]])?.first)
    let test = try #require(row["test"] as? [String: [String: Any]])
    #expect(Set(test.keys) == Set(task.keys))
    for key in task.keys {
      let recorded = try (0..<2).map { seed in
        try #require(try RunFiles(tool, "s/seed=\(seed)").events("test").last?[key] as? Double)
      }
      #expect(test[key]?["values"] as? [Double] == recorded)
    }
    // The picture is of the first one, and notices name all of them.
    let picture = try MarkupElement.parse(RunFiles(tool, "s").picture("spread.svg"))
    let scale = task.keys[0] == "accuracy" ? 100.0 : 1
    let dots = picture.all(with: "data-value").compactMap { $0.numbers("data-value")?[0] }
    let values = try #require(test[task.keys[0]]?["values"] as? [Double]).map { scale * $0 }
    // JSON is read to fewer bits than it is written with.
    #expect(dots.count == values.count && zip(dots, values).allSatisfy { abs($0 - $1) < 1e-12 })
    let axis = task.columns[0] + (scale == 1 ? "" : ", %")
    #expect(picture.visibleTexts.contains(axis), "\(picture.visibleTexts)")
    for column in task.columns where column.hasPrefix("test") {
      #expect(result.errors.contains(column + " "), "\(result.errors)")
    }
  }

  @Test("table, picture and notices round a figure once, in one way")
  func theSameDigitsEverywhere() throws {
    let accuracy = SweepMeasure(.test, "accuracy", words: "accuracy")
    // Their mean is 47.515 as people write it, and a little less as a double.
    let row = SweepResults.Row(
      options: RecordedOptions(of: try RunOptions.parse([])), seeds: [0, 1],
      test: ["accuracy": .init([0.5003, 0.45])], validation: [:], parameterCount: 1, epochs: 1, trainingSeconds: 1,
      runs: ["a", "b"])
    let results = SweepResults(
      version: "1", task: "digits", data: "digits", dataInPictures: "digits",
      options: RecordedOptions(of: try RunOptions.parse([])), swept: [], measures: [accuracy], rows: [row])
    let figure = try #require(row.mean(of: accuracy)).text(for: accuracy)
    #expect(results.table.joined().contains(figure) && figure.hasPrefix("47.5"))
    #expect(try MarkupElement.parse(results.spread.svg).visibleTexts.contains(figure))
  }

  @Test func meanAndSampleStandardDeviation() {
    let mean = SweepResults.Mean([0.9, 0.92, 0.97])
    #expect(abs(mean.mean - 0.93) < 1e-12 && abs((mean.deviation ?? 0) - 0.0013.squareRoot()) < 1e-12)
    let accuracy = SweepMeasure(.test, "accuracy", words: "accuracy")
    #expect(mean.text(for: accuracy) == "93.00 ± 3.61 %")
    #expect(
      SweepResults.Mean([0.5]).text(for: accuracy) == "50.00 %", "one value says nothing of a deviation")
    #expect(SweepResults.Mean([0.5, 0.5]).text(for: accuracy) == "50.00 ± 0.00 %")
  }

  @Test(
    "other values than fractions have four significant digits, whatever their size, and deviations the same decimals",
    arguments: [
      ([0.5, 0.6], "0.5500 ± 0.0707"), ([1.5], "1.500"), ([123.4567], "123.5"), ([-12.3456], "-12.35"),
      ([12_345.6], "12346"), ([0.000_123_45], "0.0001234"), ([0], "0.0000"), ([1.2e9], "1.2e+09"),
      ([1e-7, 3e-7], "2e-07 ± 1.41421e-07"),
    ] as [([Double], String)])
  func digitsOfValues(_ values: [Double], _ text: String) {
    #expect(SweepResults.Mean(values).text(for: SweepMeasure(.test, "mase x", words: "MASE of x")) == text)
  }
}
