import Foundation
import Recurrent
import RecurrentData
import Testing

/// Vocabularies: encoding, decoding, growing and storing.
@Suite struct TextVocabularyTests {
  /// Texts with the reason why they are tested.
  static let texts = [
    ("empty", ""), ("one character", "a"), ("a line end alone", "\n"), ("a space alone", " "),
    ("CR LF is one character and two scalars", "a\r\nb\r\n\r\n\n\rc\r"),
    ("an accent of its own", "e\u{301}te\u{301} été \u{301}"),
    ("scalars that are equal as characters: é, Å, Ω, ; and ;", "é e\u{301} Å \u{212B} Ω \u{2126} ; \u{37E}"),
    ("emoji of several scalars", "👩‍👩‍👧‍👦👩🏽‍🚀🇩🇪🇫🇷🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣"),
    ("an odd number of flags' letters", "🇩🇪🇫"),
    ("mixed scripts", "Latin Ελληνικά кириллица עברית العربية हिन्दी ไทย 한국어 日本語 中文"),
    ("joined Hangul and apart", "한글 \u{1112}\u{1161}\u{11AB}"),
    ("words with apostrophes and numbers", "Don't 'quote' rock’n’roll' 3.14 snake_case it's'"),
    ("characters that cannot be seen", "a\u{200B}b\u{FEFF}c\u{7F}\u{1B}[0m\t\u{2028}\u{2029}\u{85}"),
    ("beyond the basic plane", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{10FFFF}\u{E000}"),
    ("many accents on one letter", "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}a"),
  ]

  @Test(
    "decoding gives back what was encoded, byte for byte, and a stored vocabulary does the same",
    arguments: texts.map(\.1), Vocabulary.Unit.allCases)
  func roundTrip(text: String, unit: Vocabulary.Unit) throws {
    let vocabulary = try Vocabulary(of: text, unit: unit)
    let tokens = try vocabulary.encode(text)
    #expect(Array(vocabulary.decode(tokens).utf8) == Array(text.utf8))
    #expect(tokens.allSatisfy { 0..<vocabulary.count ~= $0 })
    #expect(vocabulary.encodeKnown(text).leftOut.isEmpty)
    var decoder = vocabulary.makeDecoder()
    #expect(Array((tokens.map { decoder.next($0) }.joined() + decoder.finish()).utf8) == Array(text.utf8))
    let stored = try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(vocabulary))
    #expect(stored == vocabulary && stored.hashValue == vocabulary.hashValue)
    #expect(try stored.encode(text) == tokens)
    for (index, token) in vocabulary.tokens.enumerated() {
      #expect(vocabulary.index(of: token) == index && Array(vocabulary[index].utf8) == Array(token.utf8))
    }
    // The default prime works with every vocabulary that has tokens.
    #expect(vocabulary.defaultPrime.isEmpty == text.isEmpty)
    #expect(vocabulary.defaultPrime.allSatisfy { 0..<vocabulary.count ~= $0 })
    if unit != .word { #expect(tokens.first ?? 0 == 0 && Set(tokens).count == vocabulary.count) }
  }

  @Test("random texts of scalars from everywhere come back", arguments: Vocabulary.Unit.allCases)
  func randomTexts(unit: Vocabulary.Unit) throws {
    var generator = SplitMix64(seed: 9)
    let pool = Array(Self.texts.map(\.1).joined().unicodeScalars)
    for length in 0..<80 {
      var view = String.UnicodeScalarView()
      for _ in 0..<length { view.append(pool[generator.integer(below: pool.count)]) }
      let text = String(view)
      let limited = unit == .word ? Set(text.map { Array("\($0)".utf8) }).count + length / 10 : nil
      let vocabulary = try Vocabulary(of: text, unit: unit, limit: limited)
      #expect(vocabulary.count <= limited ?? .max)
      #expect(try Array(vocabulary.decode(vocabulary.encode(text)).utf8) == Array(text.utf8))
    }
  }

  @Test(
    "tokens stand in the order in which they first occur",
    arguments: [
      (.character, ["b", "é", "\r\n", "a"]), (.scalar, ["b", "é", "\r", "\n", "a"]),
      (.byte, ["b", "\u{C3}", "\u{A9}", "\r", "\n", "a"]), (.word, ["bé", "\r\n", "a", "b", "é"]),
    ] as [(Vocabulary.Unit, [String])])
  func order(unit: Vocabulary.Unit, expected: [String]) throws {
    #expect(try Vocabulary(of: "bé\r\na\r\n", unit: unit).tokens == expected)
  }

  @Test(
    "words, line ends, and what is between them",
    arguments: [
      ("don't stop,\n", ["don't", " ", "stop", ",", "\n"]),
      ("'tis rock’n’roll'", ["'", "tis", " ", "rock’n’roll", "'"]),
      ("a  -- b.\n\nC", ["a", "  -- ", "b", ".", "\n", "\n", "C"]), ("x_1=3.5", ["x_1", "=", "3", ".", "5"]),
      ("\r\na\r\n ", ["\r\n", "a", "\r\n", " "]), ("naïve e\u{301}té", ["naïve", " ", "e\u{301}té"]),
    ])
  func words(text: String, expected: [String]) throws {
    let vocabulary = try Vocabulary(of: text, unit: .word)
    #expect(try vocabulary.encode(text).map { vocabulary[$0] } == expected)
  }

  @Test("the most frequent words are tokens, the earlier of equals; others, new ones too, are spelled")
  func limitedWords() throws {
    let text = "the cat and the dog and the bird"
    let characters = Set(text).count
    let vocabulary = try Vocabulary(of: text, unit: .word, limit: characters + 3)
    #expect(Set(vocabulary.tokens.filter { $0.count > 1 }) == ["the", "and", "cat"])
    #expect(try vocabulary.encode("the bird").map { vocabulary[$0] } == ["the", " ", "b", "i", "r", "d"])
    #expect(try vocabulary.encode("bad that").map { vocabulary[$0] } == ["b", "a", "d", " ", "t", "h", "a", "t"])
    // The first token is the one with which the text began.
    #expect(vocabulary[0] == "the")
    let error = #expect(throws: InputError.self) { try Vocabulary(of: text, unit: .word, limit: characters - 1) }
    #expect(error?.expected == "at least \(characters), for single characters")
    #expect(try Vocabulary(of: text, unit: .word, limit: 1_000) == Vocabulary(of: text, unit: .word))
    let late = "rare words come first, then often often often"
    let frequent = try Vocabulary(of: late, unit: .word, limit: Set(late).count + 1)
    #expect(frequent.tokens.filter { $0.count > 1 } == ["often"], "wherever they stand")
  }

  @Test("what the vocabulary lacks is listed, each once, with its number and first place")
  func unknown() throws {
    let vocabulary = try Vocabulary(of: "abc \n", unit: .character)
    let prime = "ab\ncüé\r\nü"
    let error = #expect(throws: VocabularyError.self) { try vocabulary.encode(prime) }
    #expect(
      error?.description
        == """
        found 3 characters that the vocabulary lacks: "ü" (line 2, 2 times), "é" (line 2), \
        "\\u{D}\\u{A}" (line 2), expected only what its 5 tokens can spell
        """)
    #expect(error?.unknown.map(\.offset) == [4, 6, 8])
    let (tokens, leftOut) = vocabulary.encodeKnown(prime)
    #expect(vocabulary.decode(tokens) == "ab\nc" && leftOut == error?.unknown)
    // Bytes and words name what they lack in their own way.
    let bytes = #expect(throws: VocabularyError.self) { try Vocabulary(of: "a", unit: .byte).encode("aé") }
    #expect(bytes?.found == "2 bytes that the vocabulary lacks: 0xC3 (line 1), 0xA9 (line 1)")
    let words = #expect(throws: VocabularyError.self) { try Vocabulary(of: "to be", unit: .word).encode("be\nboat") }
    #expect(words?.unknown.map(\.spelling) == ["\n", "a"] && words?.unknown.map(\.offset) == [2, 5])
    #expect(words?.unknown.map(\.line) == [1, 2])
    // A text in another script does not fill the screen.
    let many = #expect(throws: VocabularyError.self) {
      try vocabulary.encode(String((0..<40).map { Character(UnicodeScalar(0x3B1 + $0)!) }))
    }
    #expect(many?.found.hasSuffix("and 28 more") == true && many?.unknown.count == 40)
  }

  @Test("a vocabulary that grows keeps its indices", arguments: Vocabulary.Unit.allCases)
  func growth(unit: Vocabulary.Unit) throws {
    let (first, second) = ("to be or not to be\n", "être ou ne pas être\r\n")
    let small = try Vocabulary(of: first, unit: unit)
    var vocabulary = small
    let new = try vocabulary.grow(by: second)
    #expect(vocabulary.tokens.prefix(small.count) == small.tokens[...] && new == small.count..<vocabulary.count)
    #expect(try vocabulary.encode(first) == small.encode(first))
    #expect(try vocabulary.decode(vocabulary.encode(second)) == second)
    #expect(!new.isEmpty)
    let again = vocabulary
    #expect(try vocabulary.grow(by: first + second).isEmpty && vocabulary.grow(by: "").isEmpty)
    #expect(vocabulary == again)
  }

  @Test("growth within a limit counts what is there, and a failure leaves all as it was")
  func limitedGrowth() throws {
    var vocabulary = try Vocabulary(of: "to be", unit: .word)
    let before = vocabulary
    #expect(throws: InputError.self) { try vocabulary.grow(by: "sea sea air", limit: 9) }
    #expect(vocabulary == before)
    try vocabulary.grow(by: "sea sea air", limit: before.count + 5)
    #expect(Array(vocabulary.tokens.suffix(5)) == ["sea", "a", "i", "r", "s"])
  }

  @Test(
    "before writing, a network reads a line end, or else what the text began with",
    arguments: [
      ("ab\ncd", .character, ["\n"]), ("ab\r\ncd", .character, ["\r\n"]), ("ab\r\ncd", .scalar, ["\n"]),
      ("ab\rcd", .character, ["\r"]), ("abcd", .character, ["a"]), ("ab cd", .word, ["ab"]), ("é", .byte, ["\u{C3}"]),
      ("", .character, []),
    ] as [(String, Vocabulary.Unit, [String])])
  func defaultPrime(text: String, unit: Vocabulary.Unit, expected: [String]) throws {
    let vocabulary = try Vocabulary(of: text, unit: unit)
    #expect(vocabulary.defaultPrime.map { vocabulary[$0] } == expected)
  }

  @Test("vocabularies that look the same but are not are told apart")
  func equality() throws {
    let (one, two) = (try Vocabulary(["é"], unit: .character), try Vocabulary(["e\u{301}"], unit: .character))
    #expect(one != two)
    #expect(try one == Vocabulary(["é"], unit: .character))
    #expect(try one != Vocabulary(["é"], unit: .scalar))
    #expect(try Vocabulary(["a", "b"], unit: .scalar) != Vocabulary(["b", "a"], unit: .scalar))
    #expect(one.index(of: "e\u{301}") == nil)
  }

  @Test(
    "stored tokens that are none are refused, with their index",
    arguments: [
      (#"{"unit": "character", "tokens": ["a", "b", "a"]}"#, "\"a\" as token 2 and 0"),
      (#"{"unit": "character", "tokens": ["a", ""]}"#, "\"\" as token 1"),
      (#"{"unit": "scalar", "tokens": ["ab"]}"#, "\"ab\" as token 0"),
      (#"{"unit": "byte", "tokens": ["a", "\u0100"]}"#, "\"\u{100}\" as token 1"),
    ])
  func refused(json: String, found: String) {
    let error = #expect(throws: InputError.self) { try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8)) }
    #expect(error?.found == found)
  }

  @Test("JSON of a vocabulary is its unit and its tokens")
  func json() throws {
    let vocabulary = try Vocabulary(of: "abé", unit: .byte)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      try String(decoding: encoder.encode(vocabulary), as: UTF8.self) == #"{"tokens":["a","b","Ã","©"],"unit":"byte"}"#)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(#"{"unit": "syllable", "tokens": []}"#.utf8))
    }
  }

  @Test("bytes that come one by one are held back until their character is complete")
  func incompleteBytes() throws {
    let vocabulary = try Vocabulary((0..<256).map { String(UnicodeScalar(UInt8($0))) }, unit: .byte)
    var decoder = vocabulary.makeDecoder()
    #expect([0x61, 0xE2, 0x82, 0xAC, 0x62].map { decoder.next($0) } == ["a", "", "", "€", "b"])
    #expect(decoder.next(0xF0) == "" && decoder.next(0x9F) == "")
    #expect(decoder.finish() == "\u{FFFD}" && decoder.finish() == "")
    // What cannot go on is shown as one replacement, and the byte after it begins anew.
    #expect(
      [0xE2, 0x82, 0x61, 0xC3, 0xC3, 0xA9].map { decoder.next($0) } == ["", "", "\u{FFFD}a", "", "\u{FFFD}", "é"])
  }

  @Test("bytes of a network that writes nonsense give what the standard library makes of them")
  func nonsenseBytes() throws {
    let vocabulary = try Vocabulary((0..<256).map { String(UnicodeScalar(UInt8($0))) }, unit: .byte)
    var generator = SplitMix64(seed: 4)
    // The bytes at the edges of the table of well-formed sequences.
    let edges: [Int] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
      0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for length in 0..<3_000 {
      let tokens = (0..<length % 12).map { _ in edges[generator.integer(below: edges.count)] }
      let expected = String(decoding: tokens.map { UInt8($0) }, as: UTF8.self)
      var decoder = vocabulary.makeDecoder()
      let pieces = tokens.map { decoder.next($0) }.joined() + decoder.finish()
      #expect(Array(pieces.utf8) == Array(expected.utf8) && vocabulary.decode(tokens) == expected, "\(tokens)")
    }
  }
}
