/// An upper estimate of the width of a text; the reader's font is not known.
func textWidth(of text: String, size: Double = Canvas.fontSize) -> Double {
  size * text.unicodeScalars.reduce(0) { $0 + advance(of: $1) }
}

/// A text cut to fit a width, with an ellipsis if it was cut.
func fitted(_ text: String, to room: Double, size: Double = Canvas.fontSize) -> String {
  if textWidth(of: text, size: size) <= room { return text }
  var (result, used) = ("", advance(of: "…") * size)
  for character in text {
    used += textWidth(of: String(character), size: size)
    if used > room { break }
    result.append(character)
  }
  while result.last == " " { result.removeLast() }
  return result + "…"
}

/// A text wrapped to a width; words that are too long are cut, and so is the last line.
func wrapped(_ text: String, to room: Double, lines most: Int, size: Double = Canvas.fontSize) -> [String] {
  var lines: [String] = []
  for word in text.split(whereSeparator: \.isWhitespace) {
    if let last = lines.last, lines.count == most || textWidth(of: "\(last) \(word)", size: size) <= room {
      lines[lines.count - 1] = "\(last) \(word)"
    } else {
      lines.append(String(word))
    }
  }
  return lines.map { fitted($0, to: room, size: size) }
}

/// The width of a character relative to the font size.
private func advance(of scalar: Unicode.Scalar) -> Double {
  switch scalar {
  case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ", "·", "/": 0.38
  case "m", "w", "M", "W", "@", "%", "…", "—": 0.96
  case "A"..."Z", "±", "−", "+", "=", "<", ">": 0.74
  case _ where scalar.properties.generalCategory == .nonspacingMark: 0
  case _ where scalar.value < 0x2E80: 0.62
  default: 1.1
  }
}
