#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the first values of a weight matrix are drawn.
///
/// Legend: `fanIn` is the number of inputs a unit sums over, `fanOut` the number of units an input goes to.
public enum WeightRule: Sendable, Equatable {
  /// The same value everywhere.
  case constant(Float)
  /// Evenly from `-limit` to `limit`.
  case uniform(limit: Float)
  /// From a normal distribution around 0.
  case normal(deviation: Float)
  /// Evenly within `±√(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010).
  case glorotUniform
  /// Evenly within `±√(1 / fanIn)`.
  case reciprocalRoot
  /// Rows, or columns where they are fewer, of length 1 and at right angles (Saxe, McClelland and Ganguli, 2013).
  case orthogonal

  /// Draws a matrix of `rows` × `columns`.
  func draw(
    rows: Int, columns: Int, fanIn: Int, fanOut: Int, using generator: inout SplitMix64
  ) -> [Float] {
    let count = rows * columns
    switch self {
    case .constant(let value):
      return Array(repeating: value, count: count)
    case .uniform(let limit):
      return (0..<count).map { _ in generator.uniform(-limit, limit) }
    case .normal(let deviation):
      return (0..<count).map { _ in deviation * generator.normal() }
    case .glorotUniform:
      let limit = (6 / Float(fanIn + fanOut)).squareRoot()
      return (0..<count).map { _ in generator.uniform(-limit, limit) }
    case .reciprocalRoot:
      let limit = (1 / Float(fanIn)).squareRoot()
      return (0..<count).map { _ in generator.uniform(-limit, limit) }
    case .orthogonal:
      return Self.orthogonal(rows: rows, columns: columns, using: &generator)
    }
  }

  /// A matrix with orthonormal rows (or columns, whichever are fewer), from normal numbers by the modified Gram-Schmidt
  /// process, twice over for the last digits.
  private static func orthogonal(rows: Int, columns: Int, using generator: inout SplitMix64) -> [Float] {
    let count = min(rows, columns)
    let length = max(rows, columns)
    var basis: [[Double]] = []
    for _ in 0..<count {
      var vector = (0..<length).map { _ in Double(generator.normal()) }
      for _ in 0..<2 {
        for other in basis {
          let projection = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for i in vector.indices { vector[i] -= projection * other[i] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      basis.append(vector.map { $0 / norm })
    }
    return (0..<rows * columns).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      return Float(rows <= columns ? basis[row][column] : basis[column][row])
    }
  }
}

extension SplitMix64 {
  /// A float from the standard normal distribution (Box and Muller, 1958).
  public mutating func normal() -> Float {
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let u = Double(next() >> 11) * 0x1p-53
    let v = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * v))
  }
}
