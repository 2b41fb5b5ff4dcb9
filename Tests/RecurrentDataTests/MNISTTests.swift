import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// The four files of a folder in MNIST's form, with few images.
struct MNISTFolder {
  var trainingImages = IDXBytes.counting(25, 28, 28)
  var trainingLabels = IDXBytes.labels(count: 25)
  var testImages = IDXBytes.counting(7, 28, 28)
  var testLabels = IDXBytes.labels(count: 7)

  var files: [(name: String, bytes: [UInt8])] {
    [
      ("train-images-idx3-ubyte", trainingImages), ("train-labels-idx1-ubyte", trainingLabels),
      ("t10k-images-idx3-ubyte", testImages), ("t10k-labels-idx1-ubyte", testLabels),
    ]
  }

  /// Writes the files into a folder, under names that a rule makes of the usual ones.
  func write(to folder: TemporaryDirectory, isGzip: Bool = false, as name: (String) -> String = { $0 }) throws {
    for file in files { try folder.write(isGzip ? IDXBytes.gzip(file.bytes) : file.bytes, to: name(file.name)) }
  }
}

@Suite("MNIST: reading a folder")
struct MNISTTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  struct Spelling: CustomTestStringConvertible, Sendable {
    let reason: String
    var isGzip = false
    let name: @Sendable (String) -> String
    var testDescription: String { reason }
  }

  static let spellings = [
    Spelling(reason: "plain") { $0 },
    Spelling(reason: "gzip", isGzip: true) { $0 + ".gz" },
    Spelling(reason: "plain, with a dot") { $0.replacing("-idx", with: ".idx") },
    Spelling(reason: "gzip, with a dot", isGzip: true) { $0.replacing("-idx", with: ".idx") + ".gz" },
    Spelling(reason: "gzip without the ending", isGzip: true) { $0 },
    Spelling(reason: "plain with the ending of gzip") { $0 + ".gz" },
  ]

  @Test(arguments: spellings)
  func `The first twelfth of the training images is for validation`(_ spelling: Spelling) throws {
    try MNISTFolder().write(to: folder, isGzip: spelling.isGzip, as: spelling.name)
    let data = try MNIST.load(from: folder.path)
    #expect(data.validation.count == 2)
    #expect(data.training.count == 23)
    #expect(data.test.count == 7)
    #expect(data.validation.labels.map(Int.init) == [0, 1])
    #expect(data.training.labels.prefix(3).map(Int.init) == [2, 3, 4])
    for part in [data.training, data.validation, data.test] {
      #expect(part.stepCount == 28)
      #expect(part.inputSize == 28)
      #expect(part.classCount == 10)
    }
    // The third image is the first to learn from; rows are steps and columns features.
    let pixels = MNISTFolder().trainingImages[(16 + 2 * 784)...]
    for (value, pixel) in zip(data.training.batch([0]).inputs.values, pixels) {
      #expect(abs(value - Float(pixel) / 255) < 1e-6)
    }
    #expect(data.source == folder.path)
  }

  @Test
  func `Other images in the form of MNIST are not called MNIST`() throws {
    try MNISTFolder().write(to: folder)
    #expect(try MNIST.load(from: folder.path).name != "MNIST")
    #expect(try MNIST.verify(folder.path).allSatisfy { !$0.isOriginal })
  }

  @Test
  func `The test part is read without the others`() throws {
    var files = MNISTFolder()
    files.trainingImages = [1, 2, 3]
    try files.write(to: folder)
    #expect(try MNIST.loadTest(from: folder.path).count == 7)
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.load(from: folder.path) })
    #expect(error.kind == .truncated)
  }

  @Test(arguments: MNIST.File.allCases)
  func `A file that is missing is named`(_ file: MNIST.File) throws {
    try MNISTFolder().write(to: folder)
    try FileManager.default.removeItem(atPath: folder.path(file.rawValue))
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.load(from: folder.path) })
    #expect(error.kind == .missing)
    #expect(error.path == folder.path(file.rawValue))
  }

  @Test
  func `A folder that is missing`() {
    let path = folder.path("nothing")
    let error = idxError { () throws(IDXError) in _ = try MNIST.load(from: path) }
    #expect(error?.kind == .missing)
    #expect(error?.path.hasPrefix(path) == true)
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let reason: String
    let kind: IDXError.Kind
    let file: String
    let offset: Int?
    let change: @Sendable (inout MNISTFolder) -> Void
    var testDescription: String { reason }
  }

  static let mistakes = [
    Mistake(reason: "label 11", kind: .label, file: "train-labels-idx1-ubyte", offset: 8 + 3) {
      $0.trainingLabels[8 + 3] = 11
    },
    Mistake(reason: "label 10, the first that is no digit", kind: .label, file: "t10k-labels-idx1-ubyte", offset: 14) {
      $0.testLabels[14] = 10
    },
    Mistake(reason: "a label too few", kind: .count, file: "train-labels-idx1-ubyte", offset: 4) {
      $0.trainingLabels = IDXBytes.labels(count: 24)
    },
    Mistake(reason: "a label too many", kind: .count, file: "t10k-labels-idx1-ubyte", offset: 4) {
      $0.testLabels = IDXBytes.labels(count: 8)
    },
    Mistake(reason: "images of another height", kind: .shape, file: "train-images-idx3-ubyte", offset: 8) {
      $0.trainingImages = IDXBytes.counting(25, 27, 28)
    },
    Mistake(reason: "images of another width", kind: .shape, file: "t10k-images-idx3-ubyte", offset: 8) {
      $0.testImages = IDXBytes.counting(7, 28, 29)
    },
    Mistake(reason: "no images", kind: .shape, file: "t10k-images-idx3-ubyte", offset: 4) {
      $0.testImages = IDXBytes.header(sizes: [0, 28, 28])
    },
    Mistake(reason: "images and labels exchanged", kind: .rank, file: "train-labels-idx1-ubyte", offset: 3) {
      swap(&$0.trainingImages, &$0.trainingLabels)
    },
  ]

  @Test(arguments: mistakes)
  func `Files that don't fit MNIST or each other`(_ mistake: Mistake) throws {
    var files = MNISTFolder()
    mistake.change(&files)
    try files.write(to: folder)
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.load(from: folder.path) })
    #expect(error.kind == mistake.kind)
    #expect(error.path == folder.path(mistake.file))
    #expect(error.offset == mistake.offset)
  }

  @Test
  func `The error about a label names it`() throws {
    var files = MNISTFolder()
    files.testLabels[8 + 3] = 11
    try files.write(to: folder)
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.loadTest(from: folder.path) })
    #expect(error.found == "label 11")
  }

  @Test
  func `So few images that none are left for validation`() throws {
    var files = MNISTFolder()
    files.trainingImages = IDXBytes.counting(11, 28, 28)
    files.trainingLabels = IDXBytes.labels(count: 11)
    try files.write(to: folder)
    let data = try MNIST.load(from: folder.path)
    #expect(data.validation.count == 0)
    #expect(data.training.count == 11)
  }
}

