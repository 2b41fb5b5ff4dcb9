extension Canvas {
  /// Adds an arrow along some points; its tip lies at the last.
  mutating func arrow(_ points: (x: Double, y: Double)..., style: String = "arrow") { arrow(points, style: style) }

  /// Adds an arrow along some points; its tip lies at the last.
  mutating func arrow(_ points: [(x: Double, y: Double)], style: String = "arrow", tip: String = "tip") {
    guard points.count > 1, let end = points.last else { return }
    let before = points[points.count - 2]
    let length = ((end.x - before.x) * (end.x - before.x) + (end.y - before.y) * (end.y - before.y)).squareRoot()
    let (dx, dy) = length > 0 ? ((end.x - before.x) / length, (end.y - before.y) / length) : (1, 0)
    let (size, half) = (8.0, 4.0)
    let base = (x: end.x - size * dx, y: end.y - size * dy)
    let shaft = points.dropLast() + [base]
    add("path", ["class": style, "d": "M" + shaft.map { "\(short($0.x)) \(short($0.y))" }.joined(separator: "L")])
    let corners = [end, (base.x - half * dy, base.y + half * dx), (base.x + half * dy, base.y - half * dx)]
    add(
      "path", ["class": tip, "d": "M" + corners.map { "\(short($0.0)) \(short($0.1))" }.joined(separator: "L") + "z"])
  }

  /// Adds a box with a symbol in its middle.
  mutating func box(
    _ name: String, index: String = "", x: Double, y: Double, width: Double, height: Double, style: String = "box"
  ) {
    rectangle(x: x, y: y, width: width, height: height, style: style, radius: 6)
    symbol(name, index: index, x: x + width / 2, y: y + height / 2 + 5)
  }

  /// Adds a symbol with a subscript, centered at a position.
  mutating func symbol(_ name: String, index: String, x: Double, y: Double) {
    if index.isEmpty {
      text(name, x: x, y: y, anchor: .middle, style: "strong")
    } else {
      // Anchored at their common border, so that they touch in any font.
      let middle = x + (textWidth(of: name) - textWidth(of: index, size: Canvas.smallSize)) / 2
      text(name, x: middle, y: y, anchor: .end, style: "strong")
      text(index, x: middle + 1, y: y + 4, style: "small strong")
    }
  }
}
