import Testing

@testable import RecurrentCharts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ticks are round, cover the values, and are called what they are.
@Suite struct AxisTests {
  private static let cases: [(values: [Double], reason: String)] = [
    ([0, 2200], "steps of a run"), ([0.11, 1], "accuracies"), ([0.0186, 2.79], "losses"), ([], "nothing"),
    ([7], "one value"), ([0.981, 0.981], "a constant between ticks"), ([5, 5], "a constant on a tick"),
    ([0, 0], "zeros"), ([-3, -1], "below zero"), ([-0.3, 0.3], "around zero"), ([0.1, 0.3], "ends on ticks"),
    ([1e-9, 3e-9], "tiny values"), ([1e-190, 3e-190], "values at the lower end"), ([1e-300], "a value below it"),
    ([1e12, 5e12], "large values"), ([-1e200, 1e200], "values at the upper end"),
    ([-.greatestFiniteMagnitude, .greatestFiniteMagnitude, 3, 4], "values beyond it"),
    ([1e15, 1e15 + 0.5], "values that are nearly equal"), ([1e9, 1e9 + 7], "a small difference of large values"),
    ([.nan, 2, .infinity, 3, -.infinity], "what is no number among others"), ([1, 1e6], "six powers of ten"),
    ([0.999, 1.001], "around one"), ([99.44, 99.49], "percentages"), ([1e-190, 1e190], "hundreds of powers of ten"),
  ]

