/// An SVG document that grows element by element.
///
/// Lengths are in pixels. A picture is as wide as a phone can show with legible letters; a page may scale it.
struct Canvas {
  let title: String
  let description: String
  let width: Double
  var height: Double
  private var body: [String] = []

  /// The width that pictures are laid out for, without the margins.
  static let standardWidth = 560.0
  /// The size of letters by default.
  static let fontSize = 15.0
  static let smallSize = 13.0
  static let headingSize = 18.0
  /// The empty space around the picture.
  private static let margin = 16.0

  init(title: String, description: String, width: Double = standardWidth, height: Double = 0) {
    (self.title, self.description, self.width, self.height) = (title, description, width, height)
  }

  /// The whole document.
  var svg: String {
    let (margin, whole) = (Self.margin, (width: width + 2 * Self.margin, height: height + 2 * Self.margin))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \
      viewBox="\(short(-margin)) \(short(-margin)) \(short(whole.width)) \(short(whole.height))" \
      width="\(short(whole.width))" height="\(short(whole.height))" role="img" \
      font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif" \
      font-size="\(short(Self.fontSize))">
      <title>\(escaped(title))</title>
      <desc>\(escaped(description))</desc>
      <style>\(Theme.style)</style>
      <rect class="paper" x="\(short(-margin))" y="\(short(-margin))" width="\(short(whole.width))" \
      height="\(short(whole.height))"/>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }

  /// Adds an element.
  ///
  /// - Parameters:
  ///   - name: such as `rect`.
  ///   - attributes: names and values; values are escaped.
  ///   - tip: the tooltip.
  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, tip: String? = nil) {
    let inside = tip.map { "<title>\(escaped($0))</title>" }
    body.append(opening(name, attributes) + (inside.map { ">\($0)</\(name)>" } ?? "/>"))
  }

  /// Adds text.
  ///
  /// - Parameter room: its largest width; longer text is cut, and shown in full in the tooltip.
  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = "", room: Double = .infinity,
    tip: String? = nil
  ) {
    let shown = fitted(text, to: room, size: Theme.textSize(ofStyle: style))
    let tip = tip ?? (shown == text ? nil : text)
    let attributes: KeyValuePairs = ["x": short(x), "y": short(y), "class": style, "text-anchor": anchor.rawValue]
    let inside = escaped(shown) + (tip.map { "<title>\(escaped($0))</title>" } ?? "")
    body.append(opening("text", attributes) + ">\(inside)</text>")
  }

  /// Adds the picture's title and remark as its heading, and returns the lower end.
  mutating func heading(remark: String? = nil) -> Double {
    var y = 16.0
    for line in wrapped(title, to: width, lines: 3, size: Theme.textSize(ofStyle: "heading")) {
      text(line, x: 0, y: y, style: "heading")
      y += 24
    }
    for line in wrapped(remark ?? "", to: width, lines: 4, size: Self.smallSize) {
      text(line, x: 0, y: y, style: "soft small remark")
      y += 18
    }
    return y
  }

  /// Adds a straight line.
  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
    add("line", ["x1": short(x1), "y1": short(y1), "x2": short(x2), "y2": short(y2), "class": style])
  }

  /// Adds a rectangle.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, style: String, opacity: Double? = nil, radius: Double = 0,
    tip: String? = nil
  ) {
    let corner = radius > 0 ? short(radius) : ""
    add(
      "rect",
      [
        "x": short(x), "y": short(y), "width": short(width), "height": short(height), "rx": corner, "class": style,
        "fill-opacity": opacity.map(short) ?? "",
      ], tip: tip)
  }

  /// Begins a group that further elements go into.
  mutating func beginGroup(_ attributes: KeyValuePairs<String, String>) { body.append(opening("g", attributes) + ">") }

  /// Ends the group begun last.
  mutating func endGroup() { body.append("</g>") }

  // Attributes without a value are left out, unless they are data.
  private func opening(_ name: String, _ attributes: KeyValuePairs<String, String>) -> String {
    attributes.reduce("<\(name)") {
      $1.value.isEmpty && !$1.key.hasPrefix("data-") ? $0 : "\($0) \($1.key)=\"\(escaped($1.value))\""
    }
  }
}

/// Which point of a text lies at its position.
enum Anchor: String {
  case start, middle, end
}

/// A text with XML's special characters escaped, and without the characters that XML does not allow.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\t", "\n": result.unicodeScalars.append(" ")
    default:
      if scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}