@Suite("MNIST: the original, where it is at hand")
struct OriginalMNISTTests {
  /// `$MNIST_DIR`, or the data folder beside the checkout.
  static let folder: String? = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = package.deletingLastPathComponent().appending(path: "shared/data/mnist").path
    return [ProcessInfo.processInfo.environment["MNIST_DIR"], beside].compactMap { $0 }.first { folder in
      FileManager.default.fileExists(atPath: folder + "/train-images-idx3-ubyte.gz")
    }
  }()

  @Test(.enabled(if: folder != nil, "MNIST is not at hand"))
  func `The split of TensorFlow's tutorials`() throws {
    let data = try MNIST.load(from: try #require(Self.folder))
    #expect(data.name == "MNIST")
    #expect(data.training.count == 55_000)
    #expect(data.validation.count == 5_000)
    #expect(data.test.count == 10_000)
    // MNIST begins with a five and goes on with 0, 4, 1, 9; the test part begins with 7, 2, 1, 0, 4.
    #expect(data.validation.labels.prefix(5).map(Int.init) == [5, 0, 4, 1, 9])
    #expect(data.test.labels.prefix(5).map(Int.init) == [7, 2, 1, 0, 4])
    // How often each digit comes among the first 5,000.
    var counts = [Int](repeating: 0, count: 10)
    for label in data.validation.labels { counts[Int(label)] += 1 }
    #expect(counts == [479, 563, 488, 493, 535, 434, 501, 550, 462, 495])
  }
}
