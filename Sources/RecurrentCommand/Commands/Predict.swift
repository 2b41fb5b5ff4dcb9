import ArgumentParser
import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// `recurrent predict`: the predictions of a model for images, row by row.
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the predictions of a model for images, row by row.",
    usage: """
      recurrent predict <model> [<options>]
      recurrent predict <model> <file> [<options>]
      """,
    discussion: """
      Prints each image as characters and, beside every row, the prediction if the image ended there. \
      Images and the order of their pixels are by default those of the run that trained the model. \
      PNG images of any size are first converted to MNIST's format: white on black, scaled and centered. \
      '--svg' draws the same with the gates and states of all layers, '--trace' writes them as numbers.

      A model of time series reads a file of them, and writes CSV or lines of JSON: the probability of each class, or \
      values in the units of the data, for each series or each step; forecasts go on after the end of each series.
      """)

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Indices of images, counted from 0. (default: 0)", valueName: "n"),
    transform: OptionValue.index)
  var index: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("PNG images, or folders of them.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var image: [String] = []

  @Option(
    help: ArgumentHelp("IDX file of images without labels, plain or gzip.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var images: String?

  @OptionGroup var files: ReadingOptions

  @OptionGroup(title: "Series") var series: PredictedSeries
  @OptionGroup var options: ModelOptions
  @OptionGroup var data: TestDataOptions

  func validate() throws {
    if series.file != nil {
      try series.check(images: [
        (!index.isEmpty, "--index"), (!image.isEmpty, "--image"), (images != nil, "--images"),
        (files.svg != nil, "--svg"),
        (files.trace != nil, "--trace"), (files.gradientSvg != nil, "--gradient-svg"),
        (data.givenName != nil, data.givenName ?? ""), (options.activation != nil, "--activation"),
      ])
    }
    let others = [
      (data.digits, "--digits"), (data.source.dataDir != nil, "--data-dir"), (!image.isEmpty, "--image"),
    ]
    if images != nil, let (_, other) = others.first(where: \.0) {
      throw ValidationError("--images: found with \(other), expected one of them")
    }
    if !image.isEmpty, let (_, other) = ([(!index.isEmpty, "--index")] + others.dropLast()).first(where: \.0) {
      throw ValidationError("--image: found with \(other), expected one of them")
    }
    if data.seed != nil && (images != nil || !image.isEmpty) {
      let other = images != nil ? "--images" : "--image"
      throw ValidationError("--seed: found with \(other), expected only with built-in digits")
    }
    if let name = files.names.first, index.count > 1 {
      throw ValidationError("\(name): found \(index.count) images for one file, expected one --index")
    }
    if files.gradientSvg != nil && (images != nil || !image.isEmpty) {
      throw ValidationError(
        "--gradient-svg: found with \(images != nil ? "--images" : "--image"), expected images with labels")
    }
  }

  func run() async throws {
    if let file = series.file { return try series.predict(file, model: model) }
    let network = try options.read(model)
    let source = try await load()
    let order = data.order(forModel: model)
    let dataset = source.dataset
    try ModelFile.check(network, path: model, inputSize: order.inputSize, classCount: dataset.classCount)
    let positions = image.isEmpty ? (index.isEmpty ? [0] : index) : Array(0..<dataset.count)
    if let index = positions.first(where: { $0 >= dataset.count }) {
      throw CommandFailure(
        "--index: found \(index), expected less than \(dataset.count), the number of images in \(source.name)", .usage)
    }
    if let name = files.names.first, positions.count > 1 {
      throw CommandFailure("\(name): found \(positions.count) images for one file, expected one", .usage)
    }
    if let name = files.names.first, network.precision != .float {
      throw CommandFailure(
        "\(name): found a model of \(network.precision) weights, whose gates are not kept, expected one of floats; "
          + "'recurrent convert --weights float' makes them", .badData)
    }
    let batch = dataset.batch(positions)
    let sequences = order(dataset).batch(positions)
    let inputs = batch.inputs
    let titles = positions.indices.map { source.title(positions[$0], label: batch.labels[$0]) }
    let pictureTitle = source.pictureTitle(positions[0], label: batch.labels[0])
    if let svg = files.svg {
      try checkForPicture(network)
      let picture = DigitReadingPicture(
        title: pictureTitle, image: inputs.values, sequence: sequences.inputs.values, network: network, order: order,
        truth: source.hasLabels ? batch.labels[0] : nil, remark: source.caveat)
      try PictureFile.write(picture, to: svg)
    }
    if files.traces {
      let remarks = [order.explanation, source.caveat].compactMap(\.self).joined(separator: " ")
      try files.writeTraces(
        of: sequences, by: network, title: pictureTitle, remark: remarks, hasTargets: source.hasLabels)
    }
    let probabilities = require { try network.probabilitiesOverTime(for: sequences) }
    for position in positions.indices {
      if position > 0 { Terminal.print() }
      PredictionText(
        title: titles[position], remark: order.explanation, image: inputs, probabilities: probabilities,
        sample: position
      ).print()
    }
    files.note(hasTargets: source.hasLabels)
  }

  /// Throws if the network has no state after each row, because it reads in reverse.
  private func checkForPicture(_ network: SequenceModel) throws(CommandFailure) {
    if network.layers.contains(where: \.readsInReverse) {
      throw CommandFailure(
        "\(model.shown()): found a model that reads in reverse, whose states after a row depend on all rows; expected "
          + "one that reads forward only, or no --svg", .badData)
    }
  }

  private func load() async throws(CommandFailure) -> PredictedImages {
    if !image.isEmpty { return try PredictedImages(pngFiles: image) }
    if let images { return try PredictedImages(idxFile: images) }
    return PredictedImages(try await data.images(forModel: model))
  }
}
