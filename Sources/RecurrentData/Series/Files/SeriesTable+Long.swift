import RecurrentSupport

extension SeriesTable {
  /// Reads a row for each step; rows of a series may stand anywhere, in the order of time.
  func long(_ columns: SeriesColumns, valueLimit: Int) throws(SeriesError) -> SeriesData {
    let roles = try roles(columns)
    var builder = SeriesBuilder(source: path, valueLimit: valueLimit)
    var positions: [String: Int] = [:]
    var times: [Double] = []
    var timeLine = TimeLine()
    try forEachRow { (record, cells) throws(SeriesError) in
      let id = roles.id.map { record.text(cells[$0]) } ?? "1"
      let position = positions[id] ?? builder.sequences.count
      if position == builder.sequences.count {
        try builder.begin(id, record)
        positions[id] = position
      }
      if let column = roles.time {
        let time = try time(in: cells[column], record)
        let previous = position < times.count ? times[position] : nil
        guard timeLine.take(time, after: previous) else {
          throw record.error(
            .time, at: cells[column].range.lowerBound,
            found:
              "time \(record.text(cells[column]).quoted), which does not lie after the step before of \(id.quoted)",
            expected: "time that ascends")
        }
        if previous == nil { times.append(time) } else { times[position] = time }
      }
      try builder.take(roles.channels.count + roles.targets.count, of: record)
      try append(record, cells, roles, to: position, of: &builder)
    }
    builder.notices = notices + [timeLine.notice].compactMap { $0 }
    if roles.id == nil { builder.notices.append("no column of names: all rows are one series") }
    let areValues = roles.targetKind == .values || roles.targetKind == .stepValues
    return try builder.data(
      channels: roles.channels.map { names[$0] }, staticNames: roles.statics.map { names[$0] },
      targetKind: roles.targetKind, targetNames: areValues ? roles.targets.map { names[$0] } : [])
  }

  private func time(in cell: Record.Cell, _ record: Record) throws(SeriesError) -> Double {
    if let time = TimeStamp.point(record.trimmed(cell.range)) { return time }
    throw record.error(
      .time, at: cell.range.lowerBound, found: "time \(record.text(cell).quoted)", expected: TimeStamp.expectation)
  }

  /// Appends a step to a series.
  private func append(
    _ record: Record, _ cells: [Record.Cell], _ roles: ColumnRoles, to position: Int, of builder: inout SeriesBuilder
  ) throws(SeriesError) {
    for column in roles.channels {
      builder.sequences[position].inputs.append(try record.number(in: cells[column].range, as: names[column].quoted))
    }
    try repeated(roles.statics, .statics, record, cells, in: &builder.sequences[position].statics)
    switch roles.targetKind {
    case .none: break
    case .stepValues: builder.sequences[position].targets += try numbers(roles.targets, record, cells)
    case .values: try repeated(roles.targets, .values, record, cells, in: &builder.sequences[position].targets)
    case .stepLabels:
      let label = try builder.label(record.text(cells[roles.targets[0]]), of: record)
      builder.sequences[position].labels.append(label)
    case .label:
      let cell = cells[roles.targets[0]]
      let label = try builder.label(record.text(cell), of: record)
      if builder.sequences[position].labels.first ?? -1 < 0 { builder.sequences[position].labels = [label] }
      guard label < 0 || builder.sequences[position].labels == [label] else {
        throw record.error(
          .label, at: cell.range.lowerBound,
          found: "another class, \(record.text(cell).quoted), within sequence \(builder.sequences[position].id.quoted)",
          expected: "one class for each sequence; classes of steps are a role of their own")
      }
    }
  }

  /// Takes what every row of a series repeats: it may be missing in some rows, and does not change.
  private func repeated(
    _ columns: [Int], _ kind: SeriesError.Kind, _ record: Record, _ cells: [Record.Cell], in values: inout [Float]
  ) throws(SeriesError) {
    if values.isEmpty { values = Array(repeating: .nan, count: columns.count) }
    for (index, column) in columns.enumerated() {
      let value = try record.number(in: cells[column].range, as: names[column].quoted)
      if values[index].isNaN { values[index] = value }
      guard value.isNaN || value == values[index] else {
        throw record.error(
          kind, at: cells[column].range.lowerBound,
          found: "another value, \(record.text(cells[column]).quoted), of \(names[column].quoted) within a sequence",
          expected: "one value for each sequence")
      }
    }
  }
}
