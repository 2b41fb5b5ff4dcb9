import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// In this module `Data` is a command.
#if canImport(FoundationEssentials)
  private typealias Bytes = FoundationEssentials.Data
#else
  private typealias Bytes = Foundation.Data
#endif

/// Files that anybody may have written: their size and the depth of their JSON are checked before it is parsed.
enum UntrustedFile {
  /// The greatest nesting depth of JSON; ours is 3, and Foundation's parser ends the process at 512.
  static let greatestDepth = 64
  /// The most bytes of a configuration.
  static let largestConfiguration = 1 << 20

  /// Why a file was not parsed.
  enum Fault: Error {
    case tooDeep, tooLong

    /// What was found.
    var found: String {
      switch self {
      case .tooDeep: "found JSON nested more than \(UntrustedFile.greatestDepth) levels deep"
      case .tooLong: "found more than \(UntrustedFile.largestConfiguration.grouped) bytes"
      }
    }
  }

  /// The first bytes of a file or a pipe; nil if it cannot be read.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes to read.
  ///   - waits: whether to wait for the writer of a pipe.
  static func start(of path: String, limit: Int, waits: Bool = false) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
    if file < 0 { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(limit, 1 << 16))
    while bytes.count < limit {
      let count = unsafe read(file, &piece, min(piece.count, limit - bytes.count))
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    return bytes
  }

  /// Reads a JSON value from a file of at most ``largestConfiguration`` bytes; nil if it cannot be read.
  static func json<Value: Decodable>(_ type: Value.Type, at path: String, waits: Bool = false) throws -> Value? {
    guard let bytes = start(of: path, limit: largestConfiguration + 1, waits: waits) else { return nil }
    if bytes.count > largestConfiguration { throw Fault.tooLong }
    return try decode(type, from: bytes)
  }

  /// Decodes a JSON value from untrusted bytes.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    if nestingDepth(of: bytes) > greatestDepth { throw Fault.tooDeep }
    return try JSONDecoder().decode(type, from: Bytes(bytes))
  }
}
