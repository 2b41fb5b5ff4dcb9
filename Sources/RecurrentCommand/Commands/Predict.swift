import ArgumentParser
import Recurrent
import RecurrentData

/// `recurrent predict`
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a model reads images, row by row.",
    discussion: """
      Prints each image as characters and, beside every row, what the model would say if the image ended there.
      """)

  @Argument(help: "The model: a run folder, or a safetensors file.")
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Which images of the file, counted from 0.")
  var index: [Int] = [0]

  @Option(help: "An IDX file of images, plain or gzip. (default: the test images at hand)")
  var images: String?

  @OptionGroup var data: TestDataOptions

  func validate() throws {
    if let negative = index.first(where: { $0 < 0 }) {
      throw ValidationError("--index: found \(negative), expected whole numbers from 0 on")
    }
    if images != nil && (data.digits || data.source.dataDir != nil) {
      throw ValidationError("--images: found another source of images beside it, expected at most one")
    }
  }

  func run() async throws {
    let network = try ModelFile.read(model)
    let (name, dataset, hasLabels) = try await load()
    try ModelFile.check(network, path: model, inputSize: dataset.inputSize, classCount: dataset.classCount)
    if let beyond = index.first(where: { $0 >= dataset.count }) {
      throw CommandFailure(
        "--index: found \(beyond), expected less than \(dataset.count), the number of images in \(name)", .usage)
    }
    let batch = dataset.batch(index)
    let beliefs = network.probabilitiesOverTime(for: batch)
    let inputs = batch.inputs
    for (position, number) in index.enumerated() {
      if position > 0 { Terminal.print() }
      DigitReading(
        title: "image \(number) of \(name)" + (hasLabels ? ", labelled \(batch.labels[position])" : ""),
        image: inputs, beliefs: beliefs, sample: position
      ).print()
    }
  }

  private func load() async throws(CommandFailure) -> (name: String, dataset: SequenceDataset, hasLabels: Bool) {
    guard let images else {
      let (name, test) = try await data.test()
      return (name, test, true)
    }
    do throws(IDXError) {
      let file = try MNIST.images(at: images)
      let size = DigitData.imageSize
      return (
        images,
        SequenceDataset(
          bytes: file.bytes, scale: 1 / 255, stepCount: size, inputSize: size,
          labels: Array(repeating: 0, count: file.shape[0]), classCount: DigitData.classCount), false
      )
    } catch {
      throw CommandFailure(error)
    }
  }
}

/// An image beside what a model believes after each of its rows.
struct DigitReading {
  let title: String
  /// `[batch, rows, columns]`, from 0 to 1.
  let image: Tensor
  /// `[batch, rows, classes]`
  let beliefs: Tensor
  let sample: Int

  private static let shades = Array(" .:-=+*#%@")

  func print() {
    let (rows, columns, classes) = (image.shape[1], image.shape[2], beliefs.shape[2])
    Terminal.print(title)
    for row in 0..<rows {
      var line = ""
      for column in 0..<columns {
        let shade = Int((image[sample, row, column] * Float(Self.shades.count - 1)).rounded())
        let character = Self.shades[min(max(shade, 0), Self.shades.count - 1)]
        line += String([character, character])
      }
      let (best, belief) = strongest(row: row)
      let bar = String(repeating: "█", count: Int((belief * 20).rounded()))
      Terminal.print("\(line) │ \(best)  \(bar.padded(to: 20)) \(belief.fixed(3))")
    }
    let (best, _) = strongest(row: rows - 1)
    Terminal.print("It reads a \(best). Probabilities after the last row:")
    let all = (0..<classes).map { "\($0): \(beliefs[sample, rows - 1, $0].fixed(4))" }
    Terminal.print(all.joined(separator: "  "))
  }

  private func strongest(row: Int) -> (digit: Int, belief: Float) {
    var best = 0
    for k in 1..<beliefs.shape[2] where beliefs[sample, row, k] > beliefs[sample, row, best] { best = k }
    return (best, beliefs[sample, row, best])
  }
}
