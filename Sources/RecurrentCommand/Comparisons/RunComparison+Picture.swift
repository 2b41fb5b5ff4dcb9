import ArgumentParser
import RecurrentCharts
import RecurrentSupport

extension RunComparison {
  /// What the picture of a comparison shows.
  enum Measure: String, CaseIterable, ExpressibleByArgument {
    case loss, accuracy

    fileprivate func curve(of run: RunRecord) -> DownsampledCurve {
      switch self {
      case .loss: run.validationCurves.loss
      case .accuracy: run.validationCurves.accuracy
      }
    }
  }

  /// The most lines of a picture: each of the six colors twice, with a name at the end of each line.
  static let mostLines = 12

  /// A line of validation results over the steps for each of the first runs, and how many runs have none or no room.
  func picture(of measure: Measure) -> (picture: LineChart, missing: Int) {
    let curves = zip(runs, lineNames).map { (name: $1, curve: measure.curve(of: $0)) }.filter { !$0.curve.isEmpty }
    let shown = curves.prefix(Self.mostLines)
    let data = Set(runs.map(\.dataInPictures)).sorted()
    let remarks = shown.compactMap { $0.curve.remark($0.name) } + ["Data: \(data.joined(separator: "; "))."]
    // The late changes of a loss are small compared to the early ones.
    let chart = LineChart(
      title: "Validation \(measure.rawValue) of each run", x: "step", y: "validation \(measure.rawValue)",
      lines: shown.map { $0.curve.line($0.name) }, yScale: measure == .loss ? .logarithmic : .linear,
      remark: remarks.joined(separator: " "))
    return (chart, runs.count - shown.count)
  }

  /// A short name for each run's line, without folders: the options that differ if they tell the runs apart, otherwise
  /// the run's name.
  private var lineNames: [String] {
    let options = columns.filter(\.isSetting)
    let names = runs.indices.map { row in
      options.map { "\($0.title)=\(RunRecord.withoutFolders($0.cells[row]?.text ?? "–"))" }.joined(separator: " ")
    }
    let chosen = Set(names).count == names.count && runs.count > 1 ? names : runs.map(\.name)
    return chosen.map { $0.shown() }
  }

  /// What keeps the results from being compared, one notice for each reason.
  var notices: [String] {
    func notice(_ what: String, _ values: [String]) -> String? {
      let found = Set(values).sorted()
      if found.count < 2 { return nil }
      let list = found.prefix(4).joined(separator: ", ") + (found.count > 4 ? " and \(found.count - 4) more" : "")
      return "the runs have different \(what), so their results cannot be compared: \(list)"
    }
    if let tasks = notice("tasks", runs.map { $0.configuration.task.shown() }) { return [tasks] }
    let data = runs.map { run in
      let data = run.configuration.data
      // The same files may lie in another folder, and drawn data differ by their seed: what counts is how they are named.
      return "\(data.name.shown()) (\(data.validationCount.grouped) for validation, \(data.testCount.grouped) for test)"
    }
    return notice("data", data).map { [$0] } ?? []
  }
}
