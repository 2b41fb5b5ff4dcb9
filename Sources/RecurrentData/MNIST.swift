import Recurrent
import RecurrentSupport

/// The MNIST database of handwritten digits, or any folder of files in its format.
///
/// ```swift
/// let mnist = try await MNIST.load()
/// print(mnist.training.count, mnist.validation.count, mnist.test.count)  // 55000 5000 10000
/// ```
///
/// Source: LeCun, Bottou, Bengio and Haffner, *Gradient-Based Learning Applied to Document Recognition*, 1998.
public enum MNIST {
  /// Reads the four files of a folder.
  ///
  /// The first twelfth of the training images becomes the validation part: of MNIST's 60,000 the first 5,000, as
  /// TensorFlow's tutorials split them. If the file is sorted by class, so that these would be of a few classes only,
  /// the first twelfth of each class is used instead, and a notice says so.
  ///
  /// - Parameter directory: a folder with the four files, as ``File/path(in:)`` finds them. Any files of that format
  ///   will do, with any number of images.
  /// - Returns: the three parts, `[count, 28, 28]` each.
  /// - Throws: ``IDXError`` if a file is missing, can't be read or does not hold what it should.
  /// - Complexity: O(size); the training and the validation part share their memory.
  public static func load(from directory: String) throws(IDXError) -> DigitData {
    var training = try pair(.trainingImages, .trainingLabels, in: directory)
    let test = try pair(.testImages, .testLabels, in: directory)
    let isOriginal =
      File.trainingImages.isOriginal(training.images) && File.trainingLabels.isOriginal(training.labels)
      && File.testImages.isOriginal(test.images) && File.testLabels.isOriginal(test.labels)
    var notices = [training.images, training.labels, test.images, test.labels].flatMap(\.notices)
    let validationCount = training.labels.bytes.count / 12
    let testData = try dataset(images: test.images, labels: test.labels)
    // Checked before reordering, which needs as many labels as images.
    _ = try dataset(images: training.images, labels: training.labels)
    if let order = ValidationSplit.stratified(training.labels.bytes, validationCount: validationCount) {
      notices.append(
        "\(training.labels.path.shown()) is sorted by class: the first twelfth of each class is used for validation")
      training = try (training.images.reordered(order), training.labels.reordered(order))
    }
    let all = try dataset(images: training.images, labels: training.labels)
    return DigitData(
      name: isOriginal ? "MNIST" : "images in the form of MNIST", source: directory,
      training: all[validationCount..<all.count], validation: all[0..<validationCount], test: testData,
      notices: notices)
  }

  /// Reads the two files of the test part of a folder; the others need not exist.
  ///
  /// - Parameter directory: a folder with these two files under their usual names, plain or gzip.
  /// - Returns: the test part, `[count, 28, 28]`.
  /// - Throws: ``IDXError`` if a file is missing, can't be read or does not hold what it should.
  /// - Complexity: O(size) of the two files.
  public static func loadTest(from directory: String) throws(IDXError) -> SequenceDataset {
    try testWithNotices(from: directory).images
  }

  /// The test part of a folder, and what a user should know about how it was read.
  package static func testWithNotices(
    from directory: String
  ) throws(IDXError) -> (images: SequenceDataset, notices: [String]) {
    let test = try pair(.testImages, .testLabels, in: directory)
    return (try dataset(images: test.images, labels: test.labels), test.images.notices + test.labels.notices)
  }

  /// Reads a file of images of 28 × 28 bytes.
  ///
  /// EMNIST's images have rows and columns exchanged. A file whose name begins with `emnist-` is transposed back, since
  /// a network that reads rows would otherwise see other sequences than with MNIST.
  ///
  /// - Parameter path: the file, plain or gzip.
  /// - Returns: the file, whose shape is `[count, 28, 28]`.
  /// - Throws: ``IDXError`` if the file can't be read or does not hold such images.
  /// - Complexity: O(size).
  public static func images(at path: String) throws(IDXError) -> IDXFile {
    let file = try IDXFile(contentsOf: path, rank: 3)
    let size = DigitData.imageSize
    guard file.shape[1] == size, file.shape[2] == size else {
      throw IDXError(
        .shape, path: path, offset: 8, found: "images of \(file.shape[1]) × \(file.shape[2])",
        expected: "images of \(size) × \(size)", advice: "scale the images to that size")
    }
    guard file.shape[0] > 0 else {
      throw IDXError(
        .shape, path: path, offset: 4, found: "no images", expected: "at least one", advice: Advice.otherFile)
    }
    let name = path.split(separator: "/").last ?? ""
    return name.hasPrefix("emnist-") ? try file.transposed() : file
  }

