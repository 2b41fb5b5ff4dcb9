import Foundation
import Synchronization
import TestSupport
import Testing

@testable import RecurrentData

/// Mirrors that exist in memory only: what they answer by address, and what they were asked.
final class FakeMirrors: Sendable {
  private let answers: [String: [UInt8]]
  private let log = Mutex<[String]>([])

  init(_ answers: [String: [UInt8]]) { self.answers = answers }

  /// The addresses that were asked for, in order.
  var asked: [String] { log.withLock { $0 } }

  func transfer(
    _ address: String, _ path: String, _ byteLimit: Int, _ progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError.DownloadFailure) {
    log.withLock { $0.append(address) }
    guard let bytes = answers[address] else {
      // What a broken connection leaves behind.
      _ = FileManager.default.createFile(atPath: path, contents: Data([1, 2, 3]))
      throw MNISTError.DownloadFailure(address: address, reason: "no connection")
    }
    progress(bytes.count, bytes.count)
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
  }
}

@Suite("Downloads")
struct DownloaderTests {
  static let one = [UInt8]("one".utf8)
  static let two = [UInt8]("two".utf8)
  static let items = [
    Downloader.Item(name: "1.gz", aliases: ["1", "1.gz"], byteCount: 3, checksum: SHA256.checksum(of: one)),
    Downloader.Item(name: "2.gz", aliases: ["2", "2.gz"], byteCount: 3, checksum: SHA256.checksum(of: two)),
  ]

  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func download(
    from mirrors: FakeMirrors, isOffline: Bool = false, replacing: Bool = false,
    progress: @escaping @Sendable (MNIST.DownloadProgress) -> Void = { _ in }
  ) async throws(MNISTError) {
    let downloader = Downloader(mirrors: ["a/", "b/"], isOffline: isOffline, transfer: mirrors.transfer)
    try await downloader.download(Self.items, to: folder.path("cache"), replacing: replacing, progress: progress)
  }

