import RecurrentSupport

/// The lines before `@data` of a `.ts` file.
///
/// What a header says of sizes is compared with the data and never relied on: published files get it wrong.
struct ArchiveHeader {
  private(set) var targetKind = SeriesData.TargetKind.none
  /// The classes that rows may have; nil if they are not listed.
  private(set) var classes: [String]?
  private(set) var channelCount: Int?
  private(set) var hasEqualLengths = false
  private(set) var stepCount: Int?
  private(set) var hasMissingValues: Bool?
  private(set) var notices: [String] = []

  /// Reads up to `@data`.
  ///
  /// - Throws: ``SeriesError`` if that never comes, or a line does not say what it has to.
  init(_ records: RecordReader) throws(SeriesError) {
    while let record = try records.next() {
      if record.bytes.first == UInt8(ascii: "#") { continue }
      let text = record.text(Record.Cell(range: record.bytes.indices))
      guard text.hasPrefix("@") else {
        throw record.error(
          .header, found: "\(text.quoted) before @data", expected: "lines that begin with '#' or '@', then @data")
      }
      let words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
      if words[0].lowercased() == "@data" { return }
      try take(words[0].lowercased(), Array(words.dropFirst()), of: record)
    }
    throw SeriesError(.header, source: records.path, found: "no line '@data'", expected: "one before the series")
  }

  private mutating func take(_ name: String, _ values: [String], of record: Record) throws(SeriesError) {
    switch name {
    case "@problemname": break
    case "@timestamps": _ = try truth(values, of: record)  // seen from the rows
    case "@missing": hasMissingValues = try truth(values, of: record)
    case "@univariate": if try truth(values, of: record) { channelCount = 1 }
    case "@dimension", "@dimensions": channelCount = try count(values, of: record)
    case "@equallength": hasEqualLengths = try truth(values, of: record)
    case "@serieslength": stepCount = try count(values, of: record)
    case "@classlabel":
      guard try truth(values, of: record) else { return }
      targetKind = .label
      if values.count > 1 { classes = values.dropFirst().compactMap { CellText.label($0) } }
    case "@targetlabel": if try truth(values, of: record) { targetKind = .values }
    default: notices.append("line \(record.line): \(name.quoted) has no meaning here, and is ignored")
    }
  }

  private func truth(_ values: [String], of record: Record) throws(SeriesError) -> Bool {
    switch values.first?.lowercased() {
    case "true": return true
    case "false": return false
    default:
      throw record.error(.header, found: (values.first ?? "").quoted, expected: "'true' or 'false'")
    }
  }

  private func count(_ values: [String], of record: Record) throws(SeriesError) -> Int {
    if let count = values.first.flatMap({ Int($0) }), count > 0 { return count }
    throw record.error(.header, found: (values.first ?? "").quoted, expected: "a whole number above 0")
  }

  /// Where the data differs from what the header says, one sentence each.
  func differences(from data: SeriesData) -> [String] {
    var notices = notices
    if let channelCount, channelCount != data.channels.count {
      notices.append(
        "the header says \(quantity(channelCount, "channel")), the rows have \(data.channels.count), which are read")
    }
    let steps = data.stepCounts
    let lengths = "\(steps.lowerBound) to \(steps.upperBound) steps, which are read"
    if hasEqualLengths && steps.lowerBound < steps.upperBound {
      notices.append("the header says equal lengths, the series have \(lengths)")
    } else if let stepCount, hasEqualLengths, stepCount != steps.upperBound {
      notices.append(
        "the header says \(quantity(stepCount, "step")), the series have \(steps.upperBound), which are read")
    }
    let missing = data.missingCounts.reduce(0, +)
    if hasMissingValues == false && missing > 0 {
      notices.append("the header says that no value is missing, \(missing) are")
    }
    return notices
  }
}
