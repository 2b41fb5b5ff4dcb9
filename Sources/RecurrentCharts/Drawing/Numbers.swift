import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A coordinate or a length with at most two decimals, without trailing zeros.
func short(_ value: Double) -> String { short(value, decimals: 2) }

/// A number with at most `decimals` decimals, without trailing zeros; a dash if it is not finite.
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

/// A number for the reader, with at most `decimals` decimals, without trailing zeros.
///
/// Rounds as tables and logs do. Coordinates and lengths, which nobody reads, use the faster ``short(_:decimals:)``.
private func figure(_ value: Double, decimals: Int) -> String {
  var text = Substring(value.fixed(decimals))
  if text.contains(".") {
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
  }
  return text == "-0" ? "0" : String(text)
}

/// A number for the reader, with at most `decimals` decimals, or with a power of ten if it is too large or too small.
func label(_ value: Double, decimals: Int) -> String {
  if value.isInfinite { return value < 0 ? "−∞" : "∞" }
  guard value.isFinite else { return "–" }
  let isShort = value.magnitude < 1e7 && value.magnitude >= 0.5 * pow(10, Double(-decimals)) || value == 0
  return isShort ? printed(figure(value, decimals: decimals)) : scientific(value, digits: 2)
}

/// A number for the reader, with exactly `decimals` decimals, as the columns of a table need.
func fixed(_ value: Double, decimals: Int) -> String {
  guard value.isFinite, value.magnitude < 1e7 else { return label(value, decimals: decimals) }
  var text = figure(value, decimals: decimals)
  if decimals == 0 { return printed(text) }
  if !text.contains(".") { text += "." }
  let missing = decimals - (text.split(separator: ".", omittingEmptySubsequences: false).last?.count ?? 0)
  return printed(text + String(repeating: "0", count: max(0, missing)))
}

/// A number as a factor and a power of ten: 1.5·10⁻⁸.
///
/// - Parameters:
///   - value: a finite number.
///   - digits: the largest number of decimals of the factor.
func scientific(_ value: Double, digits: Int) -> String {
  guard value != 0 else { return "0" }
  var exponent = Int(log10(value.magnitude).rounded(.down))
  func factor(_ exponent: Int) -> Double {
    // Divided in two halves, since 10³²⁰ would be infinite.
    value / pow(10, Double(exponent / 2)) / pow(10, Double(exponent - exponent / 2))
  }
  // 9.999 is rounded to 10, which is 1 times the next power.
  if figure(factor(exponent).magnitude, decimals: digits) == "10" { exponent += 1 }
  let text = figure(factor(exponent), decimals: digits)
  return printed(text == "1" ? "" : text == "-1" ? "-" : text + "·") + "10" + raised(exponent)
}

/// A fraction as a percentage with one decimal, without its sign.
func percent(_ fraction: Double) -> String { fixed(100 * fraction, decimals: 1) }

/// Digits as printed: with a true minus sign, and commas between thousands.
private func printed(_ text: String) -> String {
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  var whole = Array((parts.first ?? "").drop { $0 == "-" })
  // Four digits need no comma.
  if whole.count > 4 {
    for place in stride(from: whole.count - 3, to: 0, by: -3) { whole.insert(",", at: place) }
  }
  return (text.hasPrefix("-") ? "−" : "") + String(whole) + parts.dropFirst().map { "." + $0 }.joined()
}

/// An integer as a superscript.
func raised(_ number: Int) -> String { String("\(number)".map { "⁰¹²³⁴⁵⁶⁷⁸⁹"[$0] ?? "⁻" }) }
/// An integer as a subscript.
func lowered(_ number: Int) -> String { String("\(number)".map { "₀₁₂₃₄₅₆₇₈₉"[$0] ?? "₋" }) }

extension String {
  fileprivate subscript(digit: Character) -> Character? {
    digit.wholeNumberValue.map { self[index(startIndex, offsetBy: $0)] }
  }
}

/// Values for a data attribute, as text that parses back to the same values.
func list(_ values: some Sequence<Double>) -> String { values.map { "\($0)" }.joined(separator: " ") }
