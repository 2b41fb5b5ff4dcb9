import RecurrentKernels
import RecurrentSupport

extension Tensor {
  /// ‖x‖₂, the root of the sum of all squares, computed in Double; 0 without elements.
  ///
  /// - Complexity: O(elements).
  public var norm: Double { values.norm }
}

extension Parameters {
  /// ‖x‖₂ over all tensors together, computed in Double; 0 without elements.
  ///
  /// - Complexity: O(elements).
  public var norm: Double { values.norm }

  /// The sum, element by element.
  ///
  /// - Parameters:
  ///   - left: the first summand.
  ///   - right: the second summand, of the same names and shapes.
  /// - Precondition: both have the same names and shapes.
  /// - Complexity: O(elements).
  public static func + (left: Parameters, right: Parameters) -> Parameters { left.combined(with: right, +) }

  /// The difference, element by element.
  ///
  /// - Parameters:
  ///   - left: the minuend.
  ///   - right: the subtrahend, of the same names and shapes.
  /// - Precondition: both have the same names and shapes.
  /// - Complexity: O(elements).
  public static func - (left: Parameters, right: Parameters) -> Parameters { left.combined(with: right, -) }

  /// All elements times a number.
  ///
  /// - Parameters:
  ///   - factor: the factor of each element.
  ///   - parameters: the elements.
  /// - Complexity: O(elements).
  public static func * (factor: Float, parameters: Parameters) -> Parameters {
    parameters.mapValues { factor * $0 }
  }

  private func combined(with other: Parameters, _ operation: (Float, Float) -> Float) -> Parameters {
    requireSame(other.entries, "expected parameters of the same names and shapes")
    var result = self
    for i in values.indices { result.values[i] = operation(values[i], other.values[i]) }
    return result
  }
}

extension [Float] {
  fileprivate var norm: Double {
    withUnsafeBufferPointer { values in
      values.baseAddress.map { kernels.sumOfSquares($0, values.count).squareRoot() } ?? 0
    }
  }
}
