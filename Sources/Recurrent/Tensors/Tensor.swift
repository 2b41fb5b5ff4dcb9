import RecurrentSupport

/// A dense array of floats with a shape, stored contiguously, last index fastest; a value type.
///
/// Tensors are what goes into a network and comes out of it: `[batch, time, feature]` for sequences, `[batch, feature]`
/// for single steps and states. Inside the network another layout is used, in which samples are lanes (see the design
/// note on layout).
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
  /// - Precondition: sizes are not negative and `values` holds exactly as many elements as they say.
  /// - Complexity: O(dimensions): the elements are shared.
  public init(shape: [Int], values: [Float]) {
    require(shape.allSatisfy { $0 >= 0 }, "a shape has no negative sizes; found \(shape)")
    require(
      values.count == shape.reduce(1, *),
      "shape \(shape) holds \(shape.reduce(1, *)) elements; found \(values.count)")
    self.shape = shape
    self.values = values
  }

  /// A tensor of zeros.
  ///
  /// - Parameter shape: the size of each dimension.
  /// - Precondition: sizes are not negative.
  /// - Complexity: O(elements).
  public init(zeros shape: [Int]) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.reduce(1, *)))
  }

  /// How many elements there are.
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

  /// The same elements under another shape.
  ///
  /// - Parameter shape: the size of each dimension from now on.
  /// - Precondition: both shapes hold equally many elements.
  /// - Complexity: O(dimensions): the elements are shared.
  public func reshaped(_ shape: Int...) -> Tensor { Tensor(shape: shape, values: values) }
}
