import RecurrentSupport

/// The weights of a network as named tensors, to read, set, iterate, map and count.
///
/// ```swift
/// model.parameters["weight_hh_l0"]                                        // a tensor, to read and to set
/// for (name, gradient) in model.gradient(on: batch).gradient { print(name, gradient.norm) }
/// ```
///
/// All elements lie in one flat array, ``values``, so that an optimizer, a norm or a file sees all weights at once;
/// names and shapes are those of PyTorch. Gradients have the same form.
///
/// A value type: copies are independent.
///
/// - Complexity: copying is O(1) until one of the copies is changed.
public struct Parameters: Sendable, Equatable {
  /// One tensor among the parameters.
  public struct Entry: Sendable, Equatable {
    /// Its name, such as `weight_ih_l0`.
    public let name: String
    /// Its shape.
    public let shape: [Int]
    /// The index of its first element in `values`.
    public let offset: Int
    /// The number of its elements.
    ///
    /// - Complexity: O(dimensions).
    public var count: Int { shape.reduce(1, *) }
    /// The indices of its elements in `values`.
    public var range: Range<Int> { offset..<offset + count }
  }

  /// The tensors in the order of their elements.
  public let entries: [Entry]
  /// The elements of all tensors, in the order of ``entries``, each in row-major order.
  ///
  /// - Precondition: the number of values does not change.
  public var values: [Float] {
    didSet { require(values.count == valueCount, "expected \(valueCount) values, found \(values.count)") }
  }
  private let valueCount: Int
  /// The index of each name among the entries.
  private let indices: [String: Int]

  /// Zeros for tensors of the given names and shapes.
  ///
  /// - Parameter shapes: names and shapes, in the order of their elements.
  /// - Precondition: no name occurs twice.
  /// - Complexity: O(elements).
  public init(_ shapes: [(name: String, shape: [Int])]) {
    self.init(shapes) { Array(repeating: 0, count: $0) }
  }

  /// Parameters from tensors.
  ///
  /// - Parameter tensors: names and tensors, in the order of their elements.
  /// - Precondition: no name occurs twice.
  /// - Complexity: O(elements), which are copied.
  public init(_ tensors: [(name: String, tensor: Tensor)]) {
    self.init(tensors.map { ($0.name, $0.tensor.shape) }) { _ in tensors.flatMap(\.tensor.values) }
  }

  /// Parameters whose values are made from their count.
  private init(_ shapes: [(name: String, shape: [Int])], values: (_ count: Int) -> [Float]) {
    var entries: [Entry] = []
    var indices: [String: Int] = [:]
    var offset = 0
    for (name, shape) in shapes {
      require(indices.updateValue(entries.count, forKey: name) == nil, "duplicate parameter name '\(name)'")
      entries.append(Entry(name: name, shape: shape, offset: offset))
      offset += shape.reduce(1, *)
    }
    self.entries = entries
    self.indices = indices
    self.values = values(offset)
    valueCount = offset
  }

  /// Zeros of the same names and shapes.
  ///
  /// - Complexity: O(elements).
  public var zeros: Parameters { mapValues { _ in 0 } }

  /// The number of elements in all tensors together: the network's parameter count.
  ///
  /// - Complexity: O(1).
  public var count: Int { valueCount }