  @Test(arguments: cases)
  func linear(_ values: [Double], _ reason: String) throws {
    let axis = Axis(.linear, values)
    let shown = values.filter(axis.canShow)
    try check(axis, shown, slack: 1e-8)
    let step = try #require(zip(axis.ticks, axis.ticks.dropFirst()).map { $1 - $0 }.max())
    for (a, b) in zip(axis.ticks, axis.ticks.dropFirst()) { #expect(abs((b - a) / step - 1) < 1e-3, "evenly apart") }
    let power = pow(10, log10(step * 1.001).rounded(.down))
    #expect([1, 2, 5].contains { abs(step / power / $0 - 1) < 1e-3 }, "\(step)")
    for tick in axis.ticks { #expect(abs((tick / step).rounded() - tick / step) < 1e-3, "\(tick)") }
    #expect((2...12).contains(axis.ticks.count))
  }

  @Test(arguments: cases)
  func logarithmic(_ values: [Double], _ reason: String) throws {
    let axis = Axis(.logarithmic, values)
    let shown = values.filter(axis.canShow)
    #expect(shown == values.filter { $0 >= 1e-200 && $0 <= 1e200 })
    try check(axis, shown, slack: 0)
    for tick in axis.ticks {
      let factor = tick / pow(10, log10(tick * 1.001).rounded(.down))
      #expect([1, 2, 5].contains { abs(factor / $0 - 1) < 1e-3 }, "\(tick)")
    }
    #expect((2...12).contains(axis.ticks.count))
  }

  private func check(_ axis: Axis, _ shown: [Double], slack: Double) throws {
    #expect(axis.low < axis.high && axis.ticks.first == axis.low && axis.ticks.last == axis.high)
    #expect(axis.ticks.allSatisfy(\.isFinite) && axis.ticks == axis.ticks.sorted())
    for value in shown {
      #expect((-slack...1 + slack).contains(axis.place(of: value)), "\(value) in \(axis.low)...\(axis.high)")
    }
    #expect(axis.labels.count == axis.ticks.count && Set(axis.labels).count == axis.labels.count, "\(axis.labels)")
    for (tick, label) in zip(axis.ticks, axis.labels) {
      let value = try #require(Self.value(of: label), "\(label)")
      #expect(abs(value - tick) <= 1e-6 * abs(tick), "\(label) is not \(tick)")
    }
  }

  /// The number that a label means.
  static func value(of label: String) -> Double? {
    let text = label.replacing("−", with: "-").replacing(",", with: "")
    guard let match = text.wholeMatch(of: /(-?)([0-9.]*)(?:·?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/) else { return nil }
    var factor = Double(match.2) ?? (match.2.isEmpty ? 1 : .nan)
    if let raised = match.3 {
      // "10" before an exponent belongs to the power, whatever the factor.
      let digits = raised.map {
        "⁰¹²³⁴⁵⁶⁷⁸⁹".firstIndex(of: $0).map { "⁰¹²³⁴⁵⁶⁷⁸⁹".distance(from: "⁰¹²³⁴⁵⁶⁷⁸⁹".startIndex, to: $0) }
      }
      let exponent = digits.compactMap(\.self).reduce(0) { 10 * $0 + $1 } * (raised.first == "⁻" ? -1 : 1)
      factor = factor * pow(10, Double(exponent / 2)) * pow(10, Double(exponent - exponent / 2))
    }
    return match.1 == "-" ? -factor : factor
  }

  @Test func placesAreInOrder() {
    for scale in [Scale.linear, .logarithmic] {
      let values = [0.02, 0.3, 1, 4, 50]
      let axis = Axis(scale, values)
      let places = values.map(axis.place)
      #expect(places == places.sorted() && Set(places).count == 5)
    }
    let ratios = Axis(.logarithmic, [1, 100])
    #expect(abs(ratios.place(of: 10) - 0.5) < 1e-12 && ratios.place(of: 1) == 0 && ratios.place(of: 100) == 1)
    #expect(!ratios.canShow(0) && !ratios.canShow(-1) && !ratios.canShow(.nan) && !ratios.canShow(.infinity))
  }

  @Test func labelsThatAreReadAtAGlance() {
    #expect(Axis(.linear, [0, 2200], tickCount: 6).labels == ["0", "500", "1000", "1500", "2000", "2500"])
    #expect(Axis(.linear, [0, 40_000]).labels == ["0", "10,000", "20,000", "30,000", "40,000"])
    #expect(Axis(.linear, [0.11, 1]).labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Axis(.linear, [-1, 1]).labels == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(Axis(.linear, [0, 3e-8]).labels == ["0", "10⁻⁸", "2·10⁻⁸", "3·10⁻⁸"])
    #expect(Axis(.logarithmic, [0.0186, 2.79]).labels == ["0.01", "0.1", "1", "10"])
    #expect(Axis(.logarithmic, [2, 3]).labels == ["1", "2", "5", "10"])
    #expect(Axis(.logarithmic, [1e-8, 1e-6]).labels == ["10⁻⁸", "10⁻⁷", "10⁻⁶"])
  }
}

@Suite struct NumberTests {
  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (0.001, "0.001"), (0.0004, "4·10⁻⁴"), (-0.25, "−0.25"), (1234, "1234"),
      (12345.678, "12,345.678"),
      (1e7, "10⁷"), (-1e7, "−10⁷"), (1.5e300, "1.5·10³⁰⁰"), (.leastNonzeroMagnitude, "5·10⁻³²⁴"), (9.999e20, "10²¹"),
      (.infinity, "∞"),
      (-.infinity, "−∞"), (.nan, "–"), (-1e-9, "−10⁻⁹"),
    ] as [(Double, String)])
  func labels(_ value: Double, _ expected: String) {
    // Of subnormal numbers no digit is sure.
    if value == .leastNonzeroMagnitude {
      #expect(label(value, decimals: 3).hasSuffix("10⁻³²⁴"))
    } else {
      #expect(label(value, decimals: 3) == expected)
    }
  }

  @Test func coordinates() {
    #expect(short(12.345) == "12.35" && short(-0.001) == "0" && short(3) == "3" && short(-1.5) == "-1.5")
    #expect(short(0.1 + 0.2, decimals: 5) == "0.3" && short(1e20) == "1e+20" && short(.nan) == "–")
  }

  @Test func columns() {
    #expect(fixed(0.5, decimals: 2) == "0.50" && fixed(2, decimals: 0) == "2" && fixed(-0.004, decimals: 2) == "0.00")
    #expect(fixed(1e16, decimals: 1) == "10¹⁶" && fixed(.nan, decimals: 2) == "–")
    #expect(percent(0.9811) == "98.1" && percent(1) == "100.0" && percent(.nan) == "–")
    #expect(raised(-120) == "⁻¹²⁰")
  }

  @Test func textsThatAreTooLong() {
    #expect(fitted("short", to: 100) == "short")
    let cut = fitted(Sample.unbroken, to: 100)
    #expect(cut.hasSuffix("W…") && textWidth(of: cut) <= 100 && textWidth(of: cut + "W") > 100)
    #expect(fitted("abc", to: 0) == "…")
    #expect(wrapped("", to: 100, lines: 2) == [])
    #expect(wrapped("one two", to: 1000, lines: 2) == ["one two"])
    let lines = wrapped(Sample.long, to: 200, lines: 3)
    #expect(lines.count == 3 && lines.last?.hasSuffix("…") == true && lines.allSatisfy { textWidth(of: $0) <= 200 })
    #expect(lines[0].hasPrefix("a word and another") && !lines[0].hasSuffix("…"))
  }
}
