import Recurrent
import RecurrentSupport

/// Images of digits with their labels, in three parts: what a network learns from, is watched on and is judged by.
///
/// MNIST and the built-in digits both come in this form: images of 28 × 28 pixels from 0 to 1, white on black, read as
/// sequences of 28 rows.
public struct DigitData: Sendable {
  /// What the digits are called, for logs and reports.
  public let name: String
  /// Where they came from: a folder, or the seed they were drawn from.
  public let source: String
  /// What the network learns from, `[count, 28, 28]`.
  public let training: SequenceDataset
  /// What shows during training how well the network does on images it does not learn from, `[count, 28, 28]`.
  public let validation: SequenceDataset
  /// What the network is judged by at the end, `[count, 28, 28]`.
  public let test: SequenceDataset
  /// What a user should know about how the data was read, a line each: that images were turned, say.
  public let notices: [String]

  /// Three parts under one name.
  ///
  /// - Parameters:
  ///   - name: what the digits are called.
  ///   - source: where they came from.
  ///   - training: what the network learns from.
  ///   - validation: what it is watched on.
  ///   - test: what it is judged by.
  ///   - notices: what a user should know about how the data was read.
  /// - Complexity: O(1).
  public init(
    name: String, source: String, training: SequenceDataset, validation: SequenceDataset, test: SequenceDataset,
    notices: [String] = []
  ) {
    self.name = name
    self.source = source
    self.training = training
    self.validation = validation
    self.test = test
    self.notices = notices
  }
}

extension DigitData {
  /// The height and the width of an image: so many steps of so many features.
  public static let imageSize = 28
  /// How many digits there are.
  public static let classCount = 10

  /// A dataset of images whose bytes run from 0 to 255.
  ///
  /// - Precondition: there is one label for each image, below ``classCount``.
  package static func dataset(images: [UInt8], labels: [Int32]) -> SequenceDataset {
    require {
      try SequenceDataset(
        bytes: images, scale: 1 / 255, stepCount: imageSize, inputSize: imageSize, labels: labels,
        classCount: classCount)
    }
  }
}
