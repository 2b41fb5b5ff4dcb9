import RecurrentCharts
import RecurrentSupport

/// The results of a sweep: the content of `results.json`, and the table and picture made from it.
struct SweepResults: Encodable {
  /// A mean over seeds, with the sample standard deviation.
  struct Mean: Encodable {
    let mean: Double
    /// √(Σ (x - mean)² / (n - 1)); nil for one value.
    let deviation: Double?
    let values: [Double]

    /// The mean of at least one value.
    init(_ values: [Double]) {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      deviation = values.count > 1 ? (squares / (count - 1)).squareRoot() : nil
      self.values = values
    }

    /// The mean in the unit of a measure: fractions in percent, other values with four significant digits.
    func text(for measure: SweepMeasure) -> String {
      if measure.isFraction {
        return (100 * mean).fixed(2) + (deviation.map { " ± \((100 * $0).fixed(2))" } ?? "") + " %"
      }
      // Beyond these, six digits with an exponent are shorter.
      guard mean == 0 || (1e-4..<1e6).contains(mean.magnitude) else {
        return mean.sixDigits + (deviation.map { " ± \($0.sixDigits)" } ?? "")
      }
      var (decimals, scaled) = (0, mean == 0 ? 0.1 : mean.magnitude)
      while scaled < 1000 { (decimals, scaled) = (decimals + 1, 10 * scaled) }
      return mean.fixed(decimals) + (deviation.map { " ± \($0.fixed(decimals))" } ?? "")
    }
  }

  /// The results of one combination of options other than the seed.
  struct Row: Encodable {
    /// The options that the sweep varies.
    let options: RecordedOptions
    let seeds: [UInt64]
    /// Means over the runs, by the names of measures in `metrics.jsonl`.
    let test: [String: Mean]
    let validation: [String: Mean]
    let parameterCount: Int
    /// Means over the seeds.
    let epochs: Double
    let trainingSeconds: Double
    /// The names of the runs' folders.
    let runs: [String]

    /// The mean of a measure; nil unless all runs have it.
    func mean(of measure: SweepMeasure) -> Mean? { (measure.part == .test ? test : validation)[measure.key] }
  }

  var program = "recurrent"
  let version: String
  let task: String
  /// The name of the images.
  let data: String
  /// The name of the images in pictures, without folders since pictures are published; not in the file.
  let dataInPictures: String
  /// The options that all runs share.
  let options: RecordedOptions
  /// The options that the sweep varies, other than the seed, in the given order.
  let swept: [String]
  /// The measures that judge the runs, in the order of the table's columns; not in the file, whose rows name them.
  let measures: [SweepMeasure]
  let rows: [Row]

  /// The entries of the file.
  enum CodingKeys: String, CodingKey { case program, version, task, data, options, swept, rows }

  /// The names of the files with the results.
  static let fileNames = ["results.json", "results.md", "spread.svg"]

  /// The text of `results.json`.
  var json: String {
    get throws { try JSONText.file(self) }
  }

  /// The table in Markdown, with aligned columns.
  var table: [String] {
    let numbers = ["seeds"] + measures.map { MarkdownTable.cell($0.title) } + ["parameters", "epochs", "time per run"]
    let columns =
      swept.map { MarkdownTable.Column(title: $0, isNumber: false) }
      + numbers.map { MarkdownTable.Column(title: $0, isNumber: true) }
    let cells = rows.map { row in
      let epochs = row.epochs == row.epochs.rounded() ? Int(row.epochs).grouped : row.epochs.fixed(1)
      let means = measures.map { measure in row.mean(of: measure)?.text(for: measure) ?? "–" }
      return swept.map { MarkdownTable.cell(row.options[$0]?.text) } + ["\(row.seeds.count)"] + means
        + [row.parameterCount.grouped, epochs, row.trainingSeconds.fixed(2) + " s"]
    }
    return MarkdownTable(columns, rows: cells).lines
  }

  /// The first of the test measures, with a dot for each run.
  var spread: SpreadChart {
    let measure = measures.first { $0.part == .test }
    let (title, scale) = (measure?.title.shown() ?? "test", measure?.isFraction == true ? 100.0 : 1)
    let groups = rows.map { row in
      let options = swept.map { "\($0)=\((row.options[$0]?.text ?? "–").shown())" }.joined(separator: " ")
      let seeds = row.seeds.count == 1 ? "one seed" : "\(row.seeds.count) seeds"
      let mean = measure.flatMap { row.mean(of: $0) }
      return SpreadChart.Group(
        options.isEmpty ? seeds : options, mean?.values.map { scale * $0 } ?? [],
        label: measure.flatMap { mean?.text(for: $0) })
    }
    return SpreadChart(
      title: title.prefix(1).uppercased() + title.dropFirst() + " of each run",
      x: title + (measure?.isFraction == true ? ", %" : ""), groups: groups,
      remark: "A dot is a run, the vertical stroke the mean over seeds, the line the sample standard deviation. "
        + "Data: \(dataInPictures).")
  }

  /// The explanation of the table's numbers.
  var explanation: String {
    "Results are means over seeds ± sample standard deviation, on \(data). Times are those of training without validation."
  }

  /// The text of `results.md`.
  var markdown: String {
    let shared = options.names.map { "`\($0)` \((options[$0]?.text ?? "").shown())" }.joined(separator: ", ")
    return """
      # Sweep of `recurrent train \(task)`

      \(table.joined(separator: "\n"))

      \(explanation)

      The other options are the same for all runs: \(shared).

      """
  }
}
