import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentData

/// Folders that people have: which of several files is taken, and under which names.
@Suite("MNIST: candidates for a file")
struct CandidateTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  struct Obstacle: CustomTestStringConvertible, Sendable {
    let reason: String
    let put: @Sendable (TemporaryDirectory, String) throws -> Void
    var testDescription: String { reason }
  }

  static let obstacles = [
    Obstacle(reason: "a folder") { folder, name in
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
    },
    Obstacle(reason: "an empty file") { try $0.write([], to: $1) },
    Obstacle(reason: "a Git LFS pointer") {
      try $0.write(Array("version https://git-lfs.github.com/spec/v1\n".utf8), to: $1)
    },
    Obstacle(reason: "half of a gzip header") { try $0.write([0x1F, 0x8B, 8], to: $1) },
    Obstacle(reason: "a page") { try $0.write(Array("<html>".utf8), to: $1) },
    Obstacle(reason: "the other kind of file") { folder, name in
      try folder.write(name.contains("images") ? IDXBytes.labels(count: 3) : IDXBytes.counting(3, 28, 28), to: name)
    },
    Obstacle(reason: "a pipe") { folder, name in #expect(mkfifo(folder.path(name), 0o600) == 0) },
  ]

  @Test(.timeLimit(.minutes(30)), arguments: obstacles, [".gz", ".idx", ".idx.gz"])
  func `The first file that can be used is taken`(_ obstacle: Obstacle, _ form: String) throws {
    let isGzip = form.hasSuffix(".gz")
    func name(_ plain: String) -> String {
      (form.hasPrefix(".idx") ? plain.replacing("-idx", with: ".idx") : plain) + (isGzip ? ".gz" : "")
    }
    try MNISTFolder().write(to: folder, isGzip: isGzip, as: name)
    for file in MNIST.File.allCases { try obstacle.put(folder, file.rawValue) }
    let data = try MNIST.load(from: folder.path)
    #expect(data.training.count + data.validation.count == 25 && data.test.count == 7)
    for file in MNIST.File.allCases { #expect(try file.path(in: folder.path) == folder.path(name(file.rawValue))) }
  }

  @Test
  func `Without one that can be used, the error is about the file that is there`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("train-images-idx3-ubyte"), withIntermediateDirectories: false)
    try folder.write(Array("<html>".utf8), to: "train-images-idx3-ubyte.gz")
    #expect(try MNIST.File.trainingImages.path(in: folder.path) == folder.path("train-images-idx3-ubyte.gz"))
  }

  @Test(arguments: ["MNIST/raw", "raw"])
  func `The folders of torchvision`(_ subfolder: String) throws {
    try MNISTFolder().write(to: folder) { "\(subfolder)/\($0)" }
    #expect(try MNIST.load(from: folder.path).test.count == 7)
    #expect(try MNIST.verify(folder.path).map(\.path).allSatisfy { $0.hasPrefix(folder.path(subfolder)) })
  }

  @Test
  func `The message names what was looked for`() throws {
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.File.testLabels.path(in: folder.path) })
    #expect(error.kind == .missing)
    for name in [
      "t10k-labels-idx1-ubyte", "qmnist-test-labels-idx1-ubyte", "qmnist-test-labels-idx2-int",
      "emnist-digits-test-labels-idx1-ubyte", "emnist-mnist-test-labels-idx1-ubyte", ".gz", "MNIST/raw", "in raw",
    ] {
      #expect(error.expected.contains(name))
    }
    #expect(error.advice.contains("recurrent data mnist"))
  }

  /// Writes the files of a collection.
  private func write(_ names: [String], _ files: MNISTFolder = MNISTFolder(), isGzip: Bool = false) throws {
    for ((_, bytes), name) in zip(files.files, names) {
      try folder.write(isGzip ? IDXBytes.gzip(bytes) : bytes, to: name + (isGzip ? ".gz" : ""))
    }
  }

  @Test(arguments: ["digits", "mnist"], [false, true])
  func `EMNIST's digits are turned upright`(_ split: String, isGzip: Bool) throws {
    let stem = "emnist-\(split)-"
    try write(
      [
        "\(stem)train-images-idx3-ubyte", "\(stem)train-labels-idx1-ubyte", "\(stem)test-images-idx3-ubyte",
        "\(stem)test-labels-idx1-ubyte",
      ], isGzip: isGzip)
    // Splits with letters are not digits, and not taken.
    try folder.write([1], to: "emnist-letters-train-images-idx3-ubyte")
    let data = try MNIST.load(from: folder.path)
    #expect(data.notices.count == 2 && data.notices.allSatisfy { $0.contains("rows and columns were exchanged") })
    let original = MNISTFolder().testImages[16...]
    let image = data.test.batch([1]).inputs
    for row in [0, 1, 5, 27] {
      for column in [0, 2, 26] {
        let byte = original[16 + 784 + column * 28 + row]
        #expect(abs(image[0, row, column] - Float(byte) / 255) < 1e-6)
      }
    }
  }

  /// QMNIST's extended labels: eight big-endian integers a row.
  private func extendedLabels(_ labels: [UInt32]) -> [UInt8] {
    IDXBytes.header(type: 0x0C, sizes: [UInt32(labels.count), 8])
      + labels.enumerated().flatMap { row, label in
        ([label] + (1..<8).map { UInt32(row * 1000 + $0) }).flatMap { value in
          withUnsafeBytes(of: value.bigEndian) { Array($0) }
        }
      }
  }

  @Test
  func `QMNIST with its extended labels`() throws {
    var files = MNISTFolder()
    files.trainingLabels = extendedLabels((0..<25).map { UInt32(($0 * 7 + 3) % 10) })
    try write(
      [
        "qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int", "qmnist-test-images-idx3-ubyte",
        "qmnist-test-labels-idx1-ubyte",
      ], files, isGzip: true)
    let data = try MNIST.load(from: folder.path)
    #expect((Array(data.validation.labels) + data.training.labels).map(Int.init) == (0..<25).map { ($0 * 7 + 3) % 10 })
    #expect(data.test.labels.map(Int.init) == Array(0..<7))
    #expect(data.notices.isEmpty)
  }

  @Test(arguments: [
    ("a label that is no digit", [0, 10], IDXError.Kind.label, 12 + 32),
    ("a label beyond all bytes", [256, 1], .label, 12), ("a negative label", [1, .max], .label, 12 + 32),
  ])
  func `Extended labels that are none`(_ reason: String, _ labels: [UInt32], _ kind: IDXError.Kind, _ offset: Int)
    throws
  {
    let path = try folder.write(extendedLabels(labels), to: "labels")
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.labels(at: path) })
    #expect(error.kind == kind && error.offset == offset)
  }

  @Test
  func `Extended labels of another form`() throws {
    let narrow = try folder.write(IDXBytes.header(type: 0x0C, sizes: [1, 1]) + [0, 0, 0, 1], to: "narrow")
    #expect(try #require(idxError { () throws(IDXError) in _ = try MNIST.labels(at: narrow) }).kind == .shape)
    let short = try folder.write(Array(extendedLabels([1, 2]).dropLast()), to: "short")
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.labels(at: short) })
    #expect(error.kind == .truncated && error.expected.hasPrefix("2 × 8 × 4 bytes"))
  }

  @Test
  func `Images of one collection never go with labels of another`() throws {
    let files = MNISTFolder().files
    try folder.write(files[2].bytes, to: "t10k-images-idx3-ubyte")
    try folder.write(files[3].bytes, to: "qmnist-test-labels-idx1-ubyte")
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.loadTest(from: folder.path) })
    #expect(error.kind == .missing && error.path == folder.path("t10k-labels-idx1-ubyte"))
    // A pair that is whole goes before one that is not.
    try folder.write(files[2].bytes, to: "qmnist-test-images-idx3-ubyte")
    #expect(try MNIST.File.testImages.path(in: folder.path) == folder.path("qmnist-test-images-idx3-ubyte"))
    #expect(try MNIST.loadTest(from: folder.path).count == 7)
  }
}

