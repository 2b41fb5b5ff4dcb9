import RecurrentSupport

/// The fields of a request's JSON, with errors that name the field, what was found and what was expected.
struct WorkloadFields {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private let values: KeyedDecodingContainer<Name>

  init(_ decoder: any Decoder, names: [String]) throws {
    values = try decoder.container(keyedBy: Name.self)
    if let unknown = values.allKeys.map(\.stringValue).filter({ !names.contains($0) }).min() {
      throw WorkloadRequest.Fault(
        description: "\(unknown.shown()): found an unknown key, expected one of \(names.joined(separator: ", "))")
    }
  }

  /// A value of any type; nil if the key is absent or null.
  func value<Value: Decodable>(_ name: String, expected: String) throws(WorkloadRequest.Fault) -> Value? {
    let key = Name(stringValue: name)
    if !values.contains(key) || (try? values.decodeNil(forKey: key)) == true { return nil }
    do { return try values.decode(Value.self, forKey: key) } catch {
      let found =
        (try? values.decode(String.self, forKey: key)).map { "'\($0.shown())'" }
        ?? (try? values.decode(Double.self, forKey: key)).map { $0.sixDigits } ?? "another type"
      throw WorkloadRequest.Fault(description: "\(name): found \(found), expected \(expected)")
    }
  }

  func count(_ name: String) throws(WorkloadRequest.Fault) -> Int? { try value(name, expected: "a whole number") }

  /// One of some words; nil if the key is absent.
  func choice<Choice: RawRepresentable<String> & CaseIterable & Decodable>(
    _ name: String
  ) throws(WorkloadRequest.Fault) -> Choice? {
    try value(name, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "))
  }
}
