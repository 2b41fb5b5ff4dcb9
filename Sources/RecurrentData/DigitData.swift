import Recurrent
import RecurrentSupport

/// Images of digits with their labels, in three parts: training, validation and test.
///
/// MNIST and the built-in digits both come in this form: images of 28 × 28 pixels from 0 to 1, white on black, read as
/// sequences of 28 rows.
public struct DigitData: Sendable {
  /// The name of the data, for logs and reports.
  public let name: String
  /// Their origin: a folder, or the seed they were drawn from.
  public let source: String
  /// The training images, `[count, 28, 28]`.
  public let training: SequenceDataset
  /// The images that are evaluated during training, to choose settings and when to stop, `[count, 28, 28]`.
  public let validation: SequenceDataset
  /// The images for the final evaluation, `[count, 28, 28]`.
  public let test: SequenceDataset
  /// What a user should know about how the data was read, a line each, such as that images were transposed.
  public let notices: [String]

  /// Three parts under one name.
  ///
  /// - Parameters:
  ///   - name: the name of the data.
  ///   - source: their origin.
  ///   - training: the training images.
  ///   - validation: the images evaluated during training.
  ///   - test: the images for the final evaluation.
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
  /// The height and the width of an image: the number of steps and of features.
  public static let imageSize = 28
  /// The number of classes.
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
