import ArgumentParser
import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// `recurrent predict`: what a model makes of an image, row by row.
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a model reads images, row by row.",
    usage: "recurrent predict <model> [<options>]",
    discussion: """
      Prints each image as characters and, beside every row, what the model would say if the image ended there. \
      The images, and the way to read them, are those of the run that made the model, unless options say otherwise. \
      PNG images of any size are made like MNIST's first: white on black, scaled and centred. \
      '--svg' draws the same with the gates and states of all layers.
      """)

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Which images, counted from 0. (default: 0)", valueName: "n"),
    transform: OptionValue.position)
  var index: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "PNG images, or a folder of them, which are all read.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var image: [String] = []

  @Option(
    help: ArgumentHelp("An IDX file of images, plain or gzip; it needs no labels.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var images: String?

  @Option(
    help: ArgumentHelp(
      "Draw how one image is read into this SVG file: rows, gates, states, probability.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var svg: String?

  @OptionGroup var options: ModelOptions
  @OptionGroup var data: TestDataOptions

  func validate() throws {
    let others = [
      (data.digits, "--digits"), (data.source.dataDir != nil, "--data-dir"), (!image.isEmpty, "--image"),
    ]
    if images != nil, let (_, other) = others.first(where: \.0) {
      throw ValidationError("--images: found it beside \(other), expected one of them")
    }
    if !image.isEmpty, let (_, other) = ([(!index.isEmpty, "--index")] + others.dropLast()).first(where: \.0) {
      throw ValidationError("--image: found it beside \(other), expected one of them")
    }
    if data.seed != nil && (images != nil || !image.isEmpty) {
      let other = images != nil ? "--images" : "--image"
      throw ValidationError("--seed: found it beside \(other), expected it with built-in digits only")
    }
    if svg != nil && index.count > 1 {
      throw ValidationError("--svg: found \(index.count) images for one file, expected one --index")
    }
  }

  func run() async throws {
    let network = try options.read(model)
    let source = try await load()
    let order = data.order(forModel: model)
    let dataset = source.dataset
    try ModelFile.check(network, path: model, inputSize: order.inputSize, classCount: dataset.classCount)
    let positions = image.isEmpty ? (index.isEmpty ? [0] : index) : Array(0..<dataset.count)
    if let beyond = positions.first(where: { $0 >= dataset.count }) {
      throw CommandFailure(
        "--index: found \(beyond), expected less than \(dataset.count), the number of images in \(source.name)", .usage)
    }
    if svg != nil && positions.count > 1 {
      throw CommandFailure("--svg: found \(positions.count) images for one file, expected one", .usage)
    }
    let batch = dataset.batch(positions)
    let sequences = order(dataset).batch(positions)
    let inputs = batch.inputs
    let titles = positions.indices.map { source.title(positions[$0], label: batch.labels[$0]) }
    if let svg {
      try checkForPicture(network)
      let picture = DigitReadingPicture(
        title: source.pictureTitle(positions[0], label: batch.labels[0]), image: inputs.values,
        sequence: sequences.inputs.values, network: network, order: order,
        truth: source.hasLabels ? batch.labels[0] : nil, remark: source.caveat)
      try PictureFile.write(picture, to: svg)
    }
    let beliefs = require { try network.probabilitiesOverTime(for: sequences) }
    for position in positions.indices {
      if position > 0 { Terminal.print() }
      DigitReading(
        title: titles[position], remark: order.explanation, image: inputs, beliefs: beliefs, sample: position
      ).print()
    }
    if let svg { Terminal.note("picture: \(svg.shown())") }
  }

  /// Refuses a network of which there is no state after each row.
  private func checkForPicture(_ network: SequenceModel) throws(CommandFailure) {
    if network.layers.contains(where: \.readsInReverse) {
      throw CommandFailure(
        "\(model.shown()): found a model that reads in reverse, whose states belong to no row alone; expected one that "
          + "reads forward only, or no --svg", .badData)
    }
  }

  private func load() async throws(CommandFailure) -> PredictedImages {
    if !image.isEmpty { return try PredictedImages(pngFiles: image) }
    if let images { return try PredictedImages(idxFile: images) }
    return PredictedImages(try await data.images(forModel: model))
  }
}
