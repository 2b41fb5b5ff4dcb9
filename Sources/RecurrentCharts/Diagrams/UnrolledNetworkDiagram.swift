import RecurrentSupport

/// A recurrent network, folded and unrolled: the same cells at every step, each layer's state passed to the next step.
public struct UnrolledNetworkDiagram: Picture {
  /// What the picture shows.
  public let title: String
  private let steps: Int
  private let layers: Int
  private let hasLastOutput: Bool

  private static let box = (width: 46.0, height: 38.0)
  private static let layerDistance = 76.0
  /// How far inputs and outputs lie from the boxes.
  private static let arrowLength = 32.0

  /// A diagram of a network.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - steps: how many steps are drawn, the last of them as step T.
  ///   - layers: how many layers lie above each other.
  ///   - hasLastOutput: whether only the last step has an output, as in classification; otherwise each step has one.
  /// - Precondition: `steps` is from 2 to 6, and `layers` at least 1.
  public init(title: String, steps: Int = 4, layers: Int = 1, hasLastOutput: Bool = true) {
    require((2...6).contains(steps), "steps is \(steps), expected 2 to 6")
    require(layers > 0, "layers is \(layers), expected at least 1")
    (self.title, self.steps, self.layers, self.hasLastOutput) = (title, steps, layers, hasLastOutput)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title,
      description:
        "a network of \(layers) layer\(layers == 1 ? "" : "s") with an arrow back to itself, and the same network drawn "
        + "once for each step")
    let top = canvas.heading() + 46
    let bottom = top + Double(layers - 1) * Self.layerDistance + Self.box.height
    drawFolded(top: top, on: &canvas)
    canvas.text("=", x: 128, y: (top + bottom) / 2 + 6, anchor: .middle, style: "heading")
    drawUnrolled(top: top, on: &canvas)
    canvas.height = bottom + 54
    return canvas.svg
  }

  // Layer 0 lies lowest.
  private func row(_ layer: Int, top: Double) -> Double { top + Double(layers - 1 - layer) * Self.layerDistance }

  private func name(_ layer: Int) -> String { "h" + (layers > 1 ? raised(layer + 1) : "") }

  /// An arrow from the layer below, or from the input.
  private func drawInput(of layer: Int, middle: Double, y: Double, on canvas: inout Canvas) {
    let bottom = y + Self.box.height
    let start = layer == 0 ? bottom + Self.arrowLength : y + Self.layerDistance
    canvas.arrow((middle, start), (middle, bottom))
  }

  private func drawFolded(top: Double, on canvas: inout Canvas) {
    let x = 26.0
    let middle = x + Self.box.width / 2
    for layer in 0..<layers {
      let y = row(layer, top: top)
      canvas.beginGroup(["data-layer": "\(layer + 1)"])
      canvas.box(name(layer), x: x, y: y, width: Self.box.width, height: Self.box.height)
      canvas.endGroup()
      drawInput(of: layer, middle: middle, y: y, on: &canvas)
      let side = x + Self.box.width
      canvas.arrow(
        (side, y + 26), (side + 20, y + 26), (side + 20, y - 14), (x - 20, y - 14), (x - 20, y + 19), (x, y + 19))
    }
    canvas.symbol(
      "x", index: "", x: middle, y: row(0, top: top) + Self.box.height + Self.arrowLength + 16)
    canvas.arrow((middle, top), (middle, top - Self.arrowLength))
    canvas.symbol("o", index: "", x: middle, y: top - Self.arrowLength - 6)
  }

  private func drawUnrolled(top: Double, on canvas: inout Canvas) {
    let left = 196.0
    let distance = (canvas.width - left - Self.box.width - 1) / Double(steps - 1)
    for step in 0..<steps {
      let isLast = step == steps - 1
      let x = left + Double(step) * distance
      let middle = x + Self.box.width / 2
      let index = isLast ? "T" : "\(step + 1)"
      for layer in 0..<layers {
        let y = row(layer, top: top)
        let center = y + Self.box.height / 2
        canvas.beginGroup(["data-step": index, "data-layer": "\(layer + 1)"])
        canvas.box(name(layer), index: index, x: x, y: y, width: Self.box.width, height: Self.box.height)
        canvas.endGroup()
        drawInput(of: layer, middle: middle, y: y, on: &canvas)
        if step == 0 {
          canvas.text("0", x: x - 34, y: center + 5, anchor: .end, style: "soft")
          canvas.arrow((x - 28, center), (x, center))
        } else if isLast {
          // Steps that are not drawn.
          let gap = x - distance + Self.box.width
          canvas.line(gap, center, (gap + x) / 2 - 11, center, style: "arrow")
          canvas.text("…", x: (gap + x) / 2, y: center + 2, anchor: .middle, style: "strong")
          canvas.arrow(((gap + x) / 2 + 11, center), (x, center))
        } else {
          canvas.arrow((x - distance + Self.box.width, center), (x, center))
        }
      }
      canvas.symbol(
        "x", index: index, x: middle, y: row(0, top: top) + Self.box.height + Self.arrowLength + 16)
      if isLast || !hasLastOutput {
        canvas.arrow((middle, top), (middle, top - Self.arrowLength))
        canvas.symbol("o", index: index, x: middle, y: top - Self.arrowLength - 8)
      }
    }
  }
}