/// What becomes of a cache folder whose files are there and not as they should be.
@Suite("MNIST: a cache that is damaged")
struct CacheTests {
  static let files = MNISTFolder().files
  static let items = zip(MNIST.File.allCases, files).map { file, content in
    Downloader.Item(
      name: file.rawValue + ".gz", aliases: file.names(), byteCount: content.bytes.count,
      checksum: SHA256.checksum(of: content.bytes))
  }
  static let mirrors = FakeMirrors(
    Dictionary(uniqueKeysWithValues: files.map { ("a/\($0.name).gz", IDXBytes.gzip($0.bytes)) }))

  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try MNISTFolder().write(to: folder, isGzip: true) { "cache/\($0).gz" }
  }

  private func load(downloading: Bool = true, isOffline: Bool = false) async throws(MNISTError) -> DigitData {
    let downloader = Downloader(mirrors: ["a/"], isOffline: isOffline, transfer: Self.mirrors.transfer)
    return try await MNIST.loadCached(
      in: folder.path("cache"), downloading: downloading, downloader: downloader, items: Self.items
    ) { _ in }
  }

  struct Damage: CustomTestStringConvertible, Sendable {
    let reason: String
    let name: String
    let change: @Sendable ([UInt8]) -> [UInt8]?
    var testDescription: String { reason }
  }

  static let damages = [
    Damage(reason: "an empty file", name: "train-labels-idx1-ubyte.gz") { _ in [] },
    Damage(reason: "half of a file", name: "t10k-images-idx3-ubyte.gz") { Array($0.prefix($0.count / 2)) },
    Damage(reason: "a changed byte", name: "train-images-idx3-ubyte.gz") { bytes in
      var bytes = bytes
      bytes[bytes.count - 6] ^= 1
      return bytes
    },
    Damage(reason: "a missing file", name: "t10k-labels-idx1-ubyte.gz") { _ in nil },
    Damage(reason: "half of a plain file before a whole one", name: "t10k-labels-idx1-ubyte") { _ in
      Array(IDXBytes.labels(count: 7).dropLast())
    },
  ]

  @Test(arguments: damages)
  func `It is fetched again, or the command that does is named`(_ damage: Damage) async throws {
    let before = FileManager.default.contents(atPath: folder.path("cache/" + damage.name)).map(Array.init) ?? []
    if let bytes = damage.change(before) {
      try folder.write(bytes, to: "cache/" + damage.name)
    } else {
      try FileManager.default.removeItem(atPath: folder.path("cache/" + damage.name))
    }
    for (downloading, isOffline) in [(false, false), (true, true)] {
      let error = await #expect(throws: MNISTError.self) {
        try await load(downloading: downloading, isOffline: isOffline)
      }
      let text = error?.description ?? ""
      if damage.reason == "a missing file" {
        #expect(text.hasPrefix("MNIST was found in none of \(folder.path("cache"))"))
      } else {
        #expect(text.hasPrefix(folder.path("cache/" + damage.name)))
        #expect(text.contains("; fetch it again with 'recurrent data mnist'"))
      }
      #expect(text.contains("RECURRENT_OFFLINE") == isOffline)
    }
    #expect(try await load().test.count == 7)
    #expect(try await load(isOffline: true).test.count == 7, "and now it lies there")
  }

  @Test
  func `What is whole is not fetched`() async throws {
    let silent = FakeMirrors([:])
    let downloader = Downloader(mirrors: ["a/"], transfer: silent.transfer)
    _ = try await MNIST.loadCached(
      in: folder.path("cache"), downloading: true, downloader: downloader, items: Self.items
    ) { _ in }
    #expect(silent.asked.isEmpty)
  }
}
