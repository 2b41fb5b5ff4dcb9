extension Parameters: Codable {
  private enum CodingKeys: CodingKey {
    case tensors, values
  }

  private struct Shape: Codable {
    let name: String
    let shape: [Int]
  }

  /// Writes names, shapes and the exact bits of all elements.
  ///
  /// - Parameter encoder: of any format; the elements become one string, which keeps NaNs and infinities too.
  /// - Throws: what the encoder throws.
  /// - Complexity: O(elements).
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(entries.map { Shape(name: $0.name, shape: $0.shape) }, forKey: .tensors)
    try container.encode(ExactFloats(values), forKey: .values)
  }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a name occurs twice, a size is negative, or names and shapes do not fit the elements.
  /// - Complexity: O(elements).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shapes = try container.decode([Shape].self, forKey: .tensors)
    let values = try container.decode(ExactFloats.self, forKey: .values).values
    func fail(_ message: String, _ key: CodingKeys) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    var (total, names): (Int, Set<String>) = (0, [])
    for shape in shapes {
      guard names.insert(shape.name).inserted else { throw fail("duplicate parameter name '\(shape.name)'", .tensors) }
      // The elements are already there, so no count above theirs can be valid.
      guard let count = Tensor.count(of: shape.shape), count <= values.count - total else {
        throw fail("'\(shape.name)' of shape \(shape.shape) does not fit into \(values.count) values", .tensors)
      }
      total += count
    }
    guard total == values.count else { throw fail("expected \(total) values, found \(values.count)", .values) }
    self.init(shapes.map { ($0.name, $0.shape) })
    self.values = values
  }
}
