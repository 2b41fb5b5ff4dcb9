import TestSupport

@testable import RecurrentCharts

/// The part of a page that something takes.
struct Extent {
  var x: ClosedRange<Double>
  var y: ClosedRange<Double>

  func isInside(_ page: Extent) -> Bool {
    page.x.contains(x.lowerBound) && page.x.contains(x.upperBound) && page.y.contains(y.lowerBound)
      && page.y.contains(y.upperBound)
  }
}

/// How the coordinates of a group become those of the page.
struct Placement {
  var offset = (x: 0.0, y: 0.0)
  var scale = (x: 1.0, y: 1.0)

  /// Reads `translate(x y) scale(x y)`, all that pictures use.
  init?(_ transform: String) {
    guard let match = transform.wholeMatch(of: /translate\((\S+) (\S+)\) scale\((\S+) (\S+)\)/),
      let x = Double(match.1), let y = Double(match.2), let width = Double(match.3), let height = Double(match.4)
    else { return nil }
    (offset, scale) = ((x, y), (width, height))
  }

  init() {}

  func extent(_ x: [Double], _ y: [Double]) -> Extent? {
    guard let left = x.min(), let right = x.max(), let top = y.min(), let bottom = y.max(),
      (x + y).allSatisfy(\.isFinite), scale.x >= 0, scale.y >= 0
    else { return nil }
    return Extent(
      x: offset.x + scale.x * left...offset.x + scale.x * right,
      y: offset.y + scale.y * top...offset.y + scale.y * bottom
    )
  }
}

extension MarkupElement {
  private func number(_ attribute: String) -> Double { attributes[attribute].flatMap(Double.init) ?? .nan }

  /// Where the element is drawn; nil where its coordinates are no numbers.
  ///
  /// Texts take about as much as they do.
  func extent(_ placement: Placement) -> Extent? {
    switch name {
    case "rect":
      let (width, height) = (number("width"), number("height"))
      guard width >= 0 && height >= 0 else { return nil }
      return placement.extent([number("x"), number("x") + width], [number("y"), number("y") + height])
    case "line": return placement.extent([number("x1"), number("x2")], [number("y1"), number("y2")])
    case "circle":
      let (x, y, r) = (number("cx"), number("cy"), number("r"))
      return placement.extent([x - r, x + r], [y - r, y + r])
    case "path":
      guard let points = attributes["d"].flatMap(Self.points) else { return nil }
      return placement.extent(points.map(\.x), points.map(\.y))
    case "text":
      let (x, y, style) = (number("x"), number("y"), attributes["class"] ?? "")
      let size = Theme.textSize(ofStyle: style)
      let width = textWidth(of: text, size: size)
      let left =
        x - (attributes["text-anchor"] == "end" ? width : attributes["text-anchor"] == "middle" ? width / 2 : 0)
      return placement.extent([left, left + width], [y - 0.75 * size, y + 0.22 * size])
    default: return nil
    }
  }

  /// The points of a path of `M`, `L`, `h`, `v` and `z`, all that pictures use.
  static func points(_ path: String) -> [(x: Double, y: Double)]? {
    var points: [(x: Double, y: Double)] = []
    var rest = path.utf8[...]
    while let command = rest.popFirst() {
      let end = rest.firstIndex { UnicodeScalar($0).properties.isAlphabetic } ?? rest.endIndex
      let numbers = rest[..<end].split(separator: UInt8(ascii: " ")).map { Double(Substring($0)) ?? .nan }
      rest = rest[end...]
      switch (UnicodeScalar(command), numbers.count, points.last) {
      case ("M", 2, _), ("L", 2, .some): points.append((numbers[0], numbers[1]))
      case ("h", 1, let last?): points.append((last.x + numbers[0], last.y))
      case ("v", 1, let last?): points.append((last.x, last.y + numbers[0]))
      case ("z", 0, .some): break
      default: return nil
      }
    }
    return points
  }
}
