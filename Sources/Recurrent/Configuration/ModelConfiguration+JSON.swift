import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A configuration in files:
///
/// ```json
/// {"input": {"features": 28}, "layers": [{"cell": "lstm", "hiddenSize": 20}], "output": {"classes": 10},
///  "readout": "last"}
/// ```
///
/// `initialState` is omitted if it is zero. An unknown key is an error, so that a misspelled one is not ignored: a file
/// of a later version with a key unknown to this version holds a network that this version cannot compute.
extension ModelConfiguration: Codable {
  /// Reads a configuration and checks it.
  ///
  /// - Parameter decoder: holds an object as above.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a missing value or one of
  ///   another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, names: ["input", "layers", "readout", "output", "initialState"])
    self.init(
      input: try fields.value("input"), layers: try fields.value("layers"),
      readout: fields.has("readout") ? try fields.value("readout") : .last, output: try fields.value("output"),
      initialState: fields.has("initialState") ? try fields.value("initialState") : .zero)
    let configuration = self
    try fields.check { () throws(ConfigurationError) in try configuration.check() }
  }

  /// Writes the configuration.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: ``ConfigurationError`` if a cell's kind is not registered; what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("input", input)
    try fields.write("layers", layers)
    try fields.write("readout", readout)
    try fields.write("output", output)
    try fields.write("initialState", initialState, unless: .zero)
  }

  /// The greatest nesting depth accepted: a configuration needs five levels, and Foundation's parser crashes at 512.
  private static let greatestDepth = 64

  /// The configuration of a JSON text, checked.
  ///
  /// - Parameter json: an object like that of ``json``, with any whitespace.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value, or an empty key if the text is not JSON.
  /// - Complexity: O(length).
  public init(json: String) throws(ConfigurationError) {
    let text = Array(json.utf8)
    if nestingDepth(of: text) > Self.greatestDepth {
      throw ConfigurationError(
        "", found: "JSON nested more than \(Self.greatestDepth) deep", expected: "the configuration of a network")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(text))
    } catch let error as ConfigurationError {
      throw error
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ConfigurationError(context.codingPath, key.stringValue, found: "nothing", expected: "a value")
    } catch DecodingError.typeMismatch(let type, let context) {
      throw ConfigurationError(context.codingPath, found: "a value of another kind", expected: "\(type)")
    } catch DecodingError.valueNotFound(let type, let context) {
      throw ConfigurationError(context.codingPath, found: "null", expected: "\(type)")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw ConfigurationError(
        context.codingPath, found: "a value out of range", expected: "one that this version knows")
    } catch {
      throw ConfigurationError("", found: "no JSON", expected: "the configuration of a network")
    }
  }

  /// The configuration as JSON on one line, keys in alphabetical order: equal configurations give equal texts.
  ///
  /// - Precondition: the kinds of its cells are built in or registered (``CellRegistry``).
  /// - Complexity: O(layers).
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return require { String(decoding: try encoder.encode(self), as: UTF8.self) }
  }
}

extension ModelConfiguration.Input: Codable {
  /// Reads `{"features": 28}`, `{"tokens": 65}` or `{"embedding": 16, "tokens": 65}`.
  ///
  /// - Parameter decoder: holds such an object.
  /// - Throws: ``ConfigurationError`` for other keys and for sizes that are not positive; `DecodingError` for a value
  ///   of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, names: ["features", "tokens", "embedding"])
    switch (try fields.sizeIfPresent("features"), try fields.sizeIfPresent("tokens")) {
    case (let features?, nil) where !fields.has("embedding"): self = .features(features)
    case (nil, let tokens?): self = .tokens(tokens, embedding: try fields.sizeIfPresent("embedding"))
    default:
      throw ConfigurationError(
        decoder.codingPath, found: "other keys", expected: "'features' alone, or 'tokens' with or without 'embedding'")
    }
  }

  /// Writes the object.
  ///
  /// - Parameter encoder: takes it.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    switch self {
    case .features(let count): try fields.write("features", count)
    case .tokens(let count, let embedding):
      try fields.write("tokens", count)
      try fields.write("embedding", embedding)
    }
  }
}

extension ModelConfiguration.Output: Codable {
  var key: String {
    switch self {
    case .classes: "classes"
    case .values: "values"
    case .labels: "labels"
    }
  }

  /// Reads `{"classes": 10}`, `{"values": 1}` or `{"labels": 4}`.
  ///
  /// - Parameter decoder: holds such an object.
  /// - Throws: ``ConfigurationError`` for other keys and for numbers that are not positive; `DecodingError` for a value
  ///   of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, names: ["classes", "values", "labels"])
    let counts = (
      try fields.sizeIfPresent("classes"), try fields.sizeIfPresent("values"), try fields.sizeIfPresent("labels")
    )
    switch counts {
    case (let count?, nil, nil): self = .classes(count)
    case (nil, let count?, nil): self = .values(count)
    case (nil, nil, let count?): self = .labels(count)
    default:
      throw ConfigurationError(
        decoder.codingPath, found: "another number of keys", expected: "one of 'classes', 'values' and 'labels'")
    }
  }

  /// Writes the object.
  ///
  /// - Parameter encoder: takes it.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    switch self {
    case .classes(let count), .values(let count), .labels(let count): try fields.write(key, count)
    }
  }
}
