/// A number with at most so many decimals and no zeros at its end, for coordinates and labels.
func short(_ value: Double) -> String { short(value, decimals: 2) }

/// A number with at most so many decimals and no zeros at its end; a dash for what is no number.
func short(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return "–" }
  let scale = (0..<decimals).reduce(1.0) { result, _ in result * 10 }
  let rounded = (value * scale).rounded()
  guard rounded.magnitude < 1e15 else { return "\(value)" }
  let digits = Int(rounded.magnitude)
  let fraction = digits % Int(scale)
  var text = "\(digits / Int(scale))"
  if fraction != 0 {
    var decimalsText = "\(fraction)"
    decimalsText = String(repeating: "0", count: decimals - decimalsText.count) + decimalsText
    while decimalsText.hasSuffix("0") { decimalsText.removeLast() }
    text += "." + decimalsText
  }
  return rounded < 0 ? "-" + text : text
}

/// A number with so many decimals exactly, as columns of a table need.
func fixed(_ value: Double, decimals: Int) -> String {
  var text = short(value, decimals: decimals)
  if decimals == 0 || !value.isFinite { return text }
  if !text.contains(".") { text += "." }
  let missing = decimals - (text.split(separator: ".", omittingEmptySubsequences: false).last?.count ?? 0)
  return text + String(repeating: "0", count: max(0, missing))
}

/// A fraction as a percentage with one decimal.
func percent(_ fraction: Double) -> String { fixed(100 * fraction, decimals: 1) + " %" }

/// A count with its thousands set apart.
func grouped(_ count: Int) -> String {
  var digits = Array("\(count.magnitude)")
  for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
  return (count < 0 ? "-" : "") + String(digits)
}

/// An integer as an exponent or an index above or below the line.
func raised(_ number: Int) -> String { String("\(number)".map { "⁰¹²³⁴⁵⁶⁷⁸⁹"[$0] ?? "⁻" }) }
/// An integer below the line.
func lowered(_ number: Int) -> String { String("\(number)".map { "₀₁₂₃₄₅₆₇₈₉"[$0] ?? "₋" }) }

extension String {
  fileprivate subscript(digit: Character) -> Character? {
    digit.wholeNumberValue.map { self[index(startIndex, offsetBy: $0)] }
  }
}

/// Values for a data attribute, as text that gives the same values back.
func list(_ values: some Sequence<Double>) -> String { values.map { "\($0)" }.joined(separator: " ") }
