import RecurrentSupport

/// What `--sweep` names: an option and the values that it is to have in turn.
struct SweepAxis: Equatable {
  /// The long name of the option, without dashes.
  let name: String
  /// The values as they are typed.
  private(set) var values: [String]

  /// Reads `seed=0,1,2`.
  static func parse(_ text: String) throws -> SweepAxis {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let values = parts.last?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    guard parts.count == 2, !parts[0].isEmpty, !values.contains("") else {
      throw OptionValue.Refusal(description: "expected the name of an option and its values, such as seed=0,1,2")
    }
    return SweepAxis(name: String(parts[0]), values: values)
  }

  /// One axis for each option, in the order in which they are named, but seeds last: runs that differ by their seed
  /// alone follow each other.
  static func merged(_ axes: [SweepAxis]) throws(CommandFailure) -> [SweepAxis] {
    var merged: [SweepAxis] = []
    for axis in axes {
      if let index = merged.firstIndex(where: { $0.name == axis.name }) {
        merged[index].values += axis.values
      } else {
        merged.append(axis)
      }
    }
    for axis in merged where Set(axis.values).count < axis.values.count {
      throw CommandFailure("--sweep: found a value of '\(axis.name.shown())' twice, expected each once", .usage)
    }
    return merged.filter { $0.name != "seed" } + merged.filter { $0.name == "seed" }
  }

  /// All combinations of values, the last axis fastest.
  static func combinations(of axes: [SweepAxis]) -> [[(name: String, value: String)]] {
    axes.reduce([[]]) { combinations, axis in
      combinations.flatMap { start in axis.values.map { start + [(axis.name, $0)] } }
    }
  }
}
