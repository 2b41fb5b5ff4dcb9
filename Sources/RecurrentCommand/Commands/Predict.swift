import ArgumentParser
import Recurrent
import RecurrentData

/// `recurrent predict`: what a model makes of an image, row by row.
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a model reads images, row by row.",
    usage: "recurrent predict <model> [<options>]",
    discussion: """
      Prints each image as characters and, beside every row, what the model would say if the image ended there. \
      The images, and the way to read them, are those of the run that made the model, unless options say otherwise.
      """)

  @Argument(help: ModelFile.argumentHelp, transform: OptionValue.path)
  var model: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Which images, counted from 0. (default: 0)", valueName: "n"),
    transform: OptionValue.position)
  var index: [Int] = [0]

  @Option(
    help: ArgumentHelp("An IDX file of images, plain or gzip; it needs no labels.", valueName: "file"),
    transform: OptionValue.path)
  var images: String?

  @OptionGroup var data: TestDataOptions

  func validate() throws {
    if images != nil && (data.digits || data.source.dataDir != nil) {
      let other = data.digits ? "--digits" : "--data-dir"
      throw ValidationError("--images: found it beside \(other), expected one of them")
    }
  }

  func run() async throws {
    let network = try ModelFile.read(model)
    let (name, dataset, hasLabels) = try await load()
    let order = data.order(forModel: model)
    try ModelFile.check(network, path: model, inputSize: order.inputSize, classCount: dataset.classCount)
    if let beyond = index.first(where: { $0 >= dataset.count }) {
      throw CommandFailure(
        "--index: found \(beyond), expected less than \(dataset.count), the number of images in \(name)", .usage)
    }
    let batch = dataset.batch(index)
    let beliefs = network.probabilitiesOverTime(for: order(dataset).batch(index))
    let inputs = batch.inputs
    for (position, number) in index.enumerated() {
      if position > 0 { Terminal.print() }
      DigitReading(
        title: "Image \(number) of \(name)" + (hasLabels ? ", labelled \(batch.labels[position])" : ""),
        remark: order.explanation,
        image: inputs, beliefs: beliefs, sample: position
      ).print()
    }
  }

  private func load() async throws(CommandFailure) -> (name: String, dataset: SequenceDataset, hasLabels: Bool) {
    guard let images else {
      let images = try await data.images(forModel: model)
      return ("\(images.name) (\(images.source))", images.dataset, true)
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

extension PixelOrder {
  /// What the beliefs beside an image mean where it is not read row by row.
  fileprivate var explanation: String? {
    switch self {
    case .rows: nil
    case .pixels: "Read pixel by pixel: beside each row, the belief after its last pixel."
    case .permuted(let seed): "Read in the random order of seed \(seed): the belief after every 28 pixels."
    }
  }
}
