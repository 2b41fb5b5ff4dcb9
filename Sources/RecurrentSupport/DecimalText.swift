#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Double {
  /// The number rounded to `decimals` digits after the point, or `nan`, `inf` or `-inf`.
  ///
  /// The exact binary value is rounded once, as by C's `%.*f`. Tables, logs and pictures all use it, so that a figure
  /// has the same digits everywhere: 0.015 is stored as slightly less and becomes 0.01; multiplying by 100 first would
  /// give 0.02.
  ///
  /// - Parameter decimals: the number of digits after the point.
  /// - Returns: the text, with a point in every locale.
  /// - Complexity: O(digits).
  package func fixed(_ decimals: Int) -> String { formatted("%.\(decimals)f") }

  /// Up to six significant digits, as in C's `%g`: 0.504062.
  package var sixDigits: String { formatted("%.6g") }

  private func formatted(_ format: String) -> String {
    // C writes the sign of a NaN, which carries no information.
    if isNaN { return "nan" }
    var buffer = [CChar](repeating: 0, count: 512)
    let length = unsafe withVaList([self]) { unsafe vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
