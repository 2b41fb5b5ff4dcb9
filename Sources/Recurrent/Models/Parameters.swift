import RecurrentSupport

/// The weights of a network: one flat array, in which each tensor has a name, a shape and a place.
///
/// One array, so that an optimiser, a norm or a file sees all weights at once; names, so that people and other
/// frameworks find theirs. Gradients have the same form.
public struct Parameters: Sendable, Equatable {
  /// One tensor among the parameters.
  public struct Entry: Sendable, Equatable {
    /// Its name, such as `weight_ih_l0`.
    public let name: String
    /// Its shape.
    public let shape: [Int]
    /// Where its elements begin in `values`.
    public let offset: Int
    /// How many elements it has.
    ///
    /// - Complexity: O(dimensions).
    public var count: Int { shape.reduce(1, *) }
    /// Where its elements lie in `values`.
    public var range: Range<Int> { offset..<offset + count }
  }

  /// The tensors in the order of their elements.
  public let entries: [Entry]
  /// All elements.
  public internal(set) var values: [Float]
  /// Where each name stands among the entries.
  private let positions: [String: Int]

  /// Zeros for tensors of the given names and shapes.
  ///
  /// - Parameter shapes: names and shapes, in the order in which the tensors are to lie.
  /// - Complexity: O(elements).
  public init(_ shapes: [(name: String, shape: [Int])]) {
    var entries: [Entry] = []
    var offset = 0
    for (name, shape) in shapes {
      entries.append(Entry(name: name, shape: shape, offset: offset))
      offset += shape.reduce(1, *)
    }
    self.entries = entries
    positions = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    values = Array(repeating: 0, count: offset)
  }

  /// Zeros of the same names and shapes.
  ///
  /// - Complexity: O(elements).
  public var zeros: Parameters {
    var copy = self
    copy.values = Array(repeating: 0, count: count)
    return copy
  }

  /// The number of elements in all.
  public var count: Int { values.count }

  /// The entry of the given name, or nil.
  ///
  /// - Parameter name: as in `weight_ih_l0`.
  /// - Complexity: O(1).
  public func entry(_ name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// The tensor of the given name.
  ///
  /// - Parameter name: one of the names of ``entries``.
  /// - Precondition: there is one, and a new value has its shape.
  /// - Complexity: O(elements) of the tensor, which are copied.
  public subscript(name: String) -> Tensor {
    get {
      guard let entry = entry(name) else { fatalError("no parameter is called \(name)") }
      return Tensor(known: entry.shape, values: Array(values[entry.range]))
    }
    set {
      guard let entry = entry(name) else { fatalError("no parameter is called \(name)") }
      require(newValue.shape == entry.shape, "\(name) has shape \(entry.shape); found \(newValue.shape)")
      values.replaceSubrange(entry.range, with: newValue.values)
    }
  }
}
