/// Which column of a table holds what, by position.
struct ColumnRoles {
  let id: Int?
  let time: Int?
  let channels: [Int]
  let statics: [Int]
  /// The columns of what is to be predicted.
  let targets: [Int]
  let targetKind: SeriesData.TargetKind

  private static let timeNames: Set<String> = ["time", "timestamp", "date", "datetime", "ds"]
  private static let labelNames: Set<String> = ["label", "class"]

  /// Whether a column of this name has a role without being asked for.
  static func isKnown(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == "id" || timeNames.contains(name) || labelNames.contains(name)
  }

  /// All names that are asked for.
  static func named(in columns: SeriesColumns) -> Set<String> {
    Set(
      [columns.id, columns.time].compactMap { $0 } + (columns.channels ?? []) + columns.statics + target(columns).names)
  }

  private static func target(_ columns: SeriesColumns) -> (kind: SeriesData.TargetKind, names: [String]) {
    switch columns.target {
    case nil, .some(.none): (.none, [])
    case .label(let name): (.label, [name])
    case .values(let names): (.values, names)
    case .stepLabel(let name): (.stepLabels, [name])
    case .stepValues(let names): (.stepValues, names)
    }
  }

  /// What tells a long table from a wide one: the columns that were asked for or are called so.
  static func find(
    in names: [String], _ columns: SeriesColumns
  ) -> (id: String?, time: String?, hasStepTargets: Bool) {
    let taken = named(in: columns)
    func known(_ known: Set<String>) -> String? {
      names.first { known.contains($0.lowercased()) && !taken.contains($0) }
    }
    return (columns.id ?? known(["id"]), columns.time ?? known(timeNames), target(columns).kind.isEveryStep)
  }

  init(_ names: [String], _ columns: SeriesColumns, source: String) throws(SeriesError) {
    let found = Self.find(in: names, columns)
    var (kind, targetNames) = Self.target(columns)
    if columns.target == nil {
      let taken = Self.named(in: columns)
      if let name = names.first(where: { Self.labelNames.contains($0.lowercased()) && !taken.contains($0) }) {
        (kind, targetNames) = (.label, [name])
      }
    }
    var used: Set<String> = []
    func positions(_ wanted: [String]) throws(SeriesError) -> [Int] {
      var positions: [Int] = []
      for name in wanted {
        guard let position = names.firstIndex(of: name) else {
          throw SeriesError(
            .columns, source: source, line: 1, found: "no column \(name.quoted)",
            expected: "one of \(names.quotedList)")
        }
        guard used.insert(name).inserted else {
          throw SeriesError(
            .columns, source: source, line: 1, found: "two roles for column \(name.quoted)", expected: "one for each")
        }
        positions.append(position)
      }
      return positions
    }
    id = try positions([found.id].compactMap { $0 }).first
    time = try positions([found.time].compactMap { $0 }).first
    statics = try positions(columns.statics)
    targets = try positions(targetNames)
    targetKind = kind
    if targetKind != .none && targets.isEmpty {
      throw SeriesError(
        .columns, source: source, line: 1, found: "no column to be predicted", expected: "at least one name")
    }
    if let wanted = columns.channels {
      channels = try positions(wanted)
    } else {
      channels = names.indices.filter { !used.contains(names[$0]) }
    }
    if channels.isEmpty {
      throw SeriesError(
        .columns, source: source, line: 1, found: "no column of inputs among \(names.quotedList)",
        expected: "at least one")
    }
  }
}
