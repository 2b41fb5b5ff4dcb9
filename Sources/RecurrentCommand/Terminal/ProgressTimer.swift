/// Says when a progress line is due: the first time at once, then ten times a second, and on a terminal only.
struct ProgressTimer {
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?

  /// Whether it is time for a line, which is then taken as shown.
  mutating func isDue() -> Bool {
    guard Terminal.isInteractive else { return false }
    if let last, clock.now - last < .milliseconds(100) { return false }
    last = clock.now
    return true
  }
}
