/// Measures of a result that only tasks of a kind have, by name, in the order in which they are written.
struct TaskMeasures: ExpressibleByDictionaryLiteral {
  private(set) var values: [(name: String, value: Double)] = []

  init(dictionaryLiteral elements: (String, Double)...) {
    for (name, value) in elements { add(name, value) }
  }

  mutating func add(_ name: String, _ value: Double) { values.append((name, value)) }

  func map<Result>(_ transform: (String, Double) -> Result) -> [Result] { values.map { transform($0.name, $0.value) } }
}
