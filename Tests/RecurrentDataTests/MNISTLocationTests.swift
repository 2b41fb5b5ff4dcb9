import Foundation
import Recurrent
import RecurrentSupport
import TestSupport
import Testing

@testable import RecurrentData

@Suite("MNIST: where it is looked for")
struct MNISTLocationTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  struct Cache: CustomTestStringConvertible, Sendable {
    let reason: String
    let environment: [String: String]
    let directory: String
    var testDescription: String { reason }
  }

  #if os(macOS)
    static let homeCache = "Library/Caches"
  #else
    static let homeCache = ".cache"
  #endif

  @Test(arguments: [
    Cache(reason: "the home folder", environment: ["HOME": "/h"], directory: "/h/\(homeCache)/swift-recurrent/mnist"),
    Cache(
      reason: "the cache folder of the desktop specification", environment: ["HOME": "/h", "XDG_CACHE_HOME": "/c"],
      directory: "/c/swift-recurrent/mnist"),
    Cache(
      reason: "a relative cache folder is ignored, as specified", environment: ["HOME": "/h", "XDG_CACHE_HOME": "c"],
      directory: "/h/\(homeCache)/swift-recurrent/mnist"),
  ])
  func `The cache folder`(_ cache: Cache) {
    #expect(MNIST.cacheDirectory(environment: cache.environment) == cache.directory)
  }

  @Test
  func `A folder that the environment names is the only one that is looked into`() throws {
    let environment = ["MNIST_DIR": folder.path("named"), "XDG_CACHE_HOME": folder.path("cache")]
    try MNISTFolder().write(to: folder) { "cache/swift-recurrent/mnist/\($0)" }
    let cache = ["XDG_CACHE_HOME": folder.path("cache")]
    #expect(try MNIST.locate(environment: cache) == folder.path("cache/swift-recurrent/mnist"))
    // A mistyped name, an empty folder, a file: never the cache in their place.
    func expectRefusal(_ found: String) throws {
      let error = try #require(
        idxError { () throws(IDXError) in _ = try MNIST.locate(environment: environment) })
      #expect(error.isMissingInput)
      #expect(error.path.hasPrefix(folder.path("named/train-")))
      #expect(error.found.hasPrefix(found))
      #expect(error.advice == "MNIST_DIR names the folder \(folder.path("named")): correct or unset it")
    }
    try expectRefusal("no such file, since there is no such folder")
    try FileManager.default.createDirectory(atPath: folder.path("named"), withIntermediateDirectories: false)
    try expectRefusal("no such file")
    try FileManager.default.removeItem(atPath: folder.path("named"))
    try folder.write([1], to: "named")
    try expectRefusal("no such file, since \(folder.path("named")) is not a folder")
    try FileManager.default.removeItem(atPath: folder.path("named"))
    try MNISTFolder().write(to: folder) { "named/\($0)" }
    #expect(try MNIST.locate(environment: environment) == folder.path("named"))
  }

  @Test
  func `An empty variable counts as none`() throws {
    #expect(try MNIST.namedDirectory(environment: ["MNIST_DIR": ""]) == nil)
    #expect(try MNIST.locate(environment: ["MNIST_DIR": "", "XDG_CACHE_HOME": folder.path]) == nil)
  }

  @Test(arguments: [(nil, false), ("", false), ("0", false), ("1", true), ("yes", true)] as [(String?, Bool)])
  func `What forbids downloads`(_ value: String?, _ isOffline: Bool) {
    let environment = value.map { ["RECURRENT_OFFLINE": $0] } ?? [:]
    #expect(MNIST.isOffline(environment: environment) == isOffline)
    #expect(Downloader(environment: environment).isOffline == isOffline)
  }

  @Test
  func `A named folder that lacks a file is an error, an incomplete cache folder is not`() throws {
    try folder.write(IDXBytes.labels(count: 3), to: "swift-recurrent/mnist/t10k-labels-idx1-ubyte")
    let cache = folder.path("swift-recurrent/mnist")
    #expect(try MNIST.locate(environment: ["XDG_CACHE_HOME": folder.path]) == nil)
    let error = try #require(
      idxError { () throws(IDXError) in
        _ = try MNIST.locate(environment: ["MNIST_DIR": cache, "XDG_CACHE_HOME": "/nowhere"])
      })
    #expect(error.kind == .missing)
    #expect(error.path == cache + "/train-images-idx3-ubyte")
  }

  @Test
  func `A cached file that can't be used counts as missing`() throws {
    try MNISTFolder().write(to: folder) { "swift-recurrent/mnist/\($0)" }
    let cache = folder.path("swift-recurrent/mnist")
    #expect(try MNIST.locate(environment: ["XDG_CACHE_HOME": folder.path]) == cache)
    try folder.write([], to: "swift-recurrent/mnist/t10k-labels-idx1-ubyte")
    #expect(try MNIST.locate(environment: ["XDG_CACHE_HOME": folder.path]) == nil)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser reads everything"))
  func `A cache folder that can't be looked into is passed over, a named one is an error`() throws {
    try MNISTFolder().write(to: folder) { "closed/swift-recurrent/mnist/\($0)" }
    #expect(chmod(folder.path("closed"), 0) == 0)
    defer { chmod(folder.path("closed"), 0o700) }
    #expect(try MNIST.locate(environment: ["XDG_CACHE_HOME": folder.path("closed")]) == nil)
    let environment = ["MNIST_DIR": folder.path("closed"), "XDG_CACHE_HOME": "/nowhere"]
    let error = try #require(
      idxError { () throws(IDXError) in _ = try MNIST.locate(environment: environment) })
    #expect(error.kind == .unreadable)
  }

  @Test
  func `A folder named outright is read, and nothing else`() async throws {
    try MNISTFolder().write(to: folder)
    #expect(try await MNIST.load(directory: folder.path, downloading: false).test.count == 7)
    let error = await #expect(throws: MNISTError.self) {
      try await MNIST.load(directory: folder.path("elsewhere"), downloading: false)
    }
    #expect(error?.isMissingInput == true)
  }

  @Test
  func `Every error is one line and says what to do`() {
    let errors: [MNISTError] = [
      .notFound(searched: ["/a", "/b"]), .notFound(searched: ["/a"], isOffline: true),
      .download(file: "f.gz", failures: [.init(address: "https://m/f.gz", reason: "no connection")]),
      .cannotWrite(path: "/c/f.gz", reason: "No space left on device"),
      .notFound(searched: ["/a\u{1B}[2J"]), .cannotWrite(path: "/\u{7}", reason: "\u{1B}]0;x\u{7}"),
      .download(file: "f\u{1B}.gz", failures: [.init(address: "https://m/\u{1B}", reason: "\u{9B}31m\u{202E}")]),
    ]
    for error in errors {
      #expect(error.description == error.description.shown(limit: .max), "nothing acts on a terminal")
      #expect(error.description.contains("; "))
    }
    #expect(errors[0].description.contains("/a, /b") && errors[0].isMissingInput)
    #expect(!errors[0].description.contains("RECURRENT_OFFLINE"))
    #expect(errors[1].description.contains("RECURRENT_OFFLINE forbids") && errors[1].isMissingInput)
    #expect(errors[2].description.contains("https://m/f.gz: no connection") && errors[2].isMissingInput)
    #expect(errors[3].description.contains("/c/f.gz: ") && !errors[3].isMissingInput)
  }
}
