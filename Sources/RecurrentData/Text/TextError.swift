import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What is wrong with a file of text, in one line: which file, what was found and what was expected.
public struct TextError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What was found, and where.
  public let found: String
  /// What was expected in its place.
  public let expected: String

  /// The file, what was found and what was expected.
  public var description: String { "\(path.shown()): found \(found), expected \(expected)" }

  init(path: String, found: String, expected: String) {
    self.path = path
    self.found = found
    self.expected = expected
  }

  /// An error for bytes that are no UTF-8, which names the first of them.
  init(path: String, invalid bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      if bytes[offset] < 0x80 {
        offset += 1
        continue
      }
      let length = (2...4).first { length in
        offset + length <= bytes.count && String(validating: bytes[offset..<offset + length], as: UTF8.self) != nil
      }
      guard let length else { break }
      offset += length
    }
    let byte = offset < bytes.count ? String(bytes[offset], radix: 16, uppercase: true) : ""
    self.init(
      path: path, found: "byte 0x\(byte) at offset \(offset)", expected: "UTF-8; convert the file, as with iconv")
  }

  /// All bytes of a regular file.
  static func bytes(of path: String) throws(TextError) -> [UInt8] {
    do {
      let reader = try FileReader(path: path, expected: "a text in UTF-8")
      var bytes = [UInt8](repeating: 0, count: reader.size)
      let count = try unsafe bytes.withUnsafeMutableBytes { buffer in try unsafe reader.read(into: buffer) }
      return count == bytes.count ? bytes : Array(bytes[..<count])
    } catch let error as IDXError {
      throw TextError(path: path, found: error.found, expected: error.expected)
    } catch {
      throw TextError(path: path, found: "\(error)", expected: "a text in UTF-8")
    }
  }
}
