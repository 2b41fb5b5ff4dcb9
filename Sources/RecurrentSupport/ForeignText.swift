extension String {
  /// A text from a file, an option or a network, made fit to be shown: on one line, without control characters, and not
  /// longer than a few lines of a terminal.
  ///
  /// Names and values that strangers chose reach terminals, pictures and pages. A terminal obeys escape sequences, and a
  /// line without an end pushes everything else off the screen. So control characters, and those that turn the
  /// direction of reading round or cannot be seen, appear as `\u{1B}`; what lies beyond `limit` characters appears as
  /// their number.
  ///
  /// ```
  /// "a\u{1B}[2Jb".shown() == #"a\u{1B}[2Jb"#            String(repeating: "x", count: 300).shown().count < 230
  /// ```
  ///
  /// - Parameter limit: the most characters of the text itself.
  /// - Returns: the text to show; the same text where nothing is wrong with it.
  /// - Complexity: O(limit), and O(length) to say how much was left out.
  package func shown(limit: Int = 200) -> String {
    var (result, width) = ("", 0)
    let scalars = unicodeScalars
    var index = scalars.startIndex
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let piece = scalar.isShowable ? String(scalar) : "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      if width + piece.unicodeScalars.count > limit {
        return result + "… (\(scalars.distance(from: index, to: scalars.endIndex)) more)"
      }
      result += piece
      width += piece.unicodeScalars.count
      index = scalars.index(after: index)
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether a terminal shows the character and does nothing else.
  fileprivate var isShowable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }
}
