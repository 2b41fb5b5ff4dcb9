import RecurrentSupport

/// Runs side by side: what differs in their options, and their results.
struct RunComparison {
  /// A cell of the table: its text, and the number to sort by; nil if there is no value.
  struct Cell {
    let text: String
    var number: Double?
  }

  /// A column with a cell for each run; nil if the run has no such value.
  struct Column {
    let title: String
    /// Whether it is the task, the data or an option, which are there only if the runs differ in them.
    var isSetting = false
    var isNumber = true
    var cells: [Cell?]
  }

  private(set) var runs: [RunRecord]
  /// Columns that have a value for at least one run.
  private(set) var columns: [Column]

  /// The most lengths of sequences that have a column: the greatest ones.
  private static let mostLengths = 8

  /// Compares some runs, in the given order.
  init(_ runs: [RunRecord]) {
    self.runs = runs
    let names = zip(runs, RunRecord.names(of: runs)).map { $1.shown() + ($0.isComplete ? "" : " (not complete)") }
    let columns =
      [Self.text("run", names, isSetting: false)] + Self.differences(runs) + [
        Self.counts("parameters", runs) { $0.configuration.parameterCount },
        Self.counts("finished epochs", runs) { $0.epochs == 0 ? nil : $0.epochs },
        Self.counts("training steps", runs) { $0.steps == 0 ? nil : $0.steps },
        Self.numbers("training time", runs, { $0.fixed(2) + " s" }) { $0.trainingSeconds },
      ] + Self.measures("validation", runs, \.validation) + Self.measures("test", runs, \.test) + Self.lengths(runs)
    self.columns = columns.filter { $0.cells.contains { $0 != nil } }
  }

  /// Sorts the runs by a column, those without a value last; words before numbers.
  ///
  /// - Parameters:
  ///   - title: the column's head, with blanks or dashes between words.
  ///   - descending: whether the greatest value comes first.
  mutating func sort(by title: String, descending: Bool) throws(CommandFailure) {
    guard let cells = columns.first(where: { $0.title == title || $0.title.replacing(" ", with: "-") == title })?.cells
    else {
      let titles = columns.map { "'\($0.title.shown())'" }
      throw CommandFailure("--sort: found '\(title.shown())', expected \(ArgumentCheck.list(titles))", .usage)
    }
    func isBefore(_ first: Cell, _ second: Cell) -> Bool {
      switch (first.number, second.number) {
      case (let first?, let second?): first < second
      case (nil, nil): first.text < second.text
      case (let number, _): number == nil
      }
    }
    // Runs with equal values stay in the given order.
    let order = runs.indices.sorted { a, b in
      guard let first = cells[a], let second = cells[b] else { return cells[a] != nil || (cells[b] == nil && a < b) }
      let (low, high) = descending ? (second, first) : (first, second)
      return isBefore(low, high) || (!isBefore(high, low) && a < b)
    }
    runs = order.map { runs[$0] }
    for index in columns.indices {
      let cells = columns[index].cells
      columns[index].cells = order.map { cells[$0] }
    }
  }

  /// The table in Markdown.
  var table: [String] {
    let rows = runs.indices.map { row in columns.map { MarkdownTable.cell($0.cells[row]?.text) } }
    return MarkdownTable(columns.map { .init(title: MarkdownTable.cell($0.title), isNumber: $0.isNumber) }, rows: rows)
      .lines
  }
}

extension RunComparison {
  private static func text(_ title: String, _ values: [String?], isSetting: Bool = true) -> Column {
    let cells = values.map { value in value.map { Cell(text: $0, number: Double($0)) } }
    // Options such as a learning rate are numbers in all runs.
    let isNumber = cells.allSatisfy { $0 == nil || $0?.number != nil }
    return Column(title: title, isSetting: isSetting, isNumber: isNumber, cells: cells)
  }

  private static func counts(_ title: String, _ runs: [RunRecord], _ value: (RunRecord) -> Int?) -> Column {
    Column(title: title, cells: runs.map { run in value(run).map { Cell(text: $0.grouped, number: Double($0)) } })
  }

  private static func numbers(
    _ title: String, _ runs: [RunRecord], _ text: (Double) -> String, _ value: (RunRecord) -> Double?
  ) -> Column {
    Column(title: title, cells: runs.map { run in value(run).map { Cell(text: text($0), number: $0) } })
  }

  private static func percent(_ fraction: Double) -> String { (100 * fraction).fixed(2) + " %" }

  /// The task and the data, if they differ, and all options that do.
  private static func differences(_ runs: [RunRecord]) -> [Column] {
    let names = Set(runs.flatMap(\.configuration.options.names)).sorted()
    let columns =
      [
        text("task", runs.map(\.configuration.task)), text("data", runs.map(\.configuration.data.name)),
      ] + names.map { name in text(name, runs.map { $0.configuration.options[name]?.text }) }
    return columns.filter { Set($0.cells.map { $0?.text }).count > 1 }
  }

  private static func measures(
    _ part: String, _ runs: [RunRecord], _ measures: (RunRecord) -> RunRecord.Measures?
  ) -> [Column] {
    let others = Set(runs.flatMap { measures($0).map { Array($0.others.keys) } ?? [] }).sorted()
    return [
      numbers("\(part) loss", runs, { $0.sixDigits }) { measures($0)?.loss },
      numbers("\(part) accuracy", runs, percent) { measures($0)?.accuracy },
    ]
      + others.map { name in
        numbers("\(part) \(MeasureName.words(name))", runs, { $0.sixDigits }) { measures($0)?.others[name] }
      }
  }

  private static func lengths(_ runs: [RunRecord]) -> [Column] {
    let lengths = Set(runs.flatMap { $0.lengths.map(\.length) }).sorted().suffix(mostLengths)
    return lengths.map { length in
      numbers("accuracy at \(length.grouped)", runs, percent) { run in
        run.lengths.first { $0.length == length }?.accuracy
      }
    }
  }
}
