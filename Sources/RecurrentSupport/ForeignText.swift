extension String {
  /// A text from a file, an option or a network, made printable: on one line, without control characters, and no longer
  /// than a few lines of a terminal.
  ///
  /// Untrusted names and values reach terminals, pictures and pages. A terminal obeys escape sequences, and an endless
  /// line hides everything else. So control characters, and those that are invisible or change the direction of
  /// writing, appear as `\u{1B}`; characters beyond `limit` appear as their number.
  ///
  /// ```
  /// "a\u{1B}[2Jb".shown() == #"a\u{1B}[2Jb"#            String(repeating: "x", count: 300).shown().count < 230
  /// ```
  ///
  /// - Parameter limit: the largest number of characters of the text.
  /// - Returns: the text to show; unchanged if it is already printable.
  /// - Complexity: O(limit), and O(length) to count what was left out.
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
  /// Whether a terminal only shows the character.
  fileprivate var isShowable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }
}
