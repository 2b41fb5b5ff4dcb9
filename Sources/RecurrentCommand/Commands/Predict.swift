import ArgumentParser
import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `recurrent predict`: what a model makes of an image, row by row.
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a model reads images, row by row.",
    usage: "recurrent predict <model> [<options>]",
    discussion: """
      Prints each image as characters and, beside every row, what the model would say if the image ended there. \
      The images, and the way to read them, are those of the run that made the model, unless options say otherwise. \
      '--svg' draws the same with the gates and states of all layers.
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

  @Option(
    help: ArgumentHelp(
      "Draw how one image is read into this SVG file: rows, gates, states, belief.", valueName: "file"),
    transform: OptionValue.path)
  var svg: String?

  @OptionGroup var options: ModelOptions
  @OptionGroup var data: TestDataOptions

  func validate() throws {
    if images != nil && (data.digits || data.source.dataDir != nil) {
      let other = data.digits ? "--digits" : "--data-dir"
      throw ValidationError("--images: found it beside \(other), expected one of them")
    }
    if svg != nil && index.count > 1 {
      throw ValidationError("--svg: found \(index.count) images for one file, expected one --index")
    }
  }

  func run() async throws {
    let network = try options.read(model)
    let (name, dataset, hasLabels, caveat) = try await load()
    let order = data.order(forModel: model)
    try ModelFile.check(network, path: model, inputSize: order.inputSize, classCount: dataset.classCount)
    if let beyond = index.first(where: { $0 >= dataset.count }) {
      throw CommandFailure(
        "--index: found \(beyond), expected less than \(dataset.count), the number of images in \(name)", .usage)
    }
    let batch = dataset.batch(index)
    let sequences = order(dataset).batch(index)
    let inputs = batch.inputs
    func title(_ position: Int) -> String {
      "Image \(index[position]) of \(name)" + (hasLabels ? ", labelled \(batch.labels[position])" : "")
    }
    if let svg {
      try checkForPicture(network)
      let picture = DigitReadingPicture(
        title: title(0), image: inputs.values, sequence: sequences.inputs.values, network: network, order: order,
        truth: hasLabels ? batch.labels[0] : nil, remark: caveat)
      try write(picture, to: svg)
    }
    let beliefs = require { try network.probabilitiesOverTime(for: sequences) }
    for position in index.indices {
      if position > 0 { Terminal.print() }
      DigitReading(
        title: title(position), remark: order.explanation, image: inputs, beliefs: beliefs, sample: position
      ).print()
    }
    if let svg { Terminal.note("picture: \(svg)") }
  }

  /// Refuses a network of which there is no state after each row.
  private func checkForPicture(_ network: SequenceClassifier) throws(CommandFailure) {
    if network.layers.contains(where: \.readsInReverse) {
      throw CommandFailure(
        "\(model): found a model that reads in reverse, whose states belong to no row alone; expected one that "
          + "reads forward only, or no --svg", .badData)
    }
  }

  /// Writes a picture, whole or not at all.
  private func write(_ picture: some Picture, to path: String) throws(CommandFailure) {
    do throws(FileWriteError) { try AtomicFile.write(picture.svg, to: path) } catch {
      // The file could be begun and not ended, or not even begun.
      let isBegun = [ENOSPC, EFBIG, EDQUOT, EIO].contains { error == FileWriteError(path: path, code: $0) }
      throw CommandFailure(error.description, isBegun ? .inputOutput : .cannotCreate)
    }
  }

  private func load() async throws(CommandFailure) -> (
    name: String, dataset: SequenceDataset, hasLabels: Bool, caveat: String?
  ) {
    guard let images else {
      let images = try await data.images(forModel: model)
      return ("\(images.name) (\(images.source))", images.dataset, true, images.caveat)
    }
    do throws(IDXError) {
      let file = try MNIST.images(at: images)
      return (
        images,
        DigitData.dataset(images: file.bytes, labels: Array(repeating: 0, count: file.shape[0])), false, nil
      )
    } catch {
      throw CommandFailure(error)
    }
  }
}
