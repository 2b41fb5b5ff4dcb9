/// What the text of a cell means.
enum CellText {
  /// The finite number that is written in some bytes, in decimal; nil if there is anything else.
  static func number(_ bytes: ArraySlice<UInt8>) -> Float? {
    guard let number = double(bytes) else { return nil }
    let float = Float(number)
    return float.isFinite ? float : nil
  }

  /// The same number in double precision, as time stamps need it.
  static func double(_ bytes: ArraySlice<UInt8>) -> Double? {
    // Most numbers are a few digits with a point: up to 15 digits and a power of ten up to 22 are exact in a Double,
    // and their quotient is rounded once (Clinger 1990, "How to read floating point numbers accurately").
    var (digits, digitCount, decimals, hasPoint) = (0, 0, 0, false)
    let isNegative = bytes.first == UInt8(ascii: "-")
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: ".") && !hasPoint {
        hasPoint = true
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digitCount < 15 else { return general(bytes) }
      digits = 10 * digits + Int(byte - UInt8(ascii: "0"))
      digitCount += 1
      if hasPoint { decimals += 1 }
    }
    if digitCount == 0 { return nil }
    let value = Double(digits) / powers[decimals]
    return isNegative ? -value : value
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  private static func general(_ bytes: ArraySlice<UInt8>) -> Double? {
    // The library also reads hexadecimal numbers and words, and those who write such in a table mean something else.
    guard bytes.count <= 400, bytes.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  /// Whether a cell says that its value is missing.
  static func isMissing(_ bytes: ArraySlice<UInt8>) -> Bool {
    if bytes.isEmpty { return true }
    if bytes.count > 4 { return false }
    return ["?", "nan", "na", "n/a", "null", "none", "-nan"].contains(
      String(decoding: bytes, as: UTF8.self).lowercased())
  }

  /// What was expected in place of a cell that is no number.
  static func expectation(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if CellText.number(ArraySlice(text.utf8.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 })) != nil {
      return "a number with a decimal point"
    }
    return "a finite number, or '?', 'NaN' or nothing if it is missing"
  }

  /// The name of a class: numbers are written in one way, so that `1`, `1.0` and `1.0000000e+00` are one class; nil if
  /// it is missing.
  static func label(_ text: String) -> String? {
    if text.isEmpty || text == "?" || text.lowercased() == "nan" { return nil }
    guard let number = double(ArraySlice(text.utf8)), number == number.rounded(), abs(number) < 1e15 else {
      return text
    }
    return String(Int(number))
  }

  /// Class names in order: numbers in ascending order, words in that of their characters.
  static func sorted(_ labels: [String]) -> [String] {
    let numbers = labels.map { double(ArraySlice($0.utf8)) }
    guard numbers.allSatisfy({ $0 != nil }) else { return labels.sorted() }
    return labels.indices.sorted { (numbers[$0] ?? 0, labels[$0]) < (numbers[$1] ?? 0, labels[$1]) }.map { labels[$0] }
  }
}
