/// A picture as a part of a page.
///
/// The text of a picture in a file may have been written by anybody. It becomes a part of a page only if it consists of
/// nothing but what pictures of this module are made of: no scripts, links, styles or files. All pictures have the same
/// style, which the page holds once.
package struct InlinedPicture: Sendable {
  /// The element, without its style.
  let markup: String

  /// The picture that a file holds.
  ///
  /// - Parameter svg: the text of the file.
  /// - Returns: nil if it is not a picture of this module.
  /// - Complexity: O(length).
  package init?(svg: String) {
    guard let begin = svg.firstRange(of: "<style>"), let end = svg.firstRange(of: "</style>"),
      begin.upperBound <= end.lowerBound
    else { return nil }
    var markup = String(svg[..<begin.lowerBound] + svg[end.upperBound...])
    while markup.last == "\n" { markup.removeLast() }
    var reader = MarkupReader(markup)
    guard markup.hasPrefix("<svg xmlns="), reader.isPicture() else { return nil }
    self.markup = markup
  }

  /// A picture that was just drawn.
  package init?(_ picture: some Picture) { self.init(svg: picture.svg) }
}

/// A reader that accepts one element in the form in which a ``Canvas`` writes it.
private struct MarkupReader {
  private static let elements: Set = [
    "svg", "title", "desc", "g", "rect", "path", "circle", "line", "text",
  ]
  private static let attributes: Set = [
    "xmlns", "viewBox", "width", "height", "role", "font-family", "font-size", "class", "x", "y", "x1", "y1", "x2",
    "y2", "cx", "cy", "r", "rx", "d", "transform", "fill-opacity", "text-anchor",
  ]

  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  /// Whether the text is one element, with everything in it allowed and every tag closed.
  mutating func isPicture() -> Bool {
    var open: [String] = []
    repeat {
      if skip("</") {
        guard let name = open.popLast(), skip(name), skip(">") else { return false }
      } else if skip("<") {
        let name = word()
        // Pictures do not contain pictures: their end would be taken for that of the whole.
        guard Self.elements.contains(name), (name == "svg") == open.isEmpty, skipAttributes() else { return false }
        if !skip("/>") {
          guard skip(">") else { return false }
          open.append(name)
        }
      } else if !skipText(until: UInt8(ascii: "<")) {
        return false
      }
    } while !open.isEmpty
    return rest.isEmpty
  }

  private mutating func skipAttributes() -> Bool {
    while skip(" ") {
      let name = word()
      guard Self.attributes.contains(name) || name.hasPrefix("data-"), skip("=\""), skipText(until: UInt8(ascii: "\"")),
        skip("\"")
      else { return false }
    }
    return true
  }

  /// Skips characters up to one that has to follow; returns whether all of them are text.
  private mutating func skipText(until end: UInt8) -> Bool {
    while let byte = rest.first, byte != end {
      switch byte {
      case UInt8(ascii: "&"):
        guard ["&amp;", "&lt;", "&gt;", "&quot;"].contains(where: { skip($0) }) else { return false }
      case UInt8(ascii: "<"): return false
      case UInt8(ascii: "\n"), 0x20...: rest.removeFirst()
      default: return false
      }
    }
    return !rest.isEmpty
  }

  /// Skips a name, and returns it.
  private mutating func word() -> String {
    let name = rest.prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    rest = rest.dropFirst(name.count)
    return String(Substring(name))
  }

  /// Skips a text if it comes next, and returns whether it does.
  private mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }
}
