/// One step of a recurrent cell: its gates, what they multiply, and its states, which run from left to right.
///
/// An LSTM has a cell state c above and a hidden state h below, a GRU a hidden state alone:
///
/// ```
/// LSTM   c′ = f ⊙ c + i ⊙ g     h′ = o ⊙ tanh(c′)
/// GRU    h′ = (1 - z) ⊙ n + z ⊙ h
/// ```
///
/// Every arrow has the names of its two ends in `data-from` and `data-to`, so that a program can check the equations.
public struct CellDiagram: Picture {
  /// The cells that can be drawn.
  public enum Cell: Equatable, Sendable {
    /// Long short-term memory with input, forget and output gate.
    case lstm
    /// A gated recurrent unit; its reset gate is applied to the product Uₙ h, or to h before that product.
    case gru(resetAfter: Bool)
  }

  /// What the picture shows.
  public let title: String
  private let cell: Cell

  /// A diagram of a cell.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - cell: which cell is drawn.
  public init(title: String, cell: Cell) { (self.title, self.cell) = (title, cell) }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: description)
    let top = canvas.heading() + 12
    switch cell {
    case .lstm: drawLSTM(top: top, on: &canvas)
    case .gru(let resetAfter): drawGRU(resetAfter: resetAfter, top: top, on: &canvas)
    }
    return canvas.svg
  }

  private var description: String {
    switch cell {
    case .lstm:
      "The cell state runs from left to right: it is multiplied by the forget gate, and the product of input gate and "
        + "candidate is added. The new hidden state is the output gate times the tanh of the new cell state. Each gate "
        + "reads the input x and the old hidden state h."
    case .gru(let resetAfter):
      "The hidden state runs from left to right: it is multiplied by the update gate z, and the candidate n times 1 - z "
        + "is added. The candidate reads the input x and the old hidden state, which the reset gate r multiplies "
        + (resetAfter ? "after" : "before") + " its product with the weights U."
    }
  }

  private static let left = 46.0
  private static let right = 514.0
  /// The positions of the names of old and new state, outside of the frame.
  private static let names = (left: 16.0, right: 546.0)
  /// The distance from the middle of a gate at which h arrives, to the left, and x, to the right.
  private static let side = 10.0

  // MARK: - LSTM

  private func drawLSTM(top: Double, on canvas: inout Canvas) {
    let (cellState, products) = (top + 42, top + 100)
    let gates = top + 188
    let (hidden, input) = (gates + 58, gates + 84)
    drawFrame(top: top, bottom: input + 18, on: &canvas)

    let (f, i, g, o) = (112.0, 202.0, 290.0, 392.0)
    let (sum, out) = ((i + g) / 2, 466.0)
    let forgotten = canvas.operation("f ⊙ c", .product, x: f, y: cellState)
    let added = canvas.operation("c′", .sum, x: sum, y: cellState)
    let written = canvas.operation("i ⊙ g", .product, x: sum, y: products)
    let squashed = canvas.function("tanh c′", "tanh", x: out, y: products - 8)
    let shown = canvas.operation("h′", .product, x: out, y: gates - 46)
    let boxes = [
      canvas.gate("f", function: "σ", caption: "forget", x: f, y: gates),
      canvas.gate("i", function: "σ", caption: "input", x: i, y: gates),
      canvas.gate("g", function: "tanh", caption: "candidate", x: g, y: gates),
      canvas.gate("o", function: "σ", caption: "output", x: o, y: gates),
    ]

    // The cell state, above.
    canvas.state("c", x: Self.names.left, y: cellState, line: .cell)
    canvas.wire(from: "c", to: forgotten, [(Self.names.left + 14, cellState), forgotten.left], .cell)
    canvas.wire(from: forgotten.name, to: added, [forgotten.right, added.left], .cell)
    canvas.wire(from: added.name, toName: "next c", [added.right, (Self.names.right - 16, cellState)], .cell)
    canvas.state("c′", x: Self.names.right, y: cellState, line: .cell)

    // The products of the gates.
    canvas.wire(from: "f", to: forgotten, [boxes[0].top, forgotten.bottom])
    canvas.wire(from: "i", to: written, [boxes[1].top, (i, products), written.left])
    canvas.wire(from: "g", to: written, [boxes[2].top, (g, products), written.right])
    canvas.wire(from: written.name, to: added, [written.top, added.bottom])
    canvas.wire(from: "o", to: shown, [boxes[3].top, (o, shown.y), shown.left])
    canvas.junction(x: out, y: cellState, .cell)
    canvas.wire(from: added.name, to: squashed, [(out, cellState), squashed.top], .cell)
    canvas.wire(from: squashed.name, to: shown, [squashed.bottom, shown.top])

    // The hidden state and the input, below.
    canvas.wire(
      from: shown.name, toName: "next h", [shown.bottom, (out, hidden), (Self.names.right - 16, hidden)], .hidden)
    canvas.state("h′", x: Self.names.right, y: hidden, line: .hidden)
    canvas.state("h", x: Self.names.left, y: hidden, line: .hidden)
    feed(boxes, from: "h", start: (Self.names.left + 14, hidden), shift: -Self.side, .hidden, on: &canvas)
    drawInput(below: input, x: f - 34, to: boxes, on: &canvas)
  }

  // MARK: - GRU

  private func drawGRU(resetAfter: Bool, top: Double, on canvas: inout Canvas) {
    let (state, products) = (top + 42, top + 100)
    let gates = top + 178
    let (hidden, input) = (gates + 62, gates + 90)
    drawFrame(top: top, bottom: input + 18, on: &canvas)

    let (z, r, n) = (126.0, 222.0, 430.0)
    let kept = canvas.operation("z ⊙ h", .product, x: z, y: state)
    let added = canvas.operation("h′", .sum, x: n, y: state)
    let rest = canvas.function("1 - z", "1 − z", x: (z + n) / 2, y: products)
    let taken = canvas.operation("(1 - z) ⊙ n", .product, x: n, y: products)
    let update = canvas.gate("z", function: "σ", caption: "update", x: z, y: gates)
    let reset = canvas.gate("r", function: "σ", caption: "reset", captionBeside: false, x: r, y: gates)
    let candidate = canvas.gate("n", function: "tanh", caption: "candidate", x: n, y: gates)
    // The old state meets the weights or the reset gate first on its way to the candidate.
    let (first, second) = (294.0, 364.0)
    let product = canvas.weights(
      resetAfter ? "U h" : "U (r ⊙ h)", "U", index: "n", x: resetAfter ? first : second, y: hidden)
    let scaled = canvas.operation(resetAfter ? "r ⊙ U h" : "r ⊙ h", .product, x: resetAfter ? second : first, y: hidden)
    let (earlier, later) = resetAfter ? (product, scaled) : (scaled, product)

    // The hidden state, above.
    let branch = z - 50
    canvas.state("h", x: Self.names.left, y: state, line: .hidden)
    canvas.wire(from: "h", to: kept, [(Self.names.left + 14, state), kept.left], .hidden)
    canvas.wire(from: kept.name, to: added, [kept.right, added.left], .hidden)
    canvas.wire(from: added.name, toName: "next h", [added.right, (Self.names.right - 16, state)], .hidden)
    canvas.state("h′", x: Self.names.right, y: state, line: .hidden)

    // The products of the gates.
    canvas.wire(from: "z", to: kept, [update.top, kept.bottom])
    canvas.junction(x: z, y: products, .plain)
    canvas.wire(from: "z", to: rest, [(z, products), rest.left])
    canvas.wire(from: rest.name, to: taken, [rest.right, taken.left])
    canvas.wire(from: "n", to: taken, [candidate.top, taken.bottom])
    canvas.wire(from: taken.name, to: added, [taken.top, added.bottom])
    canvas.wire(from: "r", to: scaled, [reset.right, (scaled.x, gates), scaled.top])

    // The old state and the input, below.
    canvas.junction(x: branch, y: state, .hidden)
    feed(
      [update, reset], from: "h", start: (branch, state), by: [(branch, hidden)], shift: -Self.side, .hidden,
      on: &canvas)
    canvas.junction(x: r - Self.side, y: hidden, .hidden)
    canvas.wire(from: "h", to: earlier, [(r - Self.side, hidden), earlier.left], .hidden)
    canvas.wire(from: earlier.name, to: later, [earlier.right, later.left], .hidden)
    let entry = (x: n - Self.side, y: candidate.bottom.y)
    canvas.wire(from: later.name, to: candidate, [later.right, (entry.x, hidden), entry], .hidden)
    drawInput(below: input, x: branch + 14, to: [update, reset, candidate], on: &canvas)
  }

  // MARK: - Both

  private func drawFrame(top: Double, bottom: Double, on canvas: inout Canvas) {
    canvas.rectangle(
      x: Self.left, y: top, width: Self.right - Self.left, height: bottom - top, style: "frame", radius: 14)
  }

  /// The input, from below, to the right half of each gate, and what the symbols mean.
  private func drawInput(below y: Double, x: Double, to gates: [Node], on canvas: inout Canvas) {
    canvas.state("x", x: x, y: y + 54, line: .plain)
    feed(gates, from: "x", start: (x, y + 42), by: [(x, y)], shift: Self.side, .plain, on: &canvas)
    canvas.text("filled boxes have weights", x: Self.right, y: y + 46, anchor: .end, style: "soft small")
    canvas.text("⊙ times and + plus, unit by unit", x: Self.right, y: y + 64, anchor: .end, style: "soft small")
    canvas.height = y + 68
  }

  /// A line along some gates, with an arrow up into each.
  private func feed(
    _ gates: [Node], from name: String, start: (x: Double, y: Double), by corners: [(x: Double, y: Double)] = [],
    shift: Double, _ line: Canvas.Line, on canvas: inout Canvas
  ) {
    let y = (corners.last ?? start).y
    for (index, gate) in gates.enumerated() {
      let x = gate.x + shift
      let begin = index == 0 ? [start] + corners : [(gates[index - 1].x + shift, y)]
      if index < gates.count - 1 { canvas.junction(x: x, y: y, line) }
      canvas.wire(from: name, to: gate, begin + [(x, y), (x, gate.bottom.y)], line)
    }
  }
}
