import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Bytes of files as text: every encoding, and what is wrong with a file, with its place.
@Suite struct TextEncodingTests {
  static func decoded(_ bytes: [UInt8], _ encoding: TextEncoding = .utf8) throws -> String {
    try TextSource(bytes: bytes, name: "standard input", encoding: encoding).string
  }

  /// The same text in each encoding, without a mark.
  static let written: [(TextEncoding, [UInt8])] = [
    (.utf8, [0x61, 0xC3, 0xA9, 0x0D, 0x0A]),
    (.latin1, [0x61, 0xE9, 0x0D, 0x0A]),
    (.windows1252, [0x61, 0xE9, 0x0D, 0x0A]),
    (.utf16, [0xFF, 0xFE, 0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A, 0]),
    (.utf16, [0xFE, 0xFF, 0, 0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A]),
    (.utf16LittleEndian, [0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A, 0]),
    (.utf16BigEndian, [0, 0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A]),
  ]

  @Test("each encoding gives the same text, and its line ends stay", arguments: written)
  func encodings(encoding: TextEncoding, bytes: [UInt8]) throws {
    let source = try TextSource(bytes: bytes, name: "standard input", encoding: encoding)
    #expect(Array(source.string.utf8) == Array("aé\r\n".utf8))
    #expect(source.crlfCount == 1)
    #expect(try Self.decoded([], encoding) == "")
  }

  @Test(
    "a byte-order mark is dropped, once and only at the beginning",
    arguments: [
      (.utf8, [0xEF, 0xBB, 0xBF], [0x61]), (.utf16LittleEndian, [0xFF, 0xFE], [0x61, 0]),
      (.utf16BigEndian, [0xFE, 0xFF], [0, 0x61]),
    ] as [(TextEncoding, [UInt8], [UInt8])])
  func marks(encoding: TextEncoding, mark: [UInt8], letter: [UInt8]) throws {
    #expect(try Array(Self.decoded(mark + letter, encoding).unicodeScalars) == ["a"])
    #expect(try Array(Self.decoded(mark + mark + letter, encoding).unicodeScalars) == ["\u{FEFF}", "a"])
    #expect(try Array(Self.decoded(letter + mark, encoding).unicodeScalars) == ["a", "\u{FEFF}"])
    // A combining accent behind the mark is in one character with it, and stays.
    #expect(Array(TextSource("\u{FEFF}\u{301}a").string.unicodeScalars) == ["\u{301}", "a"])
  }

