/// How a run speaks: about everything where it runs alone, with nothing but a progress line where it is one of many.
struct RunVoice {
  /// Which of many runs this is; nil where it is the only one.
  var place: String?

  /// A line of results.
  func print(_ line: String = "") { if place == nil { Terminal.print(line) } }

  /// A line that is no result.
  func note(_ line: String) { if place == nil { Terminal.note(line) } }

  /// How far the run has come.
  func progress(_ line: String) { Terminal.progress((place.map { $0 + ", " } ?? "") + line) }
}
