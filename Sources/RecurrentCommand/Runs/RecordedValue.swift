/// The value of an option as JSON has it.
enum RecordedValue: Hashable {
  case flag(Bool)
  case whole(UInt64)
  case number(Double)
  case text(String)
  case list([RecordedValue])
}

extension RecordedValue {
  /// The value of an option as the command holds it; nil where the option was left out and has no default.
  ///
  /// What is neither a number nor a text is described, by its raw value if it has one: that has to be what the option
  /// reads.
  init?(_ value: Any) {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      guard let some = mirror.children.first else { return nil }
      self.init(some.value)
      return
    }
    switch value {
    case let value as Bool: self = .flag(value)
    case let value as any BinaryInteger:
      self = UInt64(exactly: value).map(Self.whole) ?? .number(Double(value))
    // By way of its digits: 0.01 as a float is not 0.01 as a double.
    case let value as any BinaryFloatingPoint:
      let number = Double("\(value)") ?? Double(value)
      self = UInt64(exactly: number).map(Self.whole) ?? .number(number)
    case let values as [Any]: self = .list(values.compactMap(Self.init))
    case let value as any RawRepresentable: self = .text("\(value.rawValue)")
    default: self = .text("\(value)")
    }
  }

  /// The value as the command line has it.
  var text: String {
    switch self {
    case .flag(let value): "\(value)"
    case .whole(let value): "\(value)"
    // An option for whole numbers does not read -3.0.
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
        in: container, debugDescription: "expected a number, a text, true, false or a list of these")
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
