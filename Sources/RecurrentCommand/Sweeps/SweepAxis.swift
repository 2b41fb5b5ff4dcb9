import RecurrentSupport

/// One `--sweep`: an option and its values.
struct SweepAxis: Equatable {
  /// The long name of the option, without dashes.
  let name: String
  /// The values, as typed.
  private(set) var values: [String]

  /// Reads `seed=0,1,2`.
  static func parse(_ text: String) throws -> SweepAxis {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let values = parts.last?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    guard parts.count == 2, !parts[0].isEmpty, !values.contains("") else {
      throw OptionValue.Mismatch(description: "expected the name of an option and its values, such as seed=0,1,2")
    }
    return SweepAxis(name: String(parts[0]), values: values)
  }

  /// One axis for each option, by its present name, in the given order but seeds last, so that runs which differ only
  /// in their seed follow each other.
  static func merged(_ axes: [SweepAxis]) throws(CommandFailure) -> [SweepAxis] {
    let presentNames = try RenamedOptions.replacements(for: axes.map(\.name), place: "--sweep: ")
    var merged: [SweepAxis] = []
    for axis in axes {
      let name = presentNames[axis.name] ?? axis.name
      if let index = merged.firstIndex(where: { $0.name == name }) {
        merged[index].values += axis.values
      } else {
        merged.append(SweepAxis(name: name, values: axis.values))
      }
    }
    for axis in merged where Set(axis.values).count < axis.values.count {
      throw CommandFailure("--sweep: found a value of '\(axis.name.shown())' twice, expected each value once", .usage)
    }
    return merged.filter { $0.name != "seed" } + merged.filter { $0.name == "seed" }
  }

  /// All combinations of values; the last axis varies fastest.
  static func combinations(of axes: [SweepAxis]) -> [[(name: String, value: String)]] {
    axes.reduce([[]]) { combinations, axis in
      combinations.flatMap { start in axis.values.map { start + [(axis.name, $0)] } }
    }
  }
}
