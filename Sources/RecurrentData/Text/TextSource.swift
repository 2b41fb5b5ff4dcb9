import RecurrentSupport

/// A text as it was written, before it is cut into tokens.
///
/// ```swift
/// let source = try TextSource(contentsOf: ["one.txt", "two.txt"], encoding: .windows1252)
/// let text = try Text(source, unit: .word)
/// ```
///
/// Line ends stay as they are. A byte-order mark at the beginning is left out. A text with the NUL character is refused:
/// it is of another encoding, or no text.
public struct TextSource: Sendable, Hashable {
  /// Where it is from, for messages: the file, or the first of several.
  public let name: String
  /// The text.
  public let string: String
  /// How many lines end with CR LF, as in files from Windows.
  ///
  /// A network learns to write such line ends, too.
  public let crlfCount: Int

  /// The most bytes of all files together: 1 GiB.
  ///
  /// Training takes up to twenty bytes of memory for each.
  public static let largestSize = 1 << 30

  /// A text in memory.
  ///
  /// - Parameters:
  ///   - string: the text.
  ///   - name: where it is from, for messages.
  /// - Complexity: O(length).
  public init(_ string: String, name: String = "the text") {
    self.init(unmarked: string.withoutByteOrderMark, name: name)
  }

  private init(unmarked string: String, name: String) {
    self.string = string
    self.name = name
    var (count, wasReturn) = (0, false)
    for byte in string.utf8 {
      if byte == 0x0A && wasReturn { count += 1 }
      wasReturn = byte == 0x0D
    }
    crlfCount = count
  }

  /// A text of bytes that are in memory, such as those of standard input.
  ///
  /// - Parameters:
  ///   - bytes: the text as it was written.
  ///   - name: where they are from, for messages.
  ///   - encoding: how they stand for characters.
  /// - Throws: ``TextError`` if they are not of this encoding.
  /// - Complexity: O(bytes).
  public init(bytes: [UInt8], name: String, encoding: TextEncoding = .utf8) throws(TextError) {
    self.init(unmarked: try encoding.decode(bytes, from: name), name: name)
  }

  /// The text of a file, or of several in this order, with nothing between them.
  ///
  /// - Parameters:
  ///   - paths: the files.
  ///   - encoding: how their bytes stand for characters.
  /// - Throws: ``TextError`` if there is no file, one cannot be read or is not of this encoding, or all together are
  ///   larger than ``largestSize``.
  /// - Complexity: O(size of the files), in time and memory.
  public init(contentsOf paths: [String], encoding: TextEncoding = .utf8) throws(TextError) {
    let name =
      paths.count > 1 ? "\(paths[0]) and \(quantity(paths.count - 1, "other"))" : paths.first ?? "the text"
    if paths.isEmpty { throw TextError(path: name, found: "no file", expected: "one or more") }
    var (text, size) = ("", 0)
    for path in paths {
      let bytes = try Self.bytes(of: path, after: size, encoding)
      size += bytes.count
      text += try encoding.decode(bytes, from: path)
    }
    self.init(unmarked: text, name: name)
  }

  /// The SHA-256 checksum of the text in UTF-8, in hexadecimal digits.
  ///
  /// - Complexity: O(length).
  public var checksum: String { SHA256.checksum(of: Array(string.utf8)) }

  /// All bytes of a regular file that comes after some of others.
  private static func bytes(
    of path: String, after size: Int, _ encoding: TextEncoding
  ) throws(TextError) -> [UInt8] {
    let expected = "a text in \(encoding.rawValue)"
    do throws(IDXError) {
      let reader = try FileReader(path: path, expected: expected)
      guard reader.size <= largestSize - size else {
        throw IDXError(
          .memory, path: path, found: "\(reader.size) bytes" + (size > 0 ? ", with \(size) before it" : ""),
          expected: "at most \(largestSize) (1 GiB) in all files; take a part", advice: "take a part")
      }
      // Bytes, text and tokens.
      try Memory.require(6 * reader.size, for: path)
      var bytes = [UInt8](repeating: 0, count: reader.size)
      let count = try readAll(reader, into: &bytes)
      return count == bytes.count ? bytes : Array(bytes[..<count])
    } catch {
      throw TextError(path: path, found: error.found, expected: error.expected, isMissing: error.isMissingInput)
    }
  }

  private static func readAll(_ reader: FileReader, into bytes: inout [UInt8]) throws(IDXError) -> Int {
    let result = unsafe bytes.withUnsafeMutableBytes { buffer -> Result<Int, IDXError> in
      do throws(IDXError) { return .success(try unsafe reader.read(into: buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
