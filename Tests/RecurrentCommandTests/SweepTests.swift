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
      for (kind, key) in [("test", "testAccuracy"), ("epoch", "validationAccuracy")] {
        let found = try #require(row[key] as? [String: Any])
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
      let values = try #require((row["testAccuracy"] as? [String: Any])?["values"] as? [Double])
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

        Accuracies are means over seeds ± sample standard deviation, on images in the form of MNIST (images), which are not \
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
    let accuracy = try #require(rows[0]["testAccuracy"] as? [String: Any])
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

  @Test("table, picture and notices round a figure once, in one way")
  func theSameDigitsEverywhere() throws {
    // Their mean is 47.515 as people write it, and a little less as a double.
    let row = SweepResults.Row(
      options: RecordedOptions(of: try RunOptions.parse([])), seeds: [0, 1], testAccuracy: .init([0.5003, 0.45]),
      validationAccuracy: nil, parameterCount: 1, epochs: 1, trainingSeconds: 1, runs: ["a", "b"])
    let results = SweepResults(
      version: "1", task: "digits", data: "digits", dataInPictures: "digits",
      options: RecordedOptions(of: try RunOptions.parse([])), swept: [], rows: [row])
    let figure = row.testAccuracy.percent
    #expect(results.table.joined().contains(figure) && figure.hasPrefix("47.5"))
    #expect(try MarkupElement.parse(results.spread.svg).visibleTexts.contains(figure))
  }

  @Test func meanAndSampleStandardDeviation() {
    let mean = SweepResults.Mean([0.9, 0.92, 0.97])
    #expect(abs(mean.mean - 0.93) < 1e-12 && abs((mean.deviation ?? 0) - 0.0013.squareRoot()) < 1e-12)
    #expect(mean.percent == "93.00 ± 3.61 %")
    #expect(SweepResults.Mean([0.5]).percent == "50.00 %", "one value says nothing of a deviation")
    #expect(SweepResults.Mean([0.5, 0.5]).percent == "50.00 ± 0.00 %")
  }
}
