import Foundation
import Recurrent
import RecurrentData
import RecurrentSupport
import TestSupport
import Testing

@Suite("IDX files: what is wrong with them")
struct IDXErrorTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Three images of 4 × 5: a header of 16 bytes and 60 elements.
  static let images = IDXBytes.counting(3, 4, 5)

  @Test(arguments: 0..<IDXErrorTests.images.count)
  func `A plain file that ends early, at every byte`(_ length: Int) throws {
    let path = try folder.write(Array(Self.images[..<length]), to: "images")
    let error = try #require(idxError(reading: path, rank: 3))
    #expect(error.kind == .truncated)
    #expect(error.offset == length)
    #expect(!error.isMissingInput)
  }

  @Test(arguments: 0..<IDXErrorTests.images.count)
  func `A sound gzip file of a file that ends early, at every byte`(_ length: Int) throws {
    let path = try folder.write(IDXBytes.gzip(Array(Self.images[..<length])), to: "images.gz")
    let error = try #require(idxError(reading: path, rank: 3))
    #expect(error.kind == .truncated)
    #expect(error.offset == length)
  }

  @Test
  func `A gzip file that ends early, at every byte`() throws {
    let whole = IDXBytes.gzip(Self.images)
    for length in 2..<whole.count {
      let path = try folder.write(Array(whole[..<length]), to: "images.gz")
      let error = try #require(idxError(reading: path, rank: 3))
      #expect(error.kind == .compression || error.kind == .truncated)
    }
  }

  struct Damage: CustomTestStringConvertible, Sendable {
    let reason: String
    let bytes: [UInt8]
    let kind: IDXError.Kind
    var offset: Int?
    var rank: Int? = 3
    var testDescription: String { reason }
  }

  static let damages: [Damage] = [
    Damage(reason: "empty", bytes: [], kind: .truncated, offset: 0),
    Damage(reason: "one byte more", bytes: images + [0], kind: .trailingBytes, offset: 76),
    Damage(
      reason: "one byte more inside of gzip", bytes: IDXBytes.gzip(images + [0]), kind: .trailingBytes, offset: 76),
    Damage(
      reason: "one byte more in a second gzip member", bytes: IDXBytes.gzip(images) + IDXBytes.gzip([0]),
      kind: .trailingBytes, offset: 76),
    Damage(reason: "text", bytes: Array("<html><body>".utf8), kind: .magic, offset: 0),
    Damage(reason: "a PNG image", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], kind: .magic, offset: 0),
    Damage(reason: "little-endian magic", bytes: [3, 8, 0, 0] + images[4...], kind: .magic, offset: 0),
    Damage(reason: "an element type there is not", bytes: [0, 0, 0x0A, 3] + images[4...], kind: .magic, offset: 0),
    Damage(reason: "text inside of gzip", bytes: IDXBytes.gzip(Array("hello world".utf8)), kind: .magic, offset: 0),
    Damage(reason: "signed bytes", bytes: IDXBytes.header(type: 0x09, sizes: [1]), kind: .elementType, offset: 2),
    Damage(reason: "short integers", bytes: IDXBytes.header(type: 0x0B, sizes: [1]), kind: .elementType, offset: 2),
    Damage(reason: "integers", bytes: IDXBytes.header(type: 0x0C, sizes: [1]), kind: .elementType, offset: 2),
    Damage(reason: "floats", bytes: IDXBytes.header(type: 0x0D, sizes: [1]), kind: .elementType, offset: 2),
    Damage(reason: "doubles", bytes: IDXBytes.header(type: 0x0E, sizes: [1]), kind: .elementType, offset: 2),
    Damage(reason: "labels in place of images", bytes: IDXBytes.labels(count: 9), kind: .rank, offset: 3),
    Damage(reason: "images in place of labels", bytes: images, kind: .rank, offset: 3, rank: 1),
    Damage(reason: "no dimensions", bytes: [0, 0, 8, 0], kind: .rank, offset: 3, rank: nil),
  ]

  @Test(arguments: damages)
  func `A damaged file, or another kind of file`(_ damage: Damage) throws {
    let path = try folder.write(damage.bytes, to: "file")
    let error = try #require(idxError(reading: path, rank: damage.rank))
    #expect(error.kind == damage.kind)
    #expect(error.offset == damage.offset)
    #expect(error.path == path)
  }

  @Test
  func `The error about an element type names it`() throws {
    let path = try folder.write(IDXBytes.header(type: 0x0D, sizes: [1]), to: "floats")
    #expect(try #require(idxError(reading: path)).found.contains("0x0d (32-bit float)"))
  }

  // RFC 1952: 10 bytes of header; at the end the CRC-32, then the length.
  @Test(arguments: [
    ("the compressed data", 20), ("the checksum", -8), ("the last byte of the checksum", -5), ("the length", -4),
  ])
  func `A changed bit in a gzip file`(_ place: String, _ position: Int) throws {
    var bytes = IDXBytes.gzip(Self.images)
    bytes[position < 0 ? bytes.count + position : position] ^= 0x40
    let error = try #require(idxError(reading: try folder.write(bytes, to: "images.gz"), rank: 3))
    #expect(error.kind == .compression)
  }

  @Test(arguments: [
    ("a member without its end", Array(IDXBytes.gzip([]).dropLast())), ("no more than the magic", [0x1F, 0x8B]),
    ("a damaged member", [0x1F, 0x8B] + Array("and so on".utf8)),
  ])
  func `A second gzip member that is damaged`(_ reason: String, _ bytes: [UInt8]) throws {
    let path = try folder.write(IDXBytes.gzip(Self.images) + bytes, to: "images.gz")
    #expect(try #require(idxError(reading: path)).kind == .compression)
  }

  @Test(arguments: [
    ("a PNG image", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "predict --image"),
    ("a JPEG image", [0xFF, 0xD8, 0xFF, 0xE0], "convert it to PNG"),
    ("an HTML page", Array("<!DOCTYPE html><html>".utf8), "download the file itself"),
    ("a Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\noid sha256:1".utf8), "git lfs pull"),
    ("a ZIP archive", Array("PK\u{3}\u{4}".utf8), "unpack it"),
    ("plain text", Array("seven of nine".utf8), "check its name"),
    ("a Python pickle", [0x80, 4, 0x95, 1], "check its name"),
  ])
  func `Another kind of file is called what it is`(_ name: String, _ bytes: [UInt8], _ advice: String) throws {
    for (suffix, isGzip) in [("", false), (" inside of gzip", true)] {
      let error = try #require(
        idxError(reading: try folder.write(isGzip ? IDXBytes.gzip(bytes) : bytes, to: "file"), rank: 3))
      #expect(error.kind == .magic)
      #expect(error.found.hasPrefix(name) && error.found.hasSuffix(suffix))
      #expect(error.advice.contains(advice))
    }
  }

  @Test
  func `Nothing of a file's name or header acts on a terminal or fills it`() throws {
    let path = try folder.write([1], to: "\u{1B}]52;c;AAAA\u{7}\u{202E}")
    var texts: [String] = []
    do throws(IDXError) { _ = try IDXFile(contentsOf: path) } catch { texts.append(error.description) }
    let long = try folder.write(IDXBytes.header(sizes: Array(repeating: .max, count: 255)), to: "long")
    do throws(IDXError) { _ = try IDXFile(contentsOf: long) } catch { texts.append(error.description) }
    #expect(texts.count == 2)
    for text in texts {
      #expect(text == text.shown(limit: .max))
      #expect(text.count < 800, "\(text)")
    }
  }

  static let hugeSizes: [[UInt32]] = [
    [.max], [.max, .max], [.max, .max, .max], [1 << 31, 1 << 31, 4], [60_000, 28, 28],
    Array(repeating: .max, count: 255),
  ]

  @Test(arguments: hugeSizes, [false, true])
  func `A header that announces more than the file could hold is refused at once`(
    _ sizes: [UInt32], isGzip: Bool
  ) throws {
    let plain = IDXBytes.header(sizes: sizes) + [1, 2, 3]
    let bytes = isGzip ? IDXBytes.gzip(plain) : plain
    let error = try #require(idxError(reading: try folder.write(bytes, to: "huge")))
    #expect(error.kind == .truncated)
    // Judged by the size of the file alone, without a look at the elements or memory for them.
    #expect(error.offset == bytes.count * (isGzip ? 1032 : 1))
  }

  @Test
  func `A file that is not there`() throws {
    let error = try #require(idxError(reading: folder.path("nothing")))
    #expect(error.kind == .missing)
    #expect(error.isMissingInput)
  }

  @Test
  func `A path that leads through a file`() throws {
    let path = try folder.write(Self.images, to: "images")
    #expect(try #require(idxError(reading: path + "/labels")).kind == .missing)
  }

  @Test
  func `A folder in place of a file`() throws {
    let error = try #require(idxError(reading: folder.path))
    #expect(error.kind == .unreadable)
    #expect(error.found == "a folder")
    #expect(error.isMissingInput)
  }

  @Test(.timeLimit(.minutes(30)))
  func `A pipe is refused rather than waited for`() throws {
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(try #require(idxError(reading: folder.path("pipe"))).kind == .unreadable)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser reads everything"))
  func `A file without permission`() throws {
    let path = try folder.write(Self.images, to: "images")
    #expect(chmod(path, 0) == 0)
    #expect(try #require(idxError(reading: path)).kind == .unreadable)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser reads everything"))
  func `A folder without permission`() throws {
    try folder.write(Self.images, to: "closed/images")
    #expect(chmod(folder.path("closed"), 0) == 0)
    defer { chmod(folder.path("closed"), 0o700) }
    #expect(try #require(idxError(reading: folder.path("closed/images"))).kind == .unreadable)
    let error = try #require(idxError { () throws(IDXError) in _ = try MNIST.load(from: folder.path("closed")) })
    #expect(error.kind == .unreadable)
  }
}

@Suite("IDX files: random bytes")
struct IDXRandomTests {
  struct Prefix: CustomTestStringConvertible, Sendable {
    let reason: String
    let bytes: [UInt8]
    var testDescription: String { reason }
  }

  @Test(
    .timeLimit(.minutes(30)),
    arguments: [
      Prefix(reason: "nothing but random bytes", bytes: []),
      Prefix(reason: "after the magic of labels", bytes: [0, 0, 8, 1]),
      Prefix(reason: "after a plausible number of labels", bytes: [0, 0, 8, 1, 0, 0, 0]),
      Prefix(reason: "after the magic of images", bytes: [0, 0, 8, 3]),
      Prefix(reason: "after the magic of gzip", bytes: [0x1F, 0x8B]),
      Prefix(reason: "after a gzip header", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]),
    ])
  func `Random bytes give a typed error or a sound array`(_ prefix: Prefix) throws {
    let folder = try TemporaryDirectory()
    for seed in 0..<300 {
      var generator = SplitMix64(seed: UInt64(seed))
      let count = generator.integer(below: 300)
      let path = try folder.write(
        prefix.bytes + (0..<count).map { _ in UInt8(generator.integer(below: 256)) }, to: "random")
      do throws(IDXError) {
        let file = try IDXFile(contentsOf: path)
        #expect(file.bytes.count == file.shape.reduce(1, *), "seed \(seed)")
      } catch {
        #expect(!error.isMissingInput, "seed \(seed): \(error)")
      }
    }
  }

  @Test
  func `A gzip file with any one byte changed never gives other elements`() throws {
    let folder = try TemporaryDirectory()
    let original = IDXBytes.counting(3, 4, 5)
    let compressed = IDXBytes.gzip(original)
    for position in 2..<compressed.count {
      var generator = SplitMix64(seed: UInt64(position))
      for _ in 0..<8 {
        var bytes = compressed
        bytes[position] ^= UInt8(1 + generator.integer(below: 255))
        let path = try folder.write(bytes, to: "changed.gz")
        // Some bytes of the gzip header, such as its time, matter to nobody.
        guard let file = try? IDXFile(contentsOf: path) else { continue }
        #expect(position < 10 && file.bytes == Array(original[16...]), "byte \(position)")
      }
    }
  }
}
