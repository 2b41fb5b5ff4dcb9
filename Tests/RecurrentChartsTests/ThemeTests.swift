import Testing

@testable import RecurrentCharts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Colors that can be read, on light pages and on dark ones.
@Suite struct ThemeTests {
  /// A color as its three components, from 0 to 1.
  struct Color {
    let components: [Double]

    init(_ code: String) throws {
      let number = try #require(code.hasPrefix("#") && code.count == 7 ? Int(code.dropFirst(), radix: 16) : nil)
      components = [16, 8, 0].map { Double(number >> $0 & 255) / 255 }
    }

    private init(components: [Double]) { self.components = components }

    /// The color laid over another with an opacity.
    func over(_ ground: Color, opacity: Double) -> Color {
      Color(components: zip(components, ground.components).map { opacity * $0 + (1 - opacity) * $1 })
    }

    /// The relative luminance of the Web Content Accessibility Guidelines 2.
    private var luminance: Double {
      let linear = components.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast of the same guidelines, from 1 to 21.
    func contrast(to other: Color) -> Double {
      let (a, b) = (luminance, other.luminance)
      return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }
  }

  private static let themes = [(Theme.light, "#ffffff"), (Theme.dark, "#0d1117")]
  private static let textColors = ["ink", "soft"] + (0..<Theme.lineCount).map { "s\($0)" }

  private func color(_ name: String, _ theme: KeyValuePairs<String, String>) throws -> Color {
    try Color(try #require(theme.first { $0.key == name }?.value))
  }

  @Test func contrastIsMeasuredAsTheGuidelinesSay() throws {
    #expect(try abs(Color("#000000").contrast(to: Color("#ffffff")) - 21) < 1e-9)
    // The gray that is known to just pass on white.
    #expect(try abs(Color("#767676").contrast(to: Color("#ffffff")) - 4.54) < 0.005)
    #expect(try Color("#336699").contrast(to: Color("#336699")) == 1)
  }

  @Test func bothThemesHaveTheSameNames() {
    #expect(Theme.light.map(\.key) == Theme.dark.map(\.key))
    #expect(Set(Theme.light.map(\.key)).count == Theme.light.count)
    for (light, dark) in zip(Theme.light, Theme.dark) { #expect(light.value != dark.value, "\(light.key)") }
  }

  @Test(arguments: [0, 1])
  func textCanBeRead(theme index: Int) throws {
    let (theme, page) = Self.themes[index]
    #expect(theme.first { $0.key == "paper" }?.value == page)
    for name in Self.textColors {
      let contrast = try color(name, theme).contrast(to: Color(page))
      #expect(contrast >= 4.5, "\(name): \(contrast)")
    }
    // Counts stand on colored cells, and names in boxes.
    for (name, opacity) in [
      ("positive", Theme.strongestBehindText), ("negative", Theme.strongestBehindText), ("positive", 0.12),
    ] {
      let ground = try color(name, theme).over(Color(page), opacity: opacity)
      let contrast = try color("ink", theme).contrast(to: ground)
      #expect(contrast >= 4.5, "on \(name): \(contrast)")
    }
    // What is no text but has a meaning.
    for name in ["positive", "negative"] { #expect(try color(name, theme).contrast(to: Color(page)) >= 3, "\(name)") }
  }

  @Test func variablesThatAreUsedAreThere() {
    let used = Set(Theme.style.matches(of: /var\(--([a-z0-9]+)\)/).map { String($0.1) })
    let known = Set(Theme.light.map(\.key))
    #expect(used == known, "none is missing, and none is idle")
    // Before each stands a color for viewers that know no variables.
    for match in Theme.style.matches(of: /(.{0,16})([a-z]+):var\(--([a-z0-9]+)\)/) {
      let fallback = "\(match.2):\(Theme.light.first { $0.key == match.3 }?.value ?? "");"
      #expect("\(match.1)".hasSuffix(fallback), "\(match.0)")
    }
  }

  @Test func readersWhoPreferDarkGetItUnlessLightIsForced() {
    let light = Theme.light.map { "--\($0.key):\($0.value)" }.joined(separator: ";")
    let dark = Theme.dark.map { "--\($0.key):\($0.value)" }.joined(separator: ";")
    let lines = Theme.style.split(separator: "\n")
    #expect(lines[0] == "svg{\(light)}")
    #expect(lines[1] == "@media (prefers-color-scheme:dark){svg:not(.light){\(dark)}}")
    #expect(lines[2] == "svg.dark{\(dark)}")
    #expect(lines[3].hasSuffix("svg.light .paper,svg.dark .paper{fill:none}"), "the ground is then the page's own")
  }
}
