import Recurrent
import RecurrentCharts
import RecurrentSupport

extension RunReport {
  private var configuration: RunConfiguration { run.configuration }

  /// The page.
  var page: ReportPage {
    ReportPage(
      title: title,
      introduction: [.paragraph("Run \(run.name). \(outcome)")]
        + (run.caveat.map { [.caveat($0)] } ?? [])
        + (run.isComplete ? [] : [.caveat("This run is not complete: it was stopped, or is still in progress.")]),
      sections: [
        .init("Results", results), .init("Pictures", pictures.isEmpty ? [] : [.pictures(pictures)]),
        .init("Accuracy by length", lengths),
        .init("Samples", run.samples.map { .text($0.text, caption: Self.caption($0)) }),
        .init("Configuration", [.table(about), .table(options)]), .init("How to repeat it", repetition),
      ])
  }

  /// The task and what it was done on: images and made sequences have a name, files of users are called by it.
  private var title: String {
    let (task, data) = (configuration.task, configuration.data)
    switch TaskKind(rawValue: task) {
    case .text, .series: return "\(task): \(RunPicture.shortSource(data.source))"
    case .task: return "\(task): \(data.name)"
    case .mnist, .digits, nil: return "\(task) on \(data.name)"
    }
  }

  /// The result in a sentence or two.
  private var outcome: String {
    guard let result = run.test ?? run.validation else { return "There is no result." }
    let part = run.test == nil ? "Validation" : "Test"
    var sentences: [String] = []
    if let accuracy = result.accuracy {
      let counts = result.correct.flatMap { correct in
        result.count.map { " (\(correct.grouped) of \($0.grouped))" }
      }
      sentences.append("\(part) accuracy: \(Self.percent(accuracy))\(counts ?? "").")
    }
    if let loss = result.loss { sentences.append("\(part) loss: \(loss.sixDigits).") }
    if let seconds = run.trainingSeconds { sentences.append("Training took \(seconds.fixed(2)) s.") }
    return sentences.joined(separator: " ")
  }

  /// What was measured, on the validation and the test data.
  private var results: [ReportPage.Block] {
    let parts = [("validation", run.validation), ("test", run.test)].compactMap { name, measures in
      measures.map { (name: name, measures: $0) }
    }
    let others = Set(parts.flatMap { $0.measures.others.keys }).sorted()
    let rows: [(String, (RunRecord.Measures) -> String?)] =
      [
        ("loss", { $0.loss?.sixDigits }), ("accuracy", { $0.accuracy.map(Self.percent) }),
        ("95 % interval", Self.interval), ("predicted correctly", { $0.correct?.grouped }),
        ("predictions", { $0.count?.grouped }),
      ] + others.map { name in (MeasureName.words(name), { $0.others[name]?.sixDigits }) }
    let cells = rows.map { name, text in [name] + parts.map { text($0.measures) ?? "–" } }
      .filter { $0.dropFirst().contains { $0 != "–" } }
    let table = ReportPage.Table(columns: ["measure"] + parts.map(\.name), rows: cells, hasNumbers: true)
    return parts.isEmpty ? [] : [.table(table)]
  }

  private var lengths: [ReportPage.Block] {
    if run.lengths.isEmpty { return [] }
    let rows = run.lengths.map { [$0.length.grouped, Self.percent($0.accuracy), $0.count.grouped] }
    return [.table(.init(columns: ["steps", "accuracy", "count"], rows: rows, hasNumbers: true))]
  }

  /// The data, the network and the circumstances.
  private var about: ReportPage.Table {
    let data = configuration.data
    let rows: [(String, String?)] = [
      ("task", configuration.task), ("data", "\(data.name) (\(RunPicture.shortSource(data.source)))"),
      ("for training", data.trainingCount.grouped), ("for validation", data.validationCount.grouped),
      ("for test", data.testCount.grouped), ("network", configuration.network?.description),
      ("parameters", configuration.parameterCount.grouped),
      ("epochs finished", run.epochs.grouped), ("training steps", run.steps.grouped),
      ("training time", run.trainingSeconds.map { $0.fixed(2) + " s" }), ("threads", "\(configuration.threads)"),
      ("kernels", configuration.instructionSet), ("version", "\(configuration.program) \(configuration.version)"),
    ]
    return .init(columns: ["run", ""], rows: rows.compactMap { name, text in text.map { [name, $0] } })
  }

  private var options: ReportPage.Table {
    let options = configuration.options
    return .init(
      columns: ["option", "value"],
      rows: options.names.map { ["--\($0)", RunRecord.withoutFolders(options[$0]?.text ?? "–")] })
  }

  private var repetition: [ReportPage.Block] {
    // A configuration may name any task, and people copy commands.
    let isWord = configuration.task.wholeMatch(of: /[a-z][a-z0-9-]*/) != nil
    let model = hasModel ? "\(ModelFile.name) in the same folder holds the model." : "No model was kept."
    return [
      .paragraph("In the folder of this report, whose config.json holds all options and the folder of the data:"),
      .command("recurrent train \(isWord ? configuration.task + " " : "")--config config.json"),
      .paragraph(
        "The same seed gives the same numbers on any number of threads, except for times; results with portable kernels "
          + "differ in the last digits. \(model)"),
    ]
  }

  private static func caption(_ sample: RunRecord.Sample) -> String {
    sample.steps.map { "After \(quantity($0, "step"))" } ?? "Sample"
  }

  private static func percent(_ fraction: Double) -> String { (100 * fraction).fixed(2) + " %" }

  private static func interval(_ measures: RunRecord.Measures) -> String? {
    guard let correct = measures.correct, let count = measures.count, correct <= count else { return nil }
    let interval = SequenceModel.Evaluation(recordedLoss: measures.loss ?? 0, correct: correct, count: count).interval
    return "\((100 * interval.lowerBound).fixed(2)) … \(percent(interval.upperBound))"
  }
}
