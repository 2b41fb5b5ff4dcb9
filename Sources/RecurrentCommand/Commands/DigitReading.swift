import Recurrent

/// An image beside what a model believes after as many pixels as there are above and in each row, in 80 columns.
struct DigitReading {
  let title: String
  let remark: String?
  // [batch, rows, columns], from 0 to 1
  let image: Tensor
  // [batch, steps, classes], with as many steps in each row
  let beliefs: Tensor
  let sample: Int

  private static let shades = Array(" .:-=+*#%@")
  private static let barWidth = 10

  func print() {
    let (rows, columns, classes) = (image.shape[1], image.shape[2], beliefs.shape[2])
    let stepsPerRow = beliefs.shape[1] / rows
    let last = beliefs.shape[1] - 1
    Terminal.print(title)
    if let remark { Terminal.print(remark) }
    for row in 0..<rows {
      var line = ""
      for column in 0..<columns {
        let shade = Int((image[sample, row, column] * Float(Self.shades.count - 1)).rounded())
        let character = Self.shades[min(max(shade, 0), Self.shades.count - 1)]
        line += String([character, character])
      }
      let (best, probability) = strongest(step: (row + 1) * stepsPerRow - 1)
      // A model of weights that are no numbers has no probability.
      let length = probability.isFinite ? Int((probability * Float(Self.barWidth)).rounded()) : 0
      let bar = String(repeating: "█", count: length).padded(to: Self.barWidth)
      Terminal.print("\(line) │ \(best)  \(bar) \(probability.fixed(3))")
    }
    let (best, probability) = strongest(step: last)
    Terminal.print(
      probability.isFinite
        ? "It reads a \(best). Probabilities after the last row:"
        : "It reads nothing: its weights or their products are no numbers.")
    let all = (0..<classes).map { "\($0): \(beliefs[sample, last, $0].fixed(4))" }
    for start in stride(from: 0, to: classes, by: 5) {
      Terminal.print(all[start..<min(start + 5, classes)].joined(separator: "  "))
    }
  }

  private func strongest(step: Int) -> (digit: Int, probability: Float) {
    var best = 0
    for k in 1..<beliefs.shape[2] where beliefs[sample, step, k] > beliefs[sample, step, best] { best = k }
    return (best, beliefs[sample, step, best])
  }
}
