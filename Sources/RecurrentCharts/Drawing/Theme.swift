/// The colors of all pictures, for light pages and dark ones.
///
/// Lines differ in lightness as well as in hue, so that readers without color vision can tell them apart; the two
/// colors of heat maps are blue and orange for the same reason. Text has a contrast of at least 4.5 to the page and to
/// any color behind it.
enum Theme {
  /// The number of line colors.
  static let lineCount = 6

  /// Names and colors on light pages.
  static let light: KeyValuePairs = [
    "ink": "#1f2328", "soft": "#59636e", "grid": "#dde3e9", "paper": "#ffffff", "positive": "#0b63c4",
    "negative": "#c2500a", "s0": "#0b63c4", "s1": "#c2500a", "s2": "#1a7f37", "s3": "#7a3fd0",
    "s4": "#a3135f", "s5": "#6b5d00",
  ]
  /// Names and colors on dark pages.
  static let dark: KeyValuePairs = [
    "ink": "#e6edf3", "soft": "#9aa7b3", "grid": "#30363d", "paper": "#0d1117", "positive": "#5aa9ff",
    "negative": "#ff9447", "s0": "#5aa9ff", "s1": "#ff9447", "s2": "#56d364", "s3": "#c297ff",
    "s4": "#ff86bf", "s5": "#e3c341",
  ]

  /// The largest opacity of a color behind text.
  static let strongestBehindText = 0.5

  /// The font size of a style, for measuring; strong text counts as larger, since it is wider.
  static func textSize(ofStyle style: String) -> Double {
    if style.contains("heading") { return Canvas.headingSize * 1.1 }
    return (style.contains("small") ? Canvas.smallSize : Canvas.fontSize) * (style.contains("strong") ? 1.1 : 1)
  }

  /// The colors as variables of a style sheet.
  static func variables(_ colors: KeyValuePairs<String, String>) -> String {
    colors.map { "--\($0.key):\($0.value)" }.joined(separator: ";")
  }

  // Viewers without support for variables use the first value, that of light pages.
  private static func paint(_ property: String, _ name: String) -> String {
    "\(property):\(light.first { $0.key == name }?.value ?? "#000");\(property):var(--\(name))"
  }

  private static var lines: String {
    (0..<lineCount).map {
      let (fill, stroke) = (paint("fill", "s\($0)"), paint("stroke", "s\($0)"))
      return ".s\($0){\(stroke)} text.s\($0),.dot.s\($0),.band.s\($0){\(fill);stroke:none}"
    }.joined(separator: "\n")
  }

  // If a class forces light or dark, the background is that of the page. Otherwise the picture has its own, since the
  // page need not follow the reader's preference.
  static let style = """
    svg{\(variables(light))}
    @media (prefers-color-scheme:dark){svg:not(.light){\(variables(dark))}}
    svg.dark{\(variables(dark))}
    .paper{\(paint("fill", "paper"))} svg.light .paper,svg.dark .paper{fill:none}
    text{\(paint("fill", "ink"))} .heading{font-size:18px;font-weight:600} .soft{\(paint("fill", "soft"))}
    .strong{font-weight:600} .small{font-size:13px} .count{font-variant-numeric:tabular-nums}
    .axis{\(paint("stroke", "soft"));fill:none} .grid{\(paint("stroke", "grid"));fill:none}
    .curve{fill:none;stroke-width:2;stroke-linejoin:round} .band{fill-opacity:.18} .heat{shape-rendering:crispEdges}
    .positive{\(paint("fill", "positive"))} .negative{\(paint("fill", "negative"))} .ink{\(paint("fill", "ink"))}
    .frame{fill:none;\(paint("stroke", "grid"))} .outline{fill:none;\(paint("stroke", "ink"));stroke-width:1.5}
    .box{\(paint("fill", "positive"));fill-opacity:.12;\(paint("stroke", "positive"));stroke-width:1.5}
    .arrow{\(paint("stroke", "soft"));stroke-width:1.5;fill:none} .tip{\(paint("fill", "soft"))}
    \(lines)
    """
}
