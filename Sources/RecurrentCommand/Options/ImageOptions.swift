import ArgumentParser
import Recurrent
import RecurrentData

/// How a run trains on images.
struct ImageOptions: RecordableArguments {
  private static let notebook = TrainingLoop()

  @OptionGroup var pixelOrder: PixelOrderOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Images in a batch. (default: \(notebook.batchSize))", valueName: "n"),
    transform: OptionValue.count)
  var batchSize = notebook.batchSize

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Train on the first n training images only.", valueName: "n"),
    transform: OptionValue.count)
  var trainCount: Int?

  @Flag(inversion: .prefixedNo, help: "Shuffle the training images in each epoch.")
  var shuffle = true

  @Flag(inversion: .prefixedNo, help: "Drop an epoch's last batch if it is smaller than the others.")
  var dropLast = false

  @Flag(
    inversion: .prefixedNo,
    help: "Augment the training images by small random shifts, rotations and scalings, new ones in each epoch.")
  var augment = false

  static var recorded: [RecordedOption<Self>] {
    group(\.pixelOrder) + [
      .init("batch-size", \.batchSize),
      .init("train-count", \.trainCount),
      .init("shuffle", \.shuffle),
      .init("drop-last", \.dropLast),
      .init("augment", \.augment),
    ]
  }

  /// The built-in digits, no more of them than training uses.
  func builtInDigits(seed: UInt64) throws(CommandFailure) -> DigitData {
    BuiltInDigits.draw(training: try imageCount(outOf: 55_000), seed: seed)
  }

  /// The images that training uses.
  func images(of data: DigitData) throws(CommandFailure) -> SequenceDataset {
    data.training[0..<(try imageCount(outOf: data.training.count))]
  }

  private func imageCount(outOf available: Int) throws(CommandFailure) -> Int {
    let count = min(trainCount ?? available, available)
    if dropLast && count < batchSize {
      throw CommandFailure(
        "--drop-last: found \(count) training images for batches of \(batchSize), which leaves no batch; expected a "
          + "--batch-size of at most \(count)", .usage)
    }
    return count
  }
}
