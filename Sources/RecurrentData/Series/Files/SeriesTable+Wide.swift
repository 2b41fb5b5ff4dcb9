import RecurrentSupport

extension SeriesTable {
  /// Reads a row for each series.
  func wide(_ columns: SeriesColumns, valueLimit: Int) throws(SeriesError) -> SeriesData {
    let roles = try roles(columns)
    if roles.targetKind.isEveryStep || roles.time != nil {
      throw SeriesError(
        .columns, source: path, line: 1, found: roles.time != nil ? "a column of time" : "targets of steps",
        expected: "none in a table with a row for each series")
    }
    var builder = SeriesBuilder(source: path, valueLimit: valueLimit)
    var shortenedCount = 0
    try forEachRow { (record, cells) throws(SeriesError) in
      let id = roles.id.map { record.text(cells[$0]) } ?? "\(builder.sequences.count + 1)"
      try builder.begin(id, record)
      try builder.take(cells.count, of: record)
      let series = builder.sequences.count - 1
      builder.sequences[series].inputs = try numbers(roles.channels, record, cells)
      builder.sequences[series].statics = try numbers(roles.statics, record, cells)
      if roles.targetKind == .label {
        builder.sequences[series].labels = [try builder.label(record.text(cells[roles.targets[0]]), of: record)]
      } else if roles.targetKind == .values {
        builder.sequences[series].targets = try numbers(roles.targets, record, cells)
      }
      if try builder.dropMissingTail(channels: 1, record) { shortenedCount += 1 }
    }
    builder.notices = notices
    if shortenedCount > 0 {
      builder.notices.append("\(quantity(shortenedCount, "sequence")) without values at the end: read as shorter")
    }
    return try builder.data(
      channels: ["1"], staticNames: roles.statics.map { names[$0] }, targetKind: roles.targetKind,
      targetNames: roles.targetKind == .values ? roles.targets.map { names[$0] } : [])
  }

  /// The numbers in some columns of a row.
  func numbers(_ columns: [Int], _ record: Record, _ cells: [Record.Cell]) throws(SeriesError) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(columns.count)
    for column in columns { numbers.append(try record.number(in: cells[column].range, as: names[column].quoted)) }
    return numbers
  }
}
