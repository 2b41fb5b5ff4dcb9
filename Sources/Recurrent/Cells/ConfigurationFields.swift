import RecurrentSupport

/// The name of a field in the JSON of a configuration, or the index of an element.
struct FieldName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { return nil }
}

/// Reads and checks the fields of an object: an unknown key, a size that is not positive or an unknown function is a
/// ``ConfigurationError`` with its key.
struct FieldReader {
  let values: KeyedDecodingContainer<FieldName>
  private let path: [any CodingKey]

  /// The fields of the decoder's current object.
  ///
  /// - Parameter names: the keys that the object may have; others are an error, since a misspelled option would
  ///   otherwise be ignored. `cell` belongs to the registry.
  init(_ decoder: any Decoder, names: Set<String>) throws {
    values = try decoder.container(keyedBy: FieldName.self)
    path = decoder.codingPath
    if let unknown = values.allKeys.map(\.stringValue).filter({ !names.contains($0) }).min() {
      throw ConfigurationError(
        path, unknown.shown(limit: 60), found: "an unknown key",
        expected: "one of " + names.sorted().joined(separator: ", "))
    }
  }

  /// Reads a size, from 1 to ``largestSize``.
  func size(_ name: String) throws -> Int {
    let size: Int = try number(name, expected: "a whole number from 1 to \(Self.largestSize)")
    guard 1...Self.largestSize ~= size else {
      throw error(name, found: "\(size)", expected: "a whole number from 1 to \(Self.largestSize)")
    }
    return size
  }

  func sizeIfPresent(_ name: String) throws -> Int? { has(name) ? try size(name) : nil }

  /// Reads a number above 0; nil if the key is absent.
  func limit(_ name: String) throws -> Float? {
    if !has(name) { return nil }
    let limit: Float = try number(name, expected: "a number above 0")
    guard limit > 0, limit.isFinite else { throw error(name, found: "\(limit)", expected: "a number above 0") }
    return limit
  }

  /// Reads a probability below 1; 0 if the key is absent.
  func rate(_ name: String) throws -> Float {
    let rate: Float = has(name) ? try number(name, expected: "a probability below 1") : 0
    guard 0..<1 ~= rate else { throw error(name, found: "\(rate)", expected: "a probability below 1") }
    return rate
  }

  /// Reads a number; the error shows one that the type cannot hold.
  private func number<Number: Decodable>(_ name: String, expected: String) throws -> Number {
    do { return try values.decode(Number.self, forKey: FieldName(name)) } catch {
      switch error as? DecodingError {
      case .typeMismatch, .keyNotFound, .valueNotFound: throw error
      // Foundation throws a private error for a number that does not fit.
      default: break
      }
      let found = (try? values.decode(Double.self, forKey: FieldName(name))).map { "\($0)" }
      throw self.error(name, found: found ?? "a number beyond 64 bits", expected: expected)
    }
  }

  func flag(_ name: String, usual: Bool = false) throws -> Bool {
    try values.decodeIfPresent(Bool.self, forKey: FieldName(name)) ?? usual
  }

  func activation(_ name: String, usual: Activation) throws -> Activation {
    try values.decodeIfPresent(Activation.self, forKey: FieldName(name)) ?? usual
  }

  func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    try values.decode(type, forKey: FieldName(name))
  }

  func has(_ name: String) -> Bool { values.contains(FieldName(name)) }

  func error(_ name: String, found: String, expected: String) -> ConfigurationError {
    ConfigurationError(path, name, found: found, expected: expected)
  }

  /// Runs a check of the whole object and prefixes the keys of its errors with the object's path.
  func check(_ body: () throws(ConfigurationError) -> Void) throws(ConfigurationError) {
    do throws(ConfigurationError) { try body() } catch { throw error.below(path) }
  }

  /// The largest size: products of such sizes, as in parameter counts, fit 64 bits.
  static let largestSize = 1 << 24
}

/// Writes fields into an object and omits those with default values.
struct FieldWriter {
  private var values: KeyedEncodingContainer<FieldName>

  init(_ encoder: any Encoder) { values = encoder.container(keyedBy: FieldName.self) }

  /// Writes a value unless it is the default.
  mutating func write<Value: Encodable & Equatable>(_ name: String, _ value: Value?, unless usual: Value? = nil) throws
  {
    if let value, value != usual { try values.encode(value, forKey: FieldName(name)) }
  }
}

extension RecurrentCell {
  static func check(hiddenSize: Int) throws(ConfigurationError) {
    if hiddenSize < 1 {
      throw ConfigurationError("hiddenSize", found: "\(hiddenSize)", expected: "a positive number of hidden units")
    }
  }

  static func check(limits: (name: String, limit: Float?)...) throws(ConfigurationError) {
    for case (let name, let limit?) in limits where !(limit > 0 && limit.isFinite) {
      throw ConfigurationError(name, found: "\(limit)", expected: "a number above 0")
    }
  }
}
