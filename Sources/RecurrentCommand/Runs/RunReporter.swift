/// The messages of a run: all of them if it is the only run, or only a progress line if it is one of a sweep.
struct RunReporter {
  /// Which run of the sweep this is, as in `run 2 of 6`; nil if it is the only run.
  var label: String?

  /// Prints a line of results.
  func print(_ line: String = "") { if label == nil { Terminal.print(line) } }

  /// Prints a notice.
  func note(_ line: String) { if label == nil { Terminal.note(line) } }

  /// Shows the progress of the run.
  func progress(_ line: String) { Terminal.progress((label.map { $0 + ", " } ?? "") + line) }
}
