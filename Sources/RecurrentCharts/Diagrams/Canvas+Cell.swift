/// An element of a cell diagram that arrows lead to: its name, center and size.
struct Node {
  let name: String
  let x: Double
  let y: Double
  let width: Double
  let height: Double

  var left: (x: Double, y: Double) { (x - width / 2, y) }
  var right: (x: Double, y: Double) { (x + width / 2, y) }
  var top: (x: Double, y: Double) { (x, y - height / 2) }
  var bottom: (x: Double, y: Double) { (x, y + height / 2) }
}

/// The elements of a cell diagram.
extension Canvas {
  /// An arithmetic operation, unit by unit.
  enum Operation: String {
    case product, sum
  }

  /// What a line carries: the cell state, the hidden state, or anything else.
  enum Line {
    case cell, hidden, plain

    var style: String { color.map { "curve \($0)" } ?? "arrow" }
    var tip: String { color.map { "dot \($0)" } ?? "tip" }
    var color: String? {
      switch self {
      case .cell: "s1"
      case .hidden: "s2"
      case .plain: nil
      }
    }
  }

  /// Adds a gate: a function of the weighted sum of input and state.
  ///
  /// Its caption stands beside the line that leaves at the top, or in the middle if none does.
  mutating func gate(
    _ name: String, function: String, caption: String, captionBeside: Bool = true, x: Double, y: Double
  ) -> Node {
    let node = Node(name: name, x: x, y: y, width: 56, height: 46)
    beginGroup(["data-node": name, "data-function": function])
    rectangle(x: node.left.x, y: node.top.y, width: node.width, height: node.height, style: "box", radius: 6)
    text(name, x: x, y: y - 3, anchor: .middle, style: "strong")
    text(function, x: x, y: y + 15, anchor: .middle, style: "small")
    endGroup()
    text(
      caption, x: captionBeside ? x + 8 : x, y: node.top.y - 8, anchor: captionBeside ? .start : .middle,
      style: "soft small")
    return node
  }

  /// Adds a product with weights that is not part of a gate.
  mutating func weights(_ name: String, _ symbol: String, index: String, x: Double, y: Double) -> Node {
    let node = Node(name: name, x: x, y: y, width: 40, height: 30)
    beginGroup(["data-node": name, "data-function": "weights"])
    box(symbol, index: index, x: node.left.x, y: node.top.y, width: node.width, height: node.height)
    endGroup()
    return node
  }

  /// Adds a function without weights.
  mutating func function(_ name: String, _ shown: String, x: Double, y: Double) -> Node {
    let node = Node(name: name, x: x, y: y, width: 54, height: 26)
    beginGroup(["data-node": name, "data-function": shown])
    rectangle(x: node.left.x, y: node.top.y, width: node.width, height: node.height, style: "outline", radius: 13)
    text(shown, x: x, y: y + 4.5, anchor: .middle, style: "small")
    endGroup()
    return node
  }

  /// Adds a product or a sum: a circle with a dot or a cross in it.
  mutating func operation(_ name: String, _ operation: Operation, x: Double, y: Double) -> Node {
    let radius = 12.0
    let node = Node(name: name, x: x, y: y, width: 2 * radius, height: 2 * radius)
    beginGroup(["data-node": name, "data-function": operation.rawValue])
    add("circle", ["cx": short(x), "cy": short(y), "r": short(radius), "class": "outline"])
    switch operation {
    case .product: add("circle", ["cx": short(x), "cy": short(y), "r": "3", "class": "ink"])
    case .sum:
      line(x - 6, y, x + 6, y, style: "outline")
      line(x, y - 6, x, y + 6, style: "outline")
    }
    endGroup()
    return node
  }

  /// Adds the name of a state or an input, centered at a position.
  mutating func state(_ name: String, x: Double, y: Double, line: Line) {
    text(name, x: x, y: y + 5, anchor: .middle, style: line.color.map { "strong \($0)" } ?? "strong")
  }

  /// Adds an arrow to a node.
  mutating func wire(from: String, to node: Node, _ points: [(x: Double, y: Double)], _ line: Line = .plain) {
    wire(from: from, toName: node.name, points, line)
  }

  /// Adds an arrow to something with a name.
  mutating func wire(from: String, toName: String, _ points: [(x: Double, y: Double)], _ line: Line = .plain) {
    beginGroup(["data-from": from, "data-to": toName])
    arrow(points, style: line.style, tip: line.tip)
    endGroup()
  }

  /// Adds the dot where a line branches.
  mutating func junction(x: Double, y: Double, _ line: Line) {
    add("circle", ["cx": short(x), "cy": short(y), "r": "3.5", "class": line.tip])
  }
}
