import Recurrent
import RecurrentCharts
import RecurrentSupport

extension LineChart {
  /// The norms of the gradients of a single sequence at every time step, on a logarithmic axis: a straight line that falls
  /// towards the first step is a gradient that vanishes.
  ///
  /// - Parameters:
  ///   - gradients: the gradients of a batch of one sequence.
  ///   - title: the title of the picture.
  ///   - remark: what else the reader should know; empty for nothing.
  init(_ gradients: GradientTrace, title: String, remark: String = "") {
    var lines = gradients.layers.map { layer in
      // As in the other pictures, layers are counted from 1.
      Line("layer \(layer.level + 1)" + (layer.isReverse ? ", reverse" : ""), Self.points(layer.norms[0]))
    }
    if let norms = gradients.inputNorms { lines.append(Line("input", Self.points(norms[0]))) }
    let hasZeros = lines.contains { $0.points.contains { $0.y == 0 } }
    let remarks = [
      "The gradient with respect to a layer's hidden state, or to the input, at each time step.",
      hasZeros ? "Gradients of 0 are left out." : "", remark,
    ]
    self.init(
      title: "Gradient over time: \(title)".shown(limit: 300), x: "time step", y: "norm of the loss's gradient",
      lines: lines, yScale: .logarithmic,
      remark: remarks.filter { !$0.isEmpty }.joined(separator: " ").shown(limit: 600))
  }

  private static func points(_ norms: [Double]) -> [(x: Double, y: Double)] {
    norms.enumerated().map { (x: Double($0), y: $1) }
  }
}
