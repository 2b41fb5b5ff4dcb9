import RecurrentSupport

/// Collects the series of a file, within a limit of values.
struct SeriesBuilder {
  let source: String
  private let valueLimit: Int
  private var remaining: Int
  private(set) var labels: [String] = []
  private var labelIndices: [String: Int32] = [:]
  var sequences: [Series] = []
  var notices: [String] = []

  /// What a sequence or a class costs besides its values, in values.
  private static let overhead = 64
  /// The most bytes of a name.
  private static let nameLimit = 1000

  init(source: String, valueLimit: Int) {
    self.source = source
    self.valueLimit = valueLimit
    remaining = valueLimit
  }

  /// Counts values before memory is taken for them.
  ///
  /// - Throws: ``SeriesError`` if there are more than the limit.
  mutating func take(_ count: Int, of record: Record) throws(SeriesError) {
    remaining -= count
    guard remaining >= 0 else {
      throw record.error(
        .size, found: "more than \(valueLimit) values up to here",
        expected: "at most as many; split the file, or raise the limit")
    }
  }

  /// Begins a series.
  mutating func begin(_ id: String, _ record: Record) throws(SeriesError) {
    try checkName(id, record)
    try take(Self.overhead, of: record)
    sequences.append(Series(id: id, line: record.line))
  }

  /// The class of a name; -1 if it is missing.
  mutating func label(_ text: String, of record: Record) throws(SeriesError) -> Int32 {
    guard let name = CellText.label(text) else { return -1 }
    if let index = labelIndices[name] { return index }
    try checkName(name, record)
    try take(Self.overhead, of: record)
    let index = Int32(labels.count)
    labelIndices[name] = index
    labels.append(name)
    return index
  }

  private func checkName(_ name: String, _ record: Record) throws(SeriesError) {
    if name.utf8.count <= Self.nameLimit { return }
    throw record.error(.label, found: "a name of \(name.utf8.count) bytes", expected: "at most \(Self.nameLimit)")
  }

  /// Leaves out the last steps of the last series that lack all channels: they mean that it is shorter.
  ///
  /// - Returns: whether there were any.
  /// - Throws: ``SeriesError`` if no step is left.
  mutating func dropMissingTail(channels: Int, _ record: Record) throws(SeriesError) -> Bool {
    let inputs = sequences[sequences.count - 1].inputs
    let end = (inputs.lastIndex { !$0.isNaN }).map { ($0 / channels + 1) * channels } ?? 0
    guard end > 0 else {
      throw record.error(.empty, found: "a series without any value", expected: "at least one")
    }
    sequences[sequences.count - 1].inputs.removeLast(inputs.count - end)
    return end < inputs.count
  }

  /// The data of everything collected, its classes in order.
  func data(
    channels: [String], staticNames: [String] = [], targetKind: SeriesData.TargetKind, targetNames: [String] = []
  ) throws(SeriesError) -> SeriesData {
    guard !sequences.isEmpty else {
      throw SeriesError(.empty, source: source, found: "no series", expected: "at least one")
    }
    let names = CellText.sorted(labels)
    let positions = Dictionary(uniqueKeysWithValues: zip(names, Int32(0)...))
    let order = labels.map { positions[$0] ?? -1 }
    var sequences = sequences
    for index in sequences.indices {
      for place in sequences[index].labels.indices where sequences[index].labels[place] >= 0 {
        sequences[index].labels[place] = order[Int(sequences[index].labels[place])]
      }
    }
    var data = try SeriesData(
      sequences, channels: channels, staticNames: staticNames, targetKind: targetKind, targetNames: targetNames,
      labelNames: names, source: source)
    data.notices = notices
    return data
  }
}
