/// What a measure of `metrics.jsonl` is called in tables.
///
/// | key | words |
/// |---|---|
/// | `bitsPerCharacter` | bits per character |
/// | `rmse flow` | RMSE of flow |
/// | `naive mase net sales` | naive MASE of net sales |
enum MeasureName {
  private static let abbreviations: Set<Substring> = ["rmse", "mae", "mase", "nse", "kge"]

  static func words(_ key: String) -> String {
    // The name of a target stands behind the measure, and may be anything.
    for count in 1...2 {
      let parts = key.split(separator: " ", maxSplits: count, omittingEmptySubsequences: false)
      if parts.count == count + 1, abbreviations.contains(parts[count - 1]) {
        return (parts[..<(count - 1)] + [Substring(parts[count - 1].uppercased()), "of", parts[count]])
          .joined(separator: " ")
      }
    }
    if abbreviations.contains(key[...]) { return key.uppercased() }
    if key.contains(" ") { return key }
    return key.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
  }
}
