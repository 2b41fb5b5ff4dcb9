import RecurrentSupport

/// Reads the rows of a `.ts` file.
///
/// ```
/// 1.5,2.5,3.5:10,?,30:walk                          two channels of three steps, and a class
/// (2024-08-10,1.5),(2024-08-11,2.5):0.7             one channel with time stamps, and a value to be predicted
/// ```
///
/// Source: the specification of the format, version 1.0, and the reference reader of the time-series archives, which
/// agree but for the spelling of `@dimensions`.
struct ArchiveReader {
  private let records: RecordReader
  private let header: ArchiveHeader
  private var builder: SeriesBuilder
  private var timeLine = TimeLine()
  private var channelCount = 0
  private var shortenedCount = 0

  init(_ records: RecordReader, valueLimit: Int) throws(SeriesError) {
    self.records = records
    header = try ArchiveHeader(records)
    builder = SeriesBuilder(source: records.path, valueLimit: valueLimit)
  }

  /// Reads all rows.
  mutating func read() throws(SeriesError) -> SeriesData {
    while let record = try records.next() {
      if record.bytes.first != UInt8(ascii: "#") { try take(record) }
    }
    let kind = header.targetKind
    var data = try builder.data(
      channels: (0..<channelCount).map { "\($0 + 1)" }, targetKind: kind, targetNames: kind == .values ? ["target"] : []
    )
    data.notices = header.differences(from: data) + [timeLine.notice].compactMap { $0 }
    if shortenedCount > 0 {
      data.notices.append("\(quantity(shortenedCount, "sequence")) without values at the end: read as shorter")
    }
    return data
  }

  private mutating func take(_ record: Record) throws(SeriesError) {
    var channels = pieces(of: record)
    let target = header.targetKind == .none ? nil : channels.removeLast()
    try checkChannels(channels, record)
    try builder.begin("\(builder.sequences.count + 1)", record)
    var values: [[Float]] = []
    var times: [Double] = []
    for (index, channel) in channels.enumerated() {
      values.append(try read(channel, number: index + 1, times: &times, record))
      guard values[index].count == values[0].count else {
        throw record.error(
          .ragged, at: channel.lowerBound, found: "\(quantity(values[index].count, "value")) in channel \(index + 1)",
          expected: "\(values[0].count), as channel 1 has")
      }
    }
    let series = builder.sequences.count - 1
    builder.sequences[series].inputs = values[0].indices.flatMap { step in values.map { $0[step] } }
    if try builder.dropMissingTail(channels: channelCount, record) { shortenedCount += 1 }
    if let target { try take(target: target, record) }
  }

  private mutating func checkChannels(_ channels: [Range<Int>], _ record: Record) throws(SeriesError) {
    if channels.isEmpty {
      throw record.error(
        .channels, found: "a row without ':'", expected: "values, ':', and what is to be predicted, as the header says")
    }
    if channelCount == 0 { channelCount = channels.count }
    guard channels.count == channelCount else {
      throw record.error(
        .channels, found: quantity(channels.count, "channel"), expected: "\(channelCount), as the rows before have")
    }
  }

  private mutating func take(target: Range<Int>, _ record: Record) throws(SeriesError) {
    let series = builder.sequences.count - 1
    if header.targetKind == .values {
      builder.sequences[series].targets = [try record.number(in: target, as: "the value to be predicted")]
      return
    }
    let text = record.text(Record.Cell(range: target))
    let name = CellText.label(text)
    if let name, header.classes.map({ !$0.contains(name) }) ?? text.contains(",") {
      throw record.error(
        .label, at: target.lowerBound, found: "class \(text.quoted)",
        expected: header.classes.map { "one of \($0.quotedList), as the header says" } ?? "a class after the last ':'")
    }
    builder.sequences[series].labels = [try builder.label(text, of: record)]
  }

  /// The values of a channel.
  ///
  /// - Parameters:
  ///   - channel: where it lies in the record.
  ///   - times: the time stamps of the first channel, which the others have to repeat.
  private mutating func read(
    _ channel: Range<Int>, number: Int, times: inout [Double], _ record: Record
  ) throws(SeriesError) -> [Float] {
    var values: [Float] = []
    var position = channel.lowerBound
    while position <= channel.upperBound {
      let step = position..<pieceEnd(from: position, in: channel, separator: UInt8(ascii: ","), of: record)
      position = step.upperBound + 1
      let value = try self.value(of: step, index: values.count, channel: number, times: &times, record)
      values.append(try record.number(in: value, as: "step \(values.count + 1) of channel \(number)"))
    }
    try builder.take(values.count, of: record)
    return values
  }

  /// Where the value of a step lies, of one with a time stamp within its parentheses.
  private mutating func value(
    of step: Range<Int>, index: Int, channel: Int, times: inout [Double], _ record: Record
  ) throws(SeriesError) -> Range<Int> {
    let trimmed = record.trimmed(step)
    let hasStamp = trimmed.first == UInt8(ascii: "(")
    if !hasStamp && times.isEmpty { return step }
    guard hasStamp, channel > 1 || index == times.count else {
      throw record.error(
        .time, at: step.lowerBound, found: "steps with and without a time", expected: "either all with or all without")
    }
    let (time, value) = try stamp(trimmed, record)
    if channel == 1 {
      guard timeLine.take(time, after: times.last) else {
        throw record.error(
          .time, at: step.lowerBound, found: "a time that does not lie after the one before",
          expected: "time that ascends")
      }
      times.append(time)
    } else if index >= times.count || times[index] != time {
      throw record.error(
        .time, at: step.lowerBound, found: "another time at step \(index + 1) of channel \(channel)",
        expected: "that of channel 1")
    }
    return value
  }

  /// The time of `(time,value)`, and where its value lies.
  private func stamp(_ step: ArraySlice<UInt8>, _ record: Record) throws(SeriesError) -> (Double, Range<Int>) {
    guard step.last == UInt8(ascii: ")"), let comma = step.lastIndex(of: UInt8(ascii: ",")) else {
      throw record.error(
        .time, at: step.startIndex, found: String(decoding: step, as: UTF8.self).quoted, expected: "(time,value)")
    }
    let text = record.trimmed(step.startIndex + 1..<comma)
    guard let time = TimeStamp.point(text) else {
      throw record.error(
        .time, at: text.startIndex, found: "time \(String(decoding: text, as: UTF8.self).quoted)",
        expected: TimeStamp.expectation)
    }
    return (time, comma + 1..<step.endIndex - 1)
  }

  /// The pieces between colons.
  private func pieces(of record: Record) -> [Range<Int>] {
    var (pieces, start) = ([Range<Int>](), 0)
    while start <= record.bytes.count {
      let end = pieceEnd(from: start, in: record.bytes.indices, separator: UInt8(ascii: ":"), of: record)
      pieces.append(start..<end)
      start = end + 1
    }
    return pieces
  }

  /// Where the next separator outside of parentheses stands, or the end.
  private func pieceEnd(from start: Int, in range: Range<Int>, separator: UInt8, of record: Record) -> Int {
    var isInside = false
    for position in start..<range.upperBound {
      switch record.bytes[position] {
      case UInt8(ascii: "("): isInside = true
      case UInt8(ascii: ")"): isInside = false
      case separator where !isInside: return position
      default: break
      }
    }
    return range.upperBound
  }
}
