/// The value of an option, as JSON has it.
enum RecordedValue: Hashable {
  case flag(Bool)
  case whole(UInt64)
  case number(Double)
  case text(String)
  case list([RecordedValue])
}

extension RecordedValue {
  /// The value, as the command line has it.
  var text: String {
    switch self {
    case .flag(let value): "\(value)"
    case .whole(let value): "\(value)"
    // An option for integers does not parse -3.0.
    case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .text(let value): value
    case .list(let values): values.map(\.text).joined(separator: ",")
    }
  }
}

extension RecordedValue: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([RecordedValue].self) {
      self = .list(values)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a number, a string, true, false or a list of these")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    }
  }
}
