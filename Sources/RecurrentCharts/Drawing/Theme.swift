/// The colours of all pictures, for light pages and dark ones.
///
/// Lines differ in lightness as well as in hue, so that they can be told apart without colour vision; the two colours of
/// heat are blue and orange for the same reason. Text has a contrast of 4.5 at least, to the page and to what is
/// coloured behind it.
enum Theme {
  /// How many lines have a colour of their own.
  static let lineCount = 6

  /// Names and colours on light pages.
  static let light: KeyValuePairs = [
    "ink": "#1f2328", "soft": "#59636e", "grid": "#dde3e9", "paper": "#ffffff", "positive": "#0b63c4",
    "negative": "#c2500a", "s0": "#0b63c4", "s1": "#c2500a", "s2": "#1a7f37", "s3": "#7a3fd0",
    "s4": "#a3135f", "s5": "#6b5d00",
  ]
  /// Names and colours on dark pages.
  static let dark: KeyValuePairs = [
    "ink": "#e6edf3", "soft": "#9aa7b3", "grid": "#30363d", "paper": "#0d1117", "positive": "#5aa9ff",
    "negative": "#ff9447", "s0": "#5aa9ff", "s1": "#ff9447", "s2": "#56d364", "s3": "#c297ff",
    "s4": "#ff86bf", "s5": "#e3c341",
  ]

  /// How strong a colour may be behind text.
  static let strongestBehindText = 0.5

  /// The size of letters of a style, for measuring: strong ones count as larger.
  static func textSize(ofStyle style: String) -> Double {
    if style.contains("heading") { return Canvas.headingSize * 1.1 }
    return (style.contains("small") ? Canvas.smallSize : Canvas.fontSize) * (style.contains("strong") ? 1.1 : 1)
  }

  private static func variables(_ colours: KeyValuePairs<String, String>) -> String {
    colours.map { "--\($0.key):\($0.value)" }.joined(separator: ";")
  }

  // Viewers that know no variables take the colour before: that of light pages.
  private static func paint(_ property: String, _ name: String) -> String {
    "\(property):\(light.first { $0.key == name }?.value ?? "#000");\(property):var(--\(name))"
  }

  private static var lines: String {
    (0..<lineCount).map {
      let (fill, stroke) = (paint("fill", "s\($0)"), paint("stroke", "s\($0)"))
      return ".s\($0){\(stroke)} text.s\($0),.dot.s\($0),.band.s\($0){\(fill);stroke:none}"
    }.joined(separator: "\n")
  }

  // A page that says which theme it has shows its own ground; where nobody says so, the picture brings a ground, since
  // that of the page may be another than the reader prefers.
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
