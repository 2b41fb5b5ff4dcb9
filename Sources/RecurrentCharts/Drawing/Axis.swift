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

/// An axis: round bounds around some values, and round numbers between them.
struct Axis {
  let scale: Scale
  let low: Double
  let high: Double
  let ticks: [Double]
  private let decimals: Int

  /// An axis for values; what cannot be shown among them is not looked at.
  ///
  /// - Parameters:
  ///   - values: what must have a place.
  ///   - tickCount: about how many ticks there should be.
  init(_ scale: Scale, _ values: some Sequence<Double>, tickCount: Int = 5) {
    self.scale = scale
    let shown = values.filter { Self.canShow($0, scale) }
    let (least, most) = (shown.min() ?? (scale == .linear ? 0 : 1), shown.max() ?? 1)
    switch scale {
    case .linear:
      let span = most > least ? most - least : max(most.magnitude, 1)
      let step = Self.roundStep(span / Double(tickCount))
      low = (least / step).rounded(.down) * step
      high = max((most / step).rounded(.up) * step, low + step)
      let first = low
      ticks = (0...Int(((high - low) / step).rounded())).map { first + Double($0) * step }
      decimals = max(0, Int((-log10(step)).rounded(.up)))
    case .logarithmic:
      let bottom = log10(least).rounded(.down)
      let top = max(log10(most).rounded(.up), bottom + 1)
      (low, high) = (pow(10, bottom), pow(10, top))
      let every = max(1, Int(((top - bottom) / Double(tickCount + 2)).rounded(.up)))
      ticks = stride(from: Int(bottom), through: Int(top), by: every).map { pow(10, Double($0)) }
      decimals = 0
    }
  }

  /// Whether a value has a place.
  func canShow(_ value: Double) -> Bool { Self.canShow(value, scale) }

  private static func canShow(_ value: Double, _ scale: Scale) -> Bool {
    value.isFinite && (scale == .linear || value > 0)
  }

  /// Where a value lies, from 0 at the lower bound to 1 at the upper.
  func place(of value: Double) -> Double {
    switch scale {
    case .linear: (value - low) / (high - low)
    case .logarithmic: log(value / low) / log(high / low)
    }
  }

  /// A tick's label.
  func label(_ tick: Double) -> String {
    switch scale {
    case .linear: return fixed(tick, decimals: decimals)
    case .logarithmic:
      let exponent = Int(log10(tick).rounded())
      return (-2...3).contains(exponent) ? short(tick) : "10" + raised(exponent)
    }
  }

  // 1, 2 or 5 times a power of ten.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    return (([1, 2, 5] as [Double]).first { $0 * power >= step * 0.999 } ?? 10) * power
  }
}
