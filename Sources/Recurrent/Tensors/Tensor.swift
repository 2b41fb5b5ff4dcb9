import RecurrentSupport

/// A dense array of floats with a shape, stored contiguously, last index fastest; a value type.
///
/// Tensors are what goes into a network and comes out of it: `[batch, time, feature]` for sequences, `[batch, feature]`
/// for single steps and states. Inside the network samples are lanes (see the design note on layout).
///
/// - Complexity: copying is O(1) until one of the copies is changed.
public struct Tensor: Sendable, Equatable {
  /// The size of each dimension; an empty shape is a scalar.
  public let shape: [Int]
  /// The elements in row-major order; `shape.reduce(1, *)` of them.
  public internal(set) var values: [Float]

  /// A tensor of the given shape and elements.
  ///
  /// - Parameters:
  ///   - shape: the size of each dimension.
  ///   - values: the elements in row-major order.
  /// - Throws: ``InputError`` if a size is negative or the number of `values` is not the product of the sizes.
  /// - Complexity: O(dimensions): the elements are shared.
  public init(shape: [Int], values: [Float]) throws(InputError) {
    guard let count = Self.count(of: shape) else {
      throw InputError(
        .size, found: "shape \(shape)", expected: "sizes of at least 0, and a number of elements that fits memory")
    }
    guard values.count == count else {
      throw InputError(
        .size, found: quantity(values.count, "value"), expected: "\(count), the elements of shape \(shape)")
    }
    self.shape = shape
    self.values = values
  }

  /// A tensor whose elements are known to fit its shape.
  package init(known shape: [Int], values: [Float]) {
    self = require { try Tensor(shape: shape, values: values) }
  }

  /// A tensor of zeros.
  ///
  /// - Parameter shape: the size of each dimension.
  /// - Precondition: sizes are not negative.
  /// - Complexity: O(elements).
  public init(zeros shape: [Int]) {
    guard let count = Self.count(of: shape) else {
      fatalError("found shape \(shape), expected sizes of at least 0, and a number of elements that fits memory")
    }
    self.shape = shape
    values = Array(repeating: 0, count: count)
  }

  /// The number of elements of a shape; nil if a size is negative or the product overflows.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      if size < 0 || overflows { return nil }
      count = product
    }
    return count
  }

  /// The number of elements.
  public var count: Int { values.count }

  /// The element at the given position.
  ///
  /// - Parameter position: one index per dimension, counted from 0.
  /// - Precondition: one index per dimension, each within its size.
  /// - Complexity: O(dimensions).
  public subscript(_ position: Int...) -> Float {
    get { values[offset(of: position)] }
    set { values[offset(of: position)] = newValue }
  }

  private func offset(of position: [Int]) -> Int {
    require(position.count == shape.count, "shape \(shape) takes \(shape.count) indices; found \(position)")
    var offset = 0
    for (index, size) in zip(position, shape) {
      require(index >= 0 && index < size, "index \(position) lies outside of shape \(shape)")
      offset = offset * size + index
    }
    return offset
  }

  /// The same elements in another shape.
  ///
  /// - Parameter shape: the new size of each dimension.
  /// - Precondition: both shapes have the same number of elements.
  /// - Complexity: O(dimensions): the elements are shared.
  public func reshaped(_ shape: Int...) -> Tensor { Tensor(known: shape, values: values) }
}