  @Test(
    "only CR LF counts as such", arguments: [("a\r\n\r\nb\r", 2), ("\n\r\n", 1), ("\r\r\n\n", 1), ("", 0), ("\n", 0)])
  func lineEnds(text: String, count: Int) { #expect(TextSource(text).crlfCount == count) }

  @Test(
    "bytes that are not of the encoding are named, with offset, line and what may help",
    arguments: [
      (
        .utf8, Array("one\ntwo\r\nit".utf8) + [0x92, 0x73], "byte 0x92 at offset 11, line 3",
        "UTF-8; it is ’ in Windows-1252: choose the encoding windows-1252"
      ),
      (
        .utf8, [0x61, 0x81], "byte 0x81 at offset 1, line 1",
        "UTF-8; other encodings are latin-1, windows-1252, utf-16, utf-16le, utf-16be"
      ),
      (
        .utf8, Array("é\r".utf8) + [0xE9, 0x0A], "byte 0xE9 at offset 3, line 2",
        "UTF-8, as the 1 character beyond ASCII before it: repair the text there"
      ),
      // Cut off in the middle of a character; a form that is too long; a surrogate; beyond the last scalar.
      (
        .utf8, [0x0A, 0xE2, 0x82], "byte 0xE2 at offset 1, line 2",
        "UTF-8; it is â in Windows-1252: choose the encoding windows-1252"
      ),
      (
        .utf8, [0xC0, 0xAF], "byte 0xC0 at offset 0, line 1",
        "UTF-8; it is À in Windows-1252: choose the encoding windows-1252"
      ),
      (
        .utf8, [0xED, 0xA0, 0x80], "byte 0xED at offset 0, line 1",
        "UTF-8; it is í in Windows-1252: choose the encoding windows-1252"
      ),
      (
        .utf8, [0xF4, 0x90, 0x80, 0x80], "byte 0xF4 at offset 0, line 1",
        "UTF-8; it is ô in Windows-1252: choose the encoding windows-1252"
      ),
      (.utf8, [0xFF, 0xFE, 0x61, 0], "a byte-order mark of UTF-16", "UTF-8; choose the encoding utf-16"),
      (.utf8, [0x1F, 0x8B, 8, 0], "a gzip file", "a text in UTF-8"),
      (
        .utf8, [0x0A, 0x61, 0, 0x62, 0], "a NUL character in line 2",
        "a text in utf-8; other encodings are latin-1, windows-1252, utf-16, utf-16le, utf-16be"
      ),
      (
        .windows1252, [0x0A, 0x90], "byte 0x90 at offset 1, line 2",
        "Windows-1252, which does not have that byte; other encodings are utf-8, latin-1, utf-16, utf-16le, utf-16be"
      ),
      (.utf16, [0x61, 0], "no byte-order mark", "one, as UTF-16 begins with; without it choose utf-16le or utf-16be"),
      (.utf16, [0xFF, 0xFE, 0x61], "3 bytes", "an even number, for UTF-16"),
      (
        .utf16LittleEndian, [0x0A, 0, 0x3D, 0xD8, 0x61, 0], "unit 0xD83D at offset 2, line 2",
        "UTF-16, where surrogates come in pairs"
      ),
      (
        .utf16BigEndian, [0, 0x61, 0xDE, 0x00], "unit 0xDE00 at offset 2, line 1",
        "UTF-16, where surrogates come in pairs"
      ),
    ] as [(TextEncoding, [UInt8], String, String)])
  func faults(encoding: TextEncoding, bytes: [UInt8], found: String, expected: String) throws {
    let error = #expect(throws: TextError.self) { try Self.decoded(bytes, encoding) }
    #expect(error?.description == "standard input: found \(found), expected \(expected)")
  }

  @Test("Windows-1252 and Latin-1 differ in 27 characters and five holes")
  func windows1252() throws {
    let table = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ".unicodeScalars.map { $0 }
    for byte in UInt8(1)...255 {
      #expect(try Array(Self.decoded([byte], .latin1).unicodeScalars) == [Unicode.Scalar(byte)])
      let expected = 0x80...0x9F ~= byte ? table[Int(byte) - 0x80] : Unicode.Scalar(byte)
      if 0x80...0x9F ~= byte && expected == "?" {
        #expect(throws: TextError.self) { try Self.decoded([byte], .windows1252) }
      } else {
        #expect(try Array(Self.decoded([byte], .windows1252).unicodeScalars) == [expected])
      }
    }
    // Spot checks by number, since the table above is in the same form as the one tested.
    let known: [(UInt8, UInt32)] = [(0x80, 0x20AC), (0x8A, 0x160), (0x92, 0x2019), (0x97, 0x2014), (0x9F, 0x178)]
    for (byte, scalar) in known {
      #expect(try Self.decoded([byte], .windows1252).unicodeScalars.map(\.value) == [scalar])
    }
  }

  @Test("random bytes are text or an error, and never anything else", arguments: TextEncoding.allCases)
  func randomBytes(encoding: TextEncoding) {
    var generator = SplitMix64(seed: 1)
    for length in 0..<600 {
      let bytes = (0..<length % 60).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 13) }
      do {
        let text = try Self.decoded(bytes, encoding)
        #expect(!text.unicodeScalars.contains("\0"))
      } catch { #expect(error is TextError) }
    }
  }
}
