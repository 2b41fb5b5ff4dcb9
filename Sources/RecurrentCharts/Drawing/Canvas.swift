/// An SVG document that grows element by element.
///
/// Lengths are in pixels of a page 720 wide; a picture scales with its place.
struct Canvas {
  let title: String
  let description: String
  let width: Double
  var height: Double
  private var body: [String] = []

  /// The width that pictures are laid out for.
  static let standardWidth = 720.0

  init(title: String, description: String, width: Double = standardWidth, height: Double = 0) {
    (self.title, self.description, self.width, self.height) = (title, description, width, height)
  }

  /// The whole document.
  var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(short(width)) \(short(height))" role="img" \
    font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="13">
    <title>\(escaped(title))</title>
    <desc>\(escaped(description))</desc>
    <style>\(Theme.style)</style>
    \(body.joined(separator: "\n"))
    </svg>

    """
  }

  /// Adds an element.
  ///
  /// - Parameters:
  ///   - name: such as `rect`.
  ///   - attributes: names and values; values are escaped.
  ///   - tip: what a pointer at rest on it shows.
  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, tip: String? = nil) {
    let inside = tip.map { "<title>\(escaped($0))</title>" }
    body.append(opening(name, attributes) + (inside.map { ">\($0)</\(name)>" } ?? "/>"))
  }

  /// Adds text.
  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = "", tip: String? = nil
  ) {
    let attributes: KeyValuePairs = ["x": short(x), "y": short(y), "class": style, "text-anchor": anchor.rawValue]
    let inside = escaped(text) + (tip.map { "<title>\(escaped($0))</title>" } ?? "")
    body.append(opening("text", attributes) + ">\(inside)</text>")
  }

  /// Adds the picture's heading, and returns where it ends.
  mutating func heading() -> Double {
    text(title, x: 0, y: 16, style: "heading")
    return 34
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

  // Attributes without a value are left out.
  private func opening(_ name: String, _ attributes: KeyValuePairs<String, String>) -> String {
    attributes.reduce("<\(name)") { $1.value.isEmpty ? $0 : "\($0) \($1.key)=\"\(escaped($1.value))\"" }
  }
}

/// Which end of a text lies at its place.
enum Anchor: String {
  case start, middle, end
}

/// A text with what XML has a meaning for spelled out, and without what it has no way to say.
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

/// About how wide a text is, in pixels.
func width(of text: String, size: Double = 13) -> Double { Double(text.count) * size * 0.56 }
