#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import RecurrentSupport

extension MNIST {
  /// The folder of the user's cache that MNIST is downloaded to.
  ///
  /// `$XDG_CACHE_HOME/swift-recurrent/mnist`; without that variable `~/.cache/swift-recurrent/mnist`, on macOS
  /// `~/Library/Caches/swift-recurrent/mnist`.
  public static var cacheDirectory: String { cacheDirectory(environment: ProcessInfo.processInfo.environment) }

  static func cacheDirectory(environment: [String: String]) -> String {
    // The specification wants a path that is not absolute to be ignored.
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/swift-recurrent/mnist" }
    let home =
      environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? FileManager.default.homeDirectoryForCurrentUser.path
    #if os(macOS)
      return home + "/Library/Caches/swift-recurrent/mnist"
    #else
      return home + "/.cache/swift-recurrent/mnist"
    #endif
  }

  /// The environment variable that names the folder of MNIST.
  package static let directoryVariable = "MNIST_DIR"

  /// The environment variable that forbids downloads, unless it is empty or 0.
  package static let offlineVariable = "RECURRENT_OFFLINE"

  /// Whether the environment forbids downloads: `RECURRENT_OFFLINE` is set, and neither empty nor 0.
  public static var isOffline: Bool { isOffline(environment: ProcessInfo.processInfo.environment) }

  static func isOffline(environment: [String: String]) -> Bool {
    !["", "0"].contains(environment[offlineVariable] ?? "")
  }

  /// The folder that holds the four files: that of `$MNIST_DIR` if it is set and not empty, else ``cacheDirectory``; nil
  /// where the cache lacks a file, or has one that can't be used.
  ///
  /// - Throws: ``IDXError`` where `$MNIST_DIR` names a folder that is not there, lacks a file or can't be looked into:
  ///   nothing else is taken in its place. What the cache folder lacks can be downloaded.
  public static func locate() throws(IDXError) -> String? {
    try locate(environment: ProcessInfo.processInfo.environment)
  }

  static func locate(environment: [String: String]) throws(IDXError) -> String? {
    if let named = try namedDirectory(environment: environment) { return named }
    let cache = cacheDirectory(environment: environment)
    return File.allCases.allSatisfy { $0.usable(in: cache) != nil } ? cache : nil
  }

  /// The folder of `$MNIST_DIR`, which holds the four files; nil where the variable is not set.
  package static func namedDirectory() throws(IDXError) -> String? {
    try namedDirectory(environment: ProcessInfo.processInfo.environment)
  }

  static func namedDirectory(environment: [String: String]) throws(IDXError) -> String? {
    guard var named = environment[directoryVariable], !named.isEmpty else { return nil }
    while named.count > 1 && named.hasSuffix("/") { named.removeLast() }
    do throws(IDXError) {
      for file in File.allCases { _ = try file.path(in: named) }
    } catch {
      throw error.advising("\(directoryVariable) names the folder \(named.shown()): correct or unset it")
    }
    return named
  }

  /// MNIST from wherever it can be had: the folder named, `$MNIST_DIR`, the cache folder, and at last the public
  /// mirrors, from which it is downloaded to the cache folder.
  ///
  /// A folder that was named, by the parameter or the variable, is the only one that is looked into. Files of the cache
  /// folder that are missing or damaged are downloaded again, unless that is not wanted or `RECURRENT_OFFLINE` forbids
  /// it.
  ///
  /// - Parameters:
  ///   - directory: a folder that holds the four files; nil where it is to be looked for.
  ///   - downloading: whether it may be downloaded.
  ///   - progress: is told of a download as it goes on, from any thread.
  /// - Returns: the three parts, `[count, 28, 28]` each.
  /// - Throws: ``MNISTError``, without network within seconds.
  /// - Complexity: O(size) of the files, which are held in memory once; a download is some 11 MB.
  public static func load(
    directory: String? = nil, downloading: Bool = true,
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws(MNISTError) -> DigitData {
    let environment = ProcessInfo.processInfo.environment
    do throws(IDXError) {
      if let directory { return try load(from: directory) }
      if let named = try namedDirectory(environment: environment) { return try load(from: named) }
    } catch {
      throw .file(error)
    }
    return try await loadCached(
      in: cacheDirectory(environment: environment), downloading: downloading,
      downloader: Downloader(environment: environment), progress: progress)
  }

  /// MNIST from the cache folder, to which is downloaded what it lacks or has damaged.
  static func loadCached(
    in cache: String, downloading: Bool, downloader: Downloader, items: [Downloader.Item] = originals,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws(MNISTError) -> DigitData {
    let mayDownload = downloading && !downloader.isOffline
    do throws(IDXError) { return try load(from: cache) } catch {
      if !mayDownload {
        if error.kind == .missing { throw .notFound(searched: [cache], isOffline: downloading && downloader.isOffline) }
        throw .file(error.advisingDownload(isOffline: downloader.isOffline))
      }
    }
    try await downloader.download(items, to: cache, replacing: true, progress: progress)
    do throws(IDXError) { return try load(from: cache) } catch { throw .file(error) }
  }

  /// Sees to it that MNIST is at hand, and says where: in the folder of `$MNIST_DIR`, which is taken as it is, or in the
  /// cache folder, to which is downloaded whatever is missing there or fails its checksum.
  package static func fetch(
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws(MNISTError) -> String {
    do throws(IDXError) { if let named = try namedDirectory() { return named } } catch { throw .file(error) }
    let cache = cacheDirectory
    if !isOffline { try await download(to: cache, progress: progress) }
    if FileSystem.kind(of: cache) == .missing { throw .notFound(searched: [cache], isOffline: isOffline) }
    return cache
  }
}

extension IDXError {
  /// The same trouble with a file of the cache folder, with the command that fetches it again.
  package func advisingDownload(isOffline: Bool = MNIST.isOffline) -> IDXError {
    advising("fetch it again with 'recurrent data mnist'" + (isOffline ? ", without \(MNIST.offlineVariable)" : ""))
  }
}
