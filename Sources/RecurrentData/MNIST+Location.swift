#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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

  /// The folders in which MNIST is looked for, in order: `$MNIST_DIR` if it is set, then the cache folder.
  package static var searchedDirectories: [String] {
    searchedDirectories(environment: ProcessInfo.processInfo.environment)
  }

  static func searchedDirectories(environment: [String: String]) -> [String] {
    let named = environment["MNIST_DIR"].flatMap { $0.isEmpty ? nil : $0 }
    return [named, cacheDirectory(environment: environment)].compactMap { $0 }
  }

  /// The first folder that holds the four files, of `$MNIST_DIR` if that is set, then ``cacheDirectory``; nil where
  /// neither does.
  ///
  /// - Throws: ``IDXError`` where the folder of `$MNIST_DIR` holds some of the files and lacks others, or can't be
  ///   looked into. What the cache folder lacks can be downloaded, so that it is passed over instead.
  public static func locate() throws(IDXError) -> String? {
    try locate(environment: ProcessInfo.processInfo.environment)
  }

  static func locate(environment: [String: String]) throws(IDXError) -> String? {
    let cache = cacheDirectory(environment: environment)
    for directory in searchedDirectories(environment: environment) {
      do throws(IDXError) {
        let missing = try missingFiles(in: directory)
        if missing.isEmpty { return directory }
        if missing.count < File.allCases.count { _ = try missing[0].path(in: directory) }
      } catch {
        if directory != cache { throw error }
      }
    }
    return nil
  }

  private static func missingFiles(in directory: String) throws(IDXError) -> [File] {
    var missing: [File] = []
    for file in File.allCases where try file.existingPath(in: directory) == nil { missing.append(file) }
    return missing
  }

  /// MNIST from wherever it can be had: the folder named, `$MNIST_DIR`, the cache folder, and at last the public
  /// mirrors, from which it is downloaded to the cache folder.
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
    do throws(IDXError) {
      if let directory { return try load(from: directory) }
      if let found = try locate() { return try load(from: found) }
    } catch {
      throw .file(error)
    }
    guard downloading else { throw .notFound(searched: searchedDirectories) }
    let cache = cacheDirectory
    try await download(to: cache, progress: progress)
    do throws(IDXError) { return try load(from: cache) } catch { throw .file(error) }
  }
}