  /// Reads a file of labels from 0 to 9.
  ///
  /// - Parameter path: the file, plain or gzip: bytes, or QMNIST's extended labels, of which the first column is kept.
  /// - Returns: the file, whose shape is `[count]`.
  /// - Throws: ``IDXError`` if the file can't be read or does not hold such labels.
  /// - Complexity: O(size).
  public static func labels(at path: String) throws(IDXError) -> IDXFile {
    if try IDXFile.magic(at: path) == extendedLabelsMagic { return try extendedLabels(at: path) }
    let file = try IDXFile(contentsOf: path, rank: 1)
    if let position = file.bytes.firstIndex(where: { $0 >= DigitData.classCount }) {
      throw noDigit("label \(file.bytes[position])", path: path, offset: file.headerSize + position)
    }
    return file
  }

  /// The beginning of QMNIST's extended labels: 32-bit integers in two dimensions.
  static let extendedLabelsMagic: [UInt8] = [0, 0, 0x0C, 2]

  /// Reads QMNIST's extended labels: rows of 8 numbers, of which the first is the digit and the others describe its
  /// origin.
  private static func extendedLabels(at path: String) throws(IDXError) -> IDXFile {
    let file = try IDXFile(ByteReader(path: path), rank: 2, type: .int)
    guard file.shape[1] == 8 else {
      throw IDXError(
        .shape, path: path, offset: 8, found: "rows of \(file.shape[1]) integers",
        expected: "rows of 8, as QMNIST's extended labels have them", advice: Advice.otherFile)
    }
    var labels = [UInt8](repeating: 0, count: file.shape[0])
    for row in labels.indices {
      let value = file.bytes[32 * row..<32 * row + 4].reduce(0) { $0 << 8 | UInt32($1) }
      guard value < DigitData.classCount else {
        throw noDigit("label \(Int32(bitPattern: value))", path: path, offset: file.headerSize + 32 * row)
      }
      labels[row] = UInt8(value)
    }
    return file.replacing(shape: [labels.count], bytes: labels)
  }

  private static func noDigit(_ found: String, path: String, offset: Int) -> IDXError {
    IDXError(
      .label, path: path, offset: offset, found: found, expected: "a digit from 0 to 9",
      advice: "check that these are labels of digits")
  }

  /// Images and their labels as sequences of 28 steps of 28 features from 0 to 1.
  ///
  /// - Parameters:
  ///   - images: a file of the shape `[count, 28, 28]`.
  ///   - labels: a file of the shape `[count]`, of numbers from 0 to 9.
  /// - Throws: ``IDXError`` if the numbers of labels and images differ.
  /// - Precondition: the shapes and labels are as ``images(at:)`` and ``labels(at:)`` check them.
  /// - Complexity: O(count): the bytes of images are shared.
  public static func dataset(images: IDXFile, labels: IDXFile) throws(IDXError) -> SequenceDataset {
    guard labels.shape[0] == images.shape[0] else {
      throw IDXError(
        .count, path: labels.path, offset: 4, found: "\(labels.shape[0]) labels",
        expected: "\(images.shape[0]), one for each image of \(images.path.shown())",
        advice: "take both files from the same source")
    }
    return DigitData.dataset(images: images.bytes, labels: labels.bytes.map(Int32.init))
  }

  private static func pair(
    _ images: File, _ labels: File, in directory: String
  ) throws(IDXError) -> (images: IDXFile, labels: IDXFile) {
    let (imagesPath, labelsPath) = (try images.path(in: directory), try labels.path(in: directory))
    // Images of one collection must not be paired with labels of another.
    if let found = images.usable(in: directory), let other = labels.usable(in: directory), found.place != other.place {
      throw labels.missing(in: found.place.folder)
    }
    // Labels first: they are small, so an error in them shows at once.
    let labels = try MNIST.labels(at: labelsPath)
    return (try MNIST.images(at: imagesPath), labels)
  }
}
