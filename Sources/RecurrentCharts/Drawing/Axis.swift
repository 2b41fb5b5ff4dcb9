#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How values lie along an axis.
public enum Scale: Sendable {
  /// Equal differences are equally far apart.
  case linear
  /// Equal ratios are equally far apart; values that are not positive are left out.
  case logarithmic
}

/// An axis: round bounds around the values, and round numbers between the bounds.
struct Axis {
  let scale: Scale
  let low: Double
  let high: Double
  let ticks: [Double]
  /// The text at each tick.
  let labels: [String]

  /// Differences and ratios of values above this, or below its reciprocal, leave the range of `Double`.
  static let limit = 1e200
  /// Values whose relative difference is smaller count as equal.
  private static let resolution = 1e-9

  /// An axis for values; ignores those that it cannot show.
  ///
  /// - Parameters:
  ///   - values: the values to show.
  ///   - tickCount: about how many ticks there should be.
  init(_ scale: Scale, _ values: some Sequence<Double>, tickCount: Int = 5) {
    self.scale = scale
    let shown = values.filter { Self.canShow($0, scale) }
    let least = shown.min() ?? (scale == .linear ? 0 : 1)
    let most = shown.max() ?? 1
    switch scale {
    case .linear: (ticks, labels) = Self.linear(from: least, to: most, tickCount: tickCount)
    case .logarithmic: (ticks, labels) = Self.logarithmic(from: least, to: most, tickCount: tickCount)
    }
    (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
  }

  /// Whether the axis can show a value.
  func canShow(_ value: Double) -> Bool { Self.canShow(value, scale) }

  private static func canShow(_ value: Double, _ scale: Scale) -> Bool {
    value.magnitude <= limit && (scale == .linear || value >= 1 / limit)
  }

  /// The position of a value, from 0 at the lower bound to 1 at the upper.
  func place(of value: Double) -> Double {
    switch scale {
    case .linear: (value - low) / (high - low)
    case .logarithmic: (log(value) - log(low)) / (log(high) - log(low))
    }
  }

  private static func linear(from least: Double, to most: Double, tickCount: Int) -> ([Double], [String]) {
    let size = max(least.magnitude, most.magnitude)
    let isConstant = most - least <= size * resolution
    let span = size < 1 / limit ? 1 : isConstant ? size : most - least
    let (factor, exponent) = roundStep(span / Double(tickCount))
    // An integer divided by a power of ten is the double nearest to the decimal number; a product with 0.1 is not.
    func multiple(_ count: Int) -> Double {
      let power = pow(10, Double(exponent.magnitude))
      return exponent < 0 ? Double(count * factor) / power : Double(count * factor) * power
    }
    let step = multiple(1)
    var first = Int((least / step + resolution).rounded(.down))
    var last = Int((most / step - resolution).rounded(.up))
    // A constant lies between ticks or on the middle one.
    if isConstant { (first, last) = (Int((least / step).rounded(.up)) - 1, Int((most / step).rounded(.down)) + 1) }
    let ticks = (first...max(last, first + 1)).map(multiple)
    let largest = ticks.map(\.magnitude).max() ?? 1
    let labels = ticks.map { tick in
      if largest >= 1e7 || exponent < -6 {
        scientific(tick, digits: max(0, Int(log10(largest).rounded(.down)) - exponent))
      } else {
        fixed(tick, decimals: max(0, -exponent))
      }
    }
    return (ticks, labels)
  }

  private static func logarithmic(from least: Double, to most: Double, tickCount: Int) -> ([Double], [String]) {
    let bottom = Int(log10(least).rounded(.down))
    let top = max(Int(log10(most).rounded(.up)), bottom + 1)
    let every = (top - bottom + tickCount + 1) / (tickCount + 2)
    // Multiples of the distance, so that the first and the last tick are bounds.
    let first = Int((Double(bottom) / Double(every)).rounded(.down))
    let last = Int((Double(top) / Double(every)).rounded(.up))
    let factors: [Double] = top - bottom == 1 ? [1, 2, 5] : [1]
    let ticks =
      (first..<last).flatMap { index in factors.map { $0 * pow(10, Double(index * every)) } }
      + [pow(10, Double(last * every))]
    return (ticks, ticks.map { (1e-3...1e4).contains($0) ? label($0, decimals: 4) : scientific($0, digits: 2) })
  }

  /// The smallest 1, 2 or 5 times a power of ten that is at least as large.
  private static func roundStep(_ step: Double) -> (factor: Int, exponent: Int) {
    let exponent = Int(log10(step).rounded(.down))
    let part = step / pow(10, Double(exponent))
    return [1, 2, 5].first { Double($0) >= part * 0.999 }.map { ($0, exponent) } ?? (1, exponent + 1)
  }
}
