import Recurrent

/// An image as text, and beside each row the prediction after the row, or after as many pixels; 80 columns wide.
struct PredictionText {
  let title: String
  let remark: String?
  // [batch, rows, columns], from 0 to 1
  let image: Tensor
  // [batch, steps, classes], with the same number of time steps for each row
  let probabilities: Tensor
  let sample: Int

  private static let shades = Array(" .:-=+*#%@")
  private static let barWidth = 10

  func print() {
    let (rows, columns, classes) = (image.shape[1], image.shape[2], probabilities.shape[2])
    let stepsPerRow = probabilities.shape[1] / rows
    let last = probabilities.shape[1] - 1
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
      // The probability is NaN if a weight is.
      let length = probability.isFinite ? Int((probability * Float(Self.barWidth)).rounded()) : 0
      let bar = String(repeating: "█", count: length).padded(to: Self.barWidth)
      Terminal.print("\(line) │ \(best)  \(bar) \(probability.fixed(3))")
    }
    let (best, probability) = strongest(step: last)
    Terminal.print(
      probability.isFinite
        ? "Prediction: \(best). Probabilities after the last row:"
        : "No prediction: the probabilities after the last row are NaN.")
    let all = (0..<classes).map { "\($0): \(probabilities[sample, last, $0].fixed(4))" }
    for start in stride(from: 0, to: classes, by: 5) {
      Terminal.print(all[start..<min(start + 5, classes)].joined(separator: "  "))
    }
  }

  private func strongest(step: Int) -> (digit: Int, probability: Float) {
    var best = 0
    for k in 1..<probabilities.shape[2] where probabilities[sample, step, k] > probabilities[sample, step, best] {
      best = k
    }
    return (best, probabilities[sample, step, best])
  }
}
