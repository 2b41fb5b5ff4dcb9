/// A line of `metrics.jsonl`, as it is read back.
///
/// What an event means is known by its name. Numbers are kept by their names, so that those of tasks and versions that
/// this program does not know are read as well.
struct MetricsLine: Decodable {
  /// The accuracy on sequences of one length.
  struct LengthAccuracy: Decodable, Equatable {
    let length: Int
    let accuracy: Double
    let count: Int
  }

  let event: String
  /// All finite numbers of the line.
  let numbers: [String: Double]
  /// The text of a sample.
  let text: String?
  /// The accuracies of an event `lengths`.
  let accuracies: [LengthAccuracy]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    event = try values.decode(String.self, forKey: Key(stringValue: "event"))
    var numbers: [String: Double] = [:]
    for key in values.allKeys {
      guard let number = try? values.decode(Double.self, forKey: key), number.isFinite else { continue }
      numbers[key.stringValue] = number
    }
    self.numbers = numbers
    text = try? values.decode(String.self, forKey: Key(stringValue: "text"))
    accuracies = (try? values.decode([LengthAccuracy].self, forKey: Key(stringValue: "accuracies"))) ?? []
  }

  /// A number that counts something; nil if it is missing, not a count, or so large that sums could overflow.
  func count(_ name: String) -> Int? {
    numbers[name].flatMap(Int.init(exactly:)).flatMap { 0...1 << 53 ~= $0 ? $0 : nil }
  }
}