  /// The name, shape and position of a tensor; nil if there is none of this name.
  ///
  /// - Parameter name: as in `weight_ih_l0`.
  /// - Complexity: O(1).
  public func entry(_ name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// The tensor of the given name; nil if there is none.
  ///
  /// - Parameter name: as in `weight_ih_l0`.
  /// - Complexity: O(elements) of the tensor, which are copied.
  public func tensor(named name: String) -> Tensor? { entry(name).map(tensor) }

  /// The tensor of the given name.
  ///
  /// - Parameter name: one of the names of ``entries``; ``tensor(named:)`` is for a name that may be absent.
  /// - Precondition: there is a tensor of this name, and a new value has its shape.
  /// - Complexity: O(elements) of the tensor, which are copied.
  public subscript(name: String) -> Tensor {
    get { tensor(known(name)) }
    set {
      let entry = known(name)
      require(newValue.shape == entry.shape, "\(name) has shape \(entry.shape); found \(newValue.shape)")
      values.replaceSubrange(entry.range, with: newValue.values)
    }
  }

  private func tensor(_ entry: Entry) -> Tensor { Tensor(known: entry.shape, values: Array(values[entry.range])) }

  /// The entry of a name that must exist.
  private func known(_ name: String) -> Entry {
    guard let entry = entry(name) else {
      let names = entries.map(\.name).closest(to: name).joined(separator: ", ")
      fatalError("no parameter is called '\(name)'; similar names: \(names.isEmpty ? "none" : names)")
    }
    return entry
  }

  /// Traps unless other parameters have the same names and shapes.
  func requireSame(_ other: [Entry], _ message: @autoclosure () -> String) { require(entries == other, message()) }
}

extension Parameters: Sequence {
  /// Iterates over names and tensors.
  public struct Iterator: IteratorProtocol {
    private let parameters: Parameters
    private var index = 0

    init(_ parameters: Parameters) { self.parameters = parameters }

    /// The next name and tensor; nil after the last.
    ///
    /// - Complexity: O(elements) of the tensor, which are copied.
    public mutating func next() -> (name: String, tensor: Tensor)? {
      guard index < parameters.entries.count else { return nil }
      defer { index += 1 }
      let entry = parameters.entries[index]
      return (entry.name, parameters.tensor(entry))
    }
  }

  /// The names and tensors in the order of ``entries``.
  ///
  /// - Complexity: O(1); each tensor is copied when it is reached.
  public func makeIterator() -> Iterator { Iterator(self) }

  /// Parameters of the same names and shapes with each tensor transformed.
  ///
  /// ```swift
  /// let onlyHead = gradient.mapTensors { name, tensor in name.hasPrefix("head") ? tensor : Tensor(zeros: tensor.shape) }
  /// ```
  ///
  /// - Parameter transform: receives name and tensor, returns a tensor of the same shape.
  /// - Returns: the new tensors with the same names.
  /// - Throws: what `transform` throws.
  /// - Precondition: shapes do not change.
  /// - Complexity: O(elements).
  public func mapTensors<Failure: Error>(
    _ transform: (_ name: String, _ tensor: Tensor) throws(Failure) -> Tensor
  ) throws(Failure) -> Parameters {
    var result = self
    for (name, tensor) in self { result[name] = try transform(name, tensor) }
    return result
  }

  /// Parameters of the same names and shapes with each element transformed.
  ///
  /// - Parameter transform: receives an element and returns the new one.
  /// - Returns: the new elements with the same names and shapes.
  /// - Throws: what `transform` throws.
  /// - Complexity: O(elements).
  public func mapValues<Failure: Error>(
    _ transform: (Float) throws(Failure) -> Float
  ) throws(Failure) -> Parameters {
    var result = self
    result.values = try values.map(transform)
    return result
  }
}

/// Anything that has weights: a model, a stack, a layer, an embedding, or a composition of these.
///
/// One optimizer updates all of them:
///
/// ```swift
/// optimizer.update(&stack, &head, with: stackGradient.parameters, headGradient.parameters)
/// ```
public protocol Parameterized {
  /// The weights, by name.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  var parameters: Parameters { get set }
}

extension Parameters: Parameterized {
  /// These parameters themselves.
  public var parameters: Parameters {
    get { self }
    _modify { yield &self }
  }
}

extension [String] {
  /// Up to four names that need the fewest edits to become `name`, the closest first.
  fileprivate func closest(to name: String) -> [String] {
    let distances = map { (name: $0, distance: $0.editDistance(to: name)) }
    return distances.filter { $0.distance <= Swift.max(3, name.count / 2) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(4).map(\.name)
  }
}

extension String {
  /// The fewest insertions, deletions and replacements of characters that turn this text into another.
  ///
  /// Source: Levenshtein, 1966, in the form that keeps one row.
  fileprivate func editDistance(to other: String) -> Int {
    var row = Array(0...other.count)
    for (i, character) in enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, otherCharacter) in other.enumerated() {
        let replaced = diagonal + (character == otherCharacter ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[other.count]
  }
}
