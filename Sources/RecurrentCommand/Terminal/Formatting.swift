import RecurrentSupport

extension BinaryFloatingPoint {
  /// Up to six significant digits, as in C's `%g` and in the notebook's log: 0.504062.
  var sixDigits: String { Double(self).sixDigits }

  /// The number with `digits` digits after the point.
  func fixed(_ digits: Int) -> String { Double(self).fixed(digits) }
}

extension BinaryInteger {
  /// The number with commas between thousands: 10,690.
  var grouped: String {
    let digits = String(magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return (self < 0 ? "-" : "") + result
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// The duration in milliseconds.
  var milliseconds: Double { seconds * 1000 }
}

extension String {
  /// The text, padded with trailing spaces.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text, padded with leading spaces.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// The text without trailing spaces.
  var trimmingTrailingBlanks: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