  /// The names in the folder, hidden ones included; nil if there is no folder.
  private var names: [String]? { try? FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).sorted() }

  @Test
  func `Files come from the first mirror, as they are there`() async throws {
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one), "a/2.gz": IDXBytes.gzip(Self.two)])
    let seen = Mutex<[String]>([])
    try await download(from: mirrors) { progress in
      seen.withLock { $0.append("\(progress.file) \(progress.fileIndex + 1)/\(progress.fileCount)") }
    }
    #expect(mirrors.asked == ["a/1.gz", "a/2.gz"])
    #expect(seen.withLock { $0 } == ["1.gz 1/2", "2.gz 2/2"])
    #expect(names == ["1.gz", "2.gz"])
    #expect(try Data(contentsOf: URL(filePath: folder.path("cache/1.gz"))) == Data(IDXBytes.gzip(Self.one)))
  }

  @Test
  func `A mirror that fails is not asked first again`() async throws {
    let mirrors = FakeMirrors(["b/1.gz": IDXBytes.gzip(Self.one), "b/2.gz": IDXBytes.gzip(Self.two)])
    try await download(from: mirrors)
    #expect(mirrors.asked == ["a/1.gz", "b/1.gz", "b/2.gz"])
    #expect(names == ["1.gz", "2.gz"])
  }

  struct Answer: CustomTestStringConvertible, Sendable {
    let reason: String
    let bytes: [UInt8]
    var testDescription: String { reason }
  }

  @Test(arguments: [
    Answer(reason: "another file", bytes: IDXBytes.gzip(two)),
    Answer(reason: "the page of a login", bytes: Array("<html>".utf8)),
    Answer(reason: "half of the file", bytes: Array(IDXBytes.gzip(one).dropLast(9))),
    Answer(reason: "nothing", bytes: []),
    Answer(reason: "a small file that would take gigabytes", bytes: IDXBytes.gzip([UInt8](repeating: 0, count: 9_000))),
  ])
  func `What is not the original is not kept`(_ answer: Answer) async throws {
    let mirrors = FakeMirrors(["a/1.gz": answer.bytes, "b/1.gz": answer.bytes])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors) }
    guard case .download(file: "1.gz", let failures)? = error else {
      Issue.record("expected a failed download, found \(String(describing: error))")
      return
    }
    #expect(failures.map(\.address) == ["a/1.gz", "b/1.gz"])
    #expect(names == nil)
  }

  @Test
  func `What is there and whole is not fetched again`() async throws {
    try folder.write(Self.one, to: "cache/1")
    let mirrors = FakeMirrors(["a/2.gz": IDXBytes.gzip(Self.two)])
    try await download(from: mirrors)
    #expect(mirrors.asked == ["a/2.gz"])
    #expect(names == ["1", "2.gz"])
  }

  @Test
  func `What is there and damaged is replaced`() async throws {
    try folder.write(Array(IDXBytes.gzip(Self.one).dropLast()), to: "cache/1.gz")
    try folder.write(IDXBytes.gzip(Self.two), to: "cache/2.gz")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one)])
    try await download(from: mirrors)
    #expect(mirrors.asked == ["a/1.gz"])
    #expect(try SHA256.checksum(ofFile: folder.path("cache/1.gz")).digits == Self.items[0].checksum)
  }

  @Test
  func `A file that is not the original and would hide it is not passed over in silence`() async throws {
    try folder.write(Self.two, to: "cache/1")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one), "a/2.gz": IDXBytes.gzip(Self.two)])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors) }
    guard case .cannotWrite(folder.path("cache/1"), _)? = error else {
      Issue.record("expected an error about the file in the way, found \(String(describing: error))")
      return
    }
    #expect(mirrors.asked.isEmpty)
  }

  @Test
  func `In the cache it is replaced, under whatever name`() async throws {
    try folder.write(Self.two, to: "cache/1")
    try folder.write(IDXBytes.gzip(Self.two), to: "cache/2.gz")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one)])
    try await download(from: mirrors, replacing: true)
    #expect(names == ["1.gz", "2.gz"])
    #expect(try SHA256.checksum(ofFile: folder.path("cache/1.gz")).digits == Self.items[0].checksum)
  }

  @Test
  func `What is to be replaced stays until there is something better`() async throws {
    try folder.write(Self.two, to: "cache/1")
    await #expect(throws: MNISTError.self) { try await download(from: FakeMirrors([:]), replacing: true) }
    #expect(names == ["1"])
  }

  @Test
  func `An empty file or a folder under one of the names hides nothing`() async throws {
    try folder.write([], to: "cache/1")
    try folder.write(IDXBytes.gzip(Self.one), to: "cache/1.gz")
    try folder.write([], to: "cache/2/file")
    let mirrors = FakeMirrors(["a/2.gz": IDXBytes.gzip(Self.two)])
    try await download(from: mirrors)
    #expect(mirrors.asked == ["a/2.gz"])
    #expect(names == ["1", "1.gz", "2", "2.gz"])
  }

  @Test
  func `Nobody is asked where downloads are forbidden`() async throws {
    try folder.write(Self.one, to: "cache/1")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one), "a/2.gz": IDXBytes.gzip(Self.two)])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors, isOffline: true) }
    guard case .download(file: "2.gz", let failures)? = error else {
      Issue.record("expected a failed download, found \(String(describing: error))")
      return
    }
    #expect(failures.map(\.reason) == ["RECURRENT_OFFLINE forbids downloads"])
    #expect(mirrors.asked.isEmpty)
    // Nothing has to be downloaded, so that nothing is forbidden.
    try folder.write(Self.two, to: "cache/2")
    try await download(from: mirrors, isOffline: true)
  }

  @Test
  func `A folder that can't be made`() async throws {
    try folder.write([], to: "cache")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one)])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors) }
    guard case .cannotWrite(folder.path("cache"), _)? = error else {
      Issue.record("expected an error about the folder, found \(String(describing: error))")
      return
    }
  }

  @Test
  func `A folder in the place of a file`() async throws {
    try folder.write([], to: "cache/1.gz/file")
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one)])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors) }
    guard case .cannotWrite(folder.path("cache/1.gz"), _)? = error else {
      Issue.record("expected an error about the file, found \(String(describing: error))")
      return
    }
    #expect(names == ["1.gz"], "the copy that could not take its name is gone")
  }

  @Test
  func `Without network it is the network that is named, whatever the folder`() async throws {
    try folder.write([], to: "cache")
    let error = await #expect(throws: MNISTError.self) { try await download(from: FakeMirrors([:])) }
    guard case .download(file: "1.gz", let failures)? = error else {
      Issue.record("expected a failed download, found \(String(describing: error))")
      return
    }
    #expect(failures.map(\.reason) == ["no connection", "no connection"])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser writes everywhere"))
  func `A folder that takes no files`() async throws {
    try folder.write(IDXBytes.gzip(Self.two), to: "cache/2.gz")
    #expect(chmod(folder.path("cache"), 0o500) == 0)
    defer { chmod(folder.path("cache"), 0o700) }
    let mirrors = FakeMirrors(["a/1.gz": IDXBytes.gzip(Self.one)])
    let error = await #expect(throws: MNISTError.self) { try await download(from: mirrors) }
    guard case .cannotWrite(folder.path("cache/1.gz"), _)? = error else {
      Issue.record("expected an error about the file, found \(String(describing: error))")
      return
    }
    #expect(names == ["2.gz"])
  }

  @Test
  func `A canceled download asks no mirror any more`() async throws {
    let mirrors = FakeMirrors([:])
    let path = folder.path("cache")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await Downloader(mirrors: ["a/", "b/"], transfer: mirrors.transfer).download(Self.items, to: path) { _ in }
    }
    await #expect(throws: MNISTError.self) { try await task.value }
    #expect(mirrors.asked.isEmpty)
    #expect(names == nil)
  }

  @Test
  func `An address that is none`() async {
    let path = folder.path("file")
    let failure = await #expect(throws: MNISTError.DownloadFailure.self) {
      try await HTTPTransfer.fetch("", to: path, byteLimit: 1) { _, _ in }
    }
    #expect(failure?.reason == "not an address")
  }
}
