/// A recurrent network, folded and unrolled: the same cells at every step, each layer's state handed to the next.
public struct UnrolledNetworkDiagram: Picture {
  /// What the picture shows.
  public let title: String
  private let steps: Int
  private let layers: Int
  private let hasLastOutput: Bool

  private static let box = (width: 62.0, height: 40.0)
  private static let layerDistance = 76.0

  /// A diagram of a network.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - steps: how many steps are drawn, the last of them as step T.
  ///   - layers: how many layers lie above each other.
  ///   - hasLastOutput: whether only the last step has an output, as in classification, or each.
  /// - Precondition: at least two steps, at most six, and one layer.
  public init(title: String, steps: Int = 4, layers: Int = 1, hasLastOutput: Bool = true) {
    precondition((2...6).contains(steps), "two to six steps can be drawn; found \(steps)")
    precondition(layers > 0, "a network has a layer at least; found \(layers)")
    (self.title, self.steps, self.layers, self.hasLastOutput) = (title, steps, layers, hasLastOutput)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title,
      description:
        "a network of \(layers) layers with an arrow back to itself, and the same network drawn once for each step")
    let top = canvas.heading() + 58
    let bottom = top + Double(layers - 1) * Self.layerDistance + Self.box.height
    drawFolded(top: top, on: &canvas)
    canvas.text("=", x: 176, y: top + (bottom - top) / 2 + 5, anchor: .middle, style: "heading")
    drawUnrolled(top: top, on: &canvas)
    canvas.height = bottom + 64
    return canvas.svg
  }

  // Layer 0 lies lowest.
  private func row(_ layer: Int, top: Double) -> Double { top + Double(layers - 1 - layer) * Self.layerDistance }

  private func name(_ layer: Int, _ index: String) -> String {
    "h" + (layers > 1 ? raised(layer + 1) : "") + index
  }

  private func drawFolded(top: Double, on canvas: inout Canvas) {
    let (x, middle) = (50.0, 50.0 + Self.box.width / 2)
    for layer in 0..<layers {
      let y = row(layer, top: top)
      canvas.box(name(layer, ""), x: x, y: y, width: Self.box.width, height: Self.box.height)
      canvas.arrow((middle, y + Self.box.height + (layer == 0 ? 32 : 36)), (middle, y + Self.box.height))
      let side = x + Self.box.width
      canvas.arrow(
        (side, y + 28), (side + 24, y + 28), (side + 24, y - 14), (x - 18, y - 14), (x - 18, y + 20), (x, y + 20))
    }
    canvas.text("x", x: middle, y: row(0, top: top) + Self.box.height + 48, anchor: .middle, style: "strong")
    canvas.arrow((middle, top), (middle, top - 32))
    canvas.text("o", x: middle, y: top - 38, anchor: .middle, style: "strong")
  }

  private func drawUnrolled(top: Double, on canvas: inout Canvas) {
    let left = 250.0
    let distance = (canvas.width - left - Self.box.width - 8) / Double(steps - 1)
    for step in 0..<steps {
      let isLast = step == steps - 1
      let x = left + Double(step) * distance
      let middle = x + Self.box.width / 2
      let index = isLast ? "_T" : lowered(step + 1)
      for layer in 0..<layers {
        let y = row(layer, top: top)
        let center = y + Self.box.height / 2
        canvas.beginGroup(["data-step": isLast ? "T" : "\(step + 1)", "data-layer": "\(layer + 1)"])
        canvas.box(name(layer, index), x: x, y: y, width: Self.box.width, height: Self.box.height)
        canvas.endGroup()
        canvas.arrow((middle, y + Self.box.height + (layer == 0 ? 32 : 36)), (middle, y + Self.box.height))
        if step == 0 {
          canvas.text("0", x: x - 36, y: center + 4, anchor: .end, style: "soft")
          canvas.arrow((x - 30, center), (x, center))
        } else if isLast {
          // Steps that are not drawn.
          canvas.text("…", x: x - (distance - Self.box.width) / 2, y: center - 8, anchor: .middle, style: "strong")
          canvas.arrow((x - distance + Self.box.width, center), (x, center))
        } else {
          canvas.arrow((x - distance + Self.box.width, center), (x, center))
        }
      }
      canvas.text(
        "x" + index, x: middle, y: row(0, top: top) + Self.box.height + 48, anchor: .middle, style: "strong")
      if isLast || !hasLastOutput {
        canvas.arrow((middle, top), (middle, top - 32))
        canvas.text("o" + index, x: middle, y: top - 38, anchor: .middle, style: "strong")
      }
    }
  }
}
