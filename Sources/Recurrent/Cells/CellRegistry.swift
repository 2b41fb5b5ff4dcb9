import RecurrentSupport
import Synchronization

/// Decodes cells by name: the built-in kinds, and those that a program registers.
///
/// ```swift
/// try CellRegistry.register(OwnCell.self)
/// let network = try SequenceModel(contentsOf: "own.safetensors")
/// ```
///
/// In a file a cell is an object with its ``RecurrentCell/name`` under the key `cell`, beside the fields that the cell
/// encodes, such as `{"cell": "lstm", "hiddenSize": 20}`.
///
/// A cell decodes its own fields. It should throw on values that its initializer would trap on, since files come from
/// anywhere.
public enum CellRegistry {
  static let nameKey = "cell"

  private static let builtIn: [any RecurrentCell.Type] = [
    LSTMCell.self, GRUCell.self, ElmanCell.self, MGUCell.self, IndRNNCell.self,
  ]
  private static let types = Mutex(Dictionary(uniqueKeysWithValues: builtIn.map { ($0.name, $0) }))

  /// Registers a kind of cell under its name, so that files can hold it.
  ///
  /// May be called from any thread, and again with the same type.
  ///
  /// - Parameter type: the cell's type.
  /// - Throws: ``ConfigurationError`` if another type has the name, such as a built-in one, or if the name is empty.
  /// - Complexity: O(1).
  public static func register<Cell: RecurrentCell>(_ type: Cell.Type) throws(ConfigurationError) {
    let other = types.withLock { types in
      if let known = types[Cell.name] { return known }
      if !Cell.name.isEmpty { types[Cell.name] = type }
      return type
    }
    if Cell.name.isEmpty {
      throw ConfigurationError(nameKey, found: "an empty name of \(type)", expected: "a name for files")
    }
    if ObjectIdentifier(other) != ObjectIdentifier(type) {
      throw ConfigurationError(
        nameKey, found: "\(type) under the name '\(Cell.name)', which belongs to \(other)",
        expected: "a name of its own")
    }
  }

  /// Whether files can hold cells of a type.
  static func contains(_ type: any RecurrentCell.Type) -> Bool {
    types.withLock { $0[type.name] }.map { ObjectIdentifier($0) == ObjectIdentifier(type) } ?? false
  }

  /// Whether a cell is one of the built-in kinds.
  static func isBuiltIn(_ cell: any RecurrentCell) -> Bool {
    builtIn.contains { ObjectIdentifier($0) == ObjectIdentifier(type(of: cell)) }
  }

  /// Reads a cell of any registered kind from the decoder's current object.
  static func cell(from decoder: any Decoder) throws -> any RecurrentCell {
    let key = FieldName(nameKey)
    let name = try decoder.container(keyedBy: FieldName.self).decode(String.self, forKey: key)
    guard let type = types.withLock({ $0[name] }) else {
      throw ConfigurationError(
        decoder.codingPath, nameKey, found: "'\(name.shown(limit: 60))', a cell that is not registered",
        expected: "one of \(names), or call CellRegistry.register first")
    }
    let cell = try type.init(from: decoder)
    // A user's decoder may accept any value; the engine multiplies these sizes.
    guard 1...FieldReader.largestSize ~= cell.hiddenSize, 1...cell.hiddenSize ~= cell.outputSize else {
      throw ConfigurationError(
        decoder.codingPath, "hiddenSize", found: "\(cell.hiddenSize), and \(cell.outputSize) outputs",
        expected: "1 to \(FieldReader.largestSize) hidden units, and no more outputs than units")
    }
    return cell
  }

  /// Writes a cell with its name.
  static func write(_ cell: any RecurrentCell, to encoder: any Encoder) throws {
    let type = type(of: cell)
    guard contains(type) else {
      throw ConfigurationError(
        encoder.codingPath, nameKey, found: "'\(type.name)', a cell that is not registered",
        expected: "a call of CellRegistry.register(\(type).self) first")
    }
    var values = encoder.container(keyedBy: FieldName.self)
    try values.encode(type.name, forKey: FieldName(nameKey))
    try cell.encode(to: encoder)
  }

  private static var names: String { types.withLock { $0.keys.sorted() }.joined(separator: ", ") }
}

extension RecurrentCell {
  /// Whether another cell is of the same type and equal.
  func isEqual(to other: any RecurrentCell) -> Bool { (other as? Self) == self }
}
