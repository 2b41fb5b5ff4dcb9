#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Double {
  /// The number with so many decimals, or `nan`, `inf` or `-inf`.
  ///
  /// The exact binary value is rounded once, as C's `%.*f` does. Tables, logs and pictures all round here, so that one
  /// figure has the same digits everywhere: 0.015 is a little less than it looks and becomes 0.01, which multiplying by
  /// 100 first would make 0.02.
  ///
  /// - Parameter decimals: digits after the point.
  /// - Returns: the text, with a point in every locale that the program may run in.
  /// - Complexity: O(digits).
  package func fixed(_ decimals: Int) -> String { formatted("%.\(decimals)f") }

  /// Up to six significant digits, as C's `%g` has them: 0.504062.
  package var sixDigits: String { formatted("%.6g") }

  private func formatted(_ format: String) -> String {
    // C writes the sign of a NaN, which means nothing.
    if isNaN { return "nan" }
    var buffer = [CChar](repeating: 0, count: 512)
    let length = unsafe withVaList([self]) { unsafe vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
