import RecurrentSupport

/// Time stamps of tables and archives.
enum TimeStamp {
  /// What a time stamp should have been, for messages.
  static let expectation = "a number, or a date as in ISO 8601, such as 2024-08-10 or 2024-08-10 18:00:00"

  /// A point of time on a line: a number as it is, of a date the seconds since 1970.
  ///
  /// Dates are `YYYY-MM`, `YYYY-MM-DD`, and such with ` ` or `T` and `HH:MM`, `HH:MM:SS` or fractions of seconds, then a
  /// zone as `Z`, `+HH:MM`, `+HHMM` or `+HH`; `/` in place of `-` too. Names of zones, and orders of day and month that
  /// differ between countries, are not read.
  ///
  /// - Returns: the point; nil if it is not written in one of these ways.
  static func point(_ bytes: ArraySlice<UInt8>) -> Double? {
    if let number = CellText.double(bytes) { return number }
    guard bytes.count <= 40 else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" }
    guard let date = halves.first else { return nil }
    guard halves.count == 2 else { return days(date.hasSuffix("Z") ? date.dropLast() : date).map { 86_400 * $0 } }
    let zoneStart = halves[1].firstIndex { "Z+-".contains($0) } ?? halves[1].endIndex
    guard let days = days(date), let seconds = seconds(halves[1][..<zoneStart]),
      let offset = offset(halves[1][zoneStart...])
    else { return nil }
    return 86_400 * days + seconds - offset
  }

  /// The seconds by which a zone is ahead of Greenwich's.
  private static func offset(_ zone: Substring) -> Double? {
    if zone.isEmpty || zone == "Z" { return 0 }
    let body = zone.dropFirst()
    let digits = body.count == 5 && body.dropFirst(2).first == ":" ? body.prefix(2) + body.suffix(2) : body
    guard zone.first != "Z", digits.count == 2 || digits.count == 4, let hours = whole(digits.prefix(2)), hours <= 14,
      let minutes = digits.count == 2 ? 0 : whole(digits.suffix(2)), minutes < 60
    else { return nil }
    return Double((zone.first == "-" ? -1 : 1) * (3600 * hours + 60 * minutes))
  }

  /// The days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(_ date: Substring) -> Double? {
    let parts = date.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" }.map { whole($0) }
    guard (2...3).contains(parts.count), date.prefix(4).allSatisfy(\.isNumber),
      let year = parts[0], let month = parts[1], let day = parts.count == 3 ? parts[2] : 1,
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // Years begin in March here, so that the leap day is the last; 719,468 days lie between 0000-03-01 and 1970-01-01.
    let y = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return Double(365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468)
  }

  private static func seconds(_ time: Substring) -> Double? {
    let parts = time.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hour = whole(parts[0]), let minute = whole(parts[1]),
      hour <= 24, minute < 60
    else { return nil }
    if parts.count == 2 { return Double(3600 * hour + 60 * minute) }
    guard let second = CellText.double(ArraySlice(parts[2].utf8)), (0..<61).contains(second) else { return nil }
    return Double(3600 * hour + 60 * minute) + second
  }

  private static func whole(_ digits: Substring) -> Int? {
    guard (1...4).contains(digits.count), digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(digits)
  }
}

/// Checks that the time of a series ascends, and finds out whether its steps are even.
struct TimeLine {
  /// The shortest and the longest step so far, of all series.
  private var steps: ClosedRange<Double>?

  /// Takes the next point of a series.
  ///
  /// - Returns: false if it does not lie after the one before.
  mutating func take(_ point: Double, after previous: Double?) -> Bool {
    guard let previous else { return true }
    guard point > previous else { return false }
    let step = point - previous
    steps = steps.map { min($0.lowerBound, step)...max($0.upperBound, step) } ?? step...step
    return true
  }

  /// What is to be said about steps that differ by half or more, as those of months do not; nil if there are none.
  var notice: String? {
    guard let steps, steps.upperBound > 1.5 * steps.lowerBound else { return nil }
    return "time steps are uneven, from \(steps.lowerBound.sixDigits) to \(steps.upperBound.sixDigits): "
      + "the network reads them as one step each"
  }
}
