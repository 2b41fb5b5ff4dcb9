#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a weight matrix is initialized.
///
/// Legend: `fanIn` is the number of inputs of a unit, `fanOut` the number of units that read an input. Rules named
/// after people preserve the variance of signals from one layer to the next, and also that of gradients if they contain
/// `fanOut`. Normal distributions are not truncated, as in PyTorch; Keras truncates them at two deviations.
public enum WeightRule: Sendable, Equatable {
  /// The same value everywhere, `w = value`.
  case constant(Float)
  /// Uniform from `-limit` to `limit`.
  case uniform(limit: Float)
  /// Uniform between two values, `w ~ U(low, high)`.
  case between(Float, Float)
  /// Normal with mean 0, `w ~ N(0, deviation²)`.
  case normal(deviation: Float)
  /// Uniform within `±√(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010, equation 16).
  case glorotUniform
  /// Normal with variance `2 / (fanIn + fanOut)` (Glorot and Bengio, 2010, equation 12).
  case glorotNormal
  /// Uniform within `±√(6 / fanIn)`, for units that are zero half of the time, such as ReLU (He et al., 2015).
  case heUniform
  /// Normal with variance `2 / fanIn` (He et al., *Delving Deep into Rectifiers*, 2015, equation 10).
  case heNormal
  /// Uniform within `±√(3 / fanIn)` (LeCun et al., 1998).
  case lecunUniform
  /// Normal with variance `1 / fanIn` (LeCun et al., *Efficient BackProp*, 1998, equation 16).
  case lecunNormal
  /// Uniform within `±√(1 / fanIn)`.
  case reciprocalRoot
  /// Orthonormal rows, or columns if they are fewer, `W Wᵀ = 1` or `Wᵀ W = 1` (Saxe, McClelland and Ganguli, 2013).
  ///
  /// All such matrices are equally likely. The gates of a layer are one matrix, as in Keras.
  case orthogonal
  /// As ``orthogonal``, but separately for each square block, such as that of a gate, as is common in PyTorch.
  case orthogonalBlocks
  /// A scaled identity in each square block, `w = scale` on the diagonal and 0 elsewhere.
  ///
  /// A block belongs to a gate; nothing is random.
  ///
  /// Source: Le, Jaitly and Hinton, *A Simple Way to Initialize Recurrent Networks of Rectified Linear Units*, 2015.
  case identity(scale: Float = 1)

  /// Zeros.
  public static let zeros = WeightRule.constant(0)

  /// Draws a matrix of `rows` × `columns`.
  ///
  /// - Parameter blockRows: the rows of a block, for rules that use blocks; nil for the number of columns. A gate has
  ///   more rows than columns if it reads a projection.
  func draw(
    rows: Int, columns: Int, blockRows: Int? = nil, fanIn: Int, fanOut: Int, using generator: inout SplitMix64
  ) -> [Float] {
    let count = rows * columns
    let blockRows = blockRows ?? columns
    func uniform(_ limit: Float) -> [Float] { (0..<count).map { _ in generator.uniform(-limit, limit) } }
    func normal(_ deviation: Float) -> [Float] { (0..<count).map { _ in deviation * generator.normal() } }
    switch self {
    case .constant(let value): return Array(repeating: value, count: count)
    case .uniform(let limit): return uniform(limit)
    case .between(let low, let high): return (0..<count).map { _ in generator.uniform(low, high) }
    case .normal(let deviation): return normal(deviation)
    case .glorotUniform: return uniform((6 / Float(fanIn + fanOut)).squareRoot())
    case .glorotNormal: return normal((2 / Float(fanIn + fanOut)).squareRoot())
    case .heUniform: return uniform((6 / Float(fanIn)).squareRoot())
    case .heNormal: return normal((2 / Float(fanIn)).squareRoot())
    case .lecunUniform: return uniform((3 / Float(fanIn)).squareRoot())
    case .lecunNormal: return normal((1 / Float(fanIn)).squareRoot())
    case .reciprocalRoot: return uniform((1 / Float(fanIn)).squareRoot())
    case .orthogonal: return Self.orthogonal(rows: rows, columns: columns, using: &generator)
    case .orthogonalBlocks:
      return stride(from: 0, to: rows, by: blockRows).flatMap { first in
        Self.orthogonal(rows: min(blockRows, rows - first), columns: columns, using: &generator)
      }
    case .identity(let scale):
      return (0..<count).map { $0 / columns % blockRows == $0 % columns ? scale : 0 }
    }
  }

  /// A matrix with orthonormal rows (or columns, whichever are fewer).
  ///
  /// Made from normal numbers by the modified Gram-Schmidt process, applied twice for accuracy. This is the Q of a QR
  /// decomposition whose R has a positive diagonal, which makes the distribution uniform (Mezzadri, *How to Generate
  /// Random Matrices from the Classical Compact Groups*, 2007).
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
  /// A float from the standard normal distribution.
  ///
  /// ```
  /// √(-2 ln(1 - u)) cos(2π v)        u and v uniform in [0, 1)
  /// ```
  ///
  /// Source: Box and Muller, *A Note on the Generation of Random Normal Deviates*, 1958.
  public mutating func normal() -> Float {
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let u = Double(next() >> 11) * 0x1p-53
    let v = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * v))
  }
}
