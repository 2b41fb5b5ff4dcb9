/// The area of a chart between its axes.
struct Plot {
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let x: Axis
  let y: Axis

  /// The position of a point on the page; nil if an axis cannot show it.
  func place(_ point: (x: Double, y: Double)) -> (Double, Double)? {
    guard x.canShow(point.x), y.canShow(point.y) else { return nil }
    return (left + x.place(of: point.x) * (right - left), bottom - y.place(of: point.y) * (bottom - top))
  }

  /// Draws the ticks and grid of the vertical axis, and the horizontal axis.
  func drawAxes(on canvas: inout Canvas, x name: String) {
    for (tick, label) in zip(y.ticks, y.labels) {
      let place = bottom - y.place(of: tick) * (bottom - top)
      canvas.line(left, place, right, place, style: "grid")
      canvas.text(label, x: left - 8, y: place + 4.5, anchor: .end, style: "soft small count")
    }
    drawHorizontalAxis(on: &canvas, x: name)
  }

  /// Draws the ticks and the name of the horizontal axis.
  func drawHorizontalAxis(on canvas: inout Canvas, x name: String) {
    // As many labels as fit side by side, counted from the left.
    let widest = x.labels.map { textWidth(of: $0, size: Canvas.smallSize) }.max() ?? 0
    let distance = (right - left) / Double(max(x.ticks.count - 1, 1))
    let every = max(1, Int(((widest + 8) / distance).rounded(.up)))
    for (index, tick) in x.ticks.enumerated() {
      let place = left + x.place(of: tick) * (right - left)
      canvas.line(place, bottom, place, bottom + 5, style: "axis")
      if index.isMultiple(of: every) {
        canvas.text(x.labels[index], x: place, y: bottom + 19, anchor: .middle, style: "soft small count")
      }
    }
    canvas.line(left, bottom, right, bottom, style: "axis")
    canvas.text(name, x: right, y: bottom + 38, anchor: .end, style: "soft", room: right)
  }
}
