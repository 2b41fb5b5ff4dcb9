import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Texts as tokens: their two parts, and vocabularies that are given.
@Suite struct TextTests {
  @Test("tokens are characters, scalars, bytes or words, and give the text back", arguments: Vocabulary.Unit.allCases)
  func units(unit: Vocabulary.Unit) throws {
    let written = "e\u{301}a\r\ne\u{301}ä"
    let text = try Text(written, unit: unit, validationFraction: 0)
    #expect(text.training.tokens.count == [.character: 5, .scalar: 8, .byte: 11, .word: 3][unit])
    #expect(Array(text.vocabulary.decode(text.training.tokens).utf8) == Array(written.utf8))
    #expect(text.vocabulary.unit == unit)
    #expect(text.training.tokenCount == text.vocabulary.count)
  }

  @Test("there is validation unless it is not wanted, from the end of the text")
  func validation() throws {
    let written = String(repeating: "0123456789", count: 10)
    let text = try Text(written)
    #expect(text.training.tokens.count == 90 && text.validation.tokens.count == 10)
    #expect(text.vocabulary.decode(text.validation.tokens) == "0123456789")
    let whole = try Text(written, validationFraction: 0)
    #expect(whole.training.tokens.count == 100 && whole.validation.tokens.isEmpty)
    // The first part keeps two tokens: with one there is nothing to learn.
    #expect(try Text("abc", validationFraction: 0.9).training.tokens.count == 2)
  }

  @Test("a text of fewer than two tokens has nothing to predict", arguments: ["", "a", "\u{FEFF}a", "👩🏽‍🚀", "\r\n"])
  func tooShort(text: String) {
    let error = #expect(throws: TextError.self) { try Text(text) }
    #expect(error?.expected == "at least 2, one to read and one to predict")
  }

  @Test("a text of one token over and over leaves nothing to choose; in a model's vocabulary it is a text")
  func oneToken() throws {
    let error = #expect(throws: TextError.self) { try Text("\n\n\n") }
    #expect(error?.description == #"the text: found a text of "\u{A}" alone, expected at least 2 different tokens"#)
    let vocabulary = try Vocabulary(of: "ab", unit: .character)
    #expect(try Text(TextSource("aaa"), vocabulary: vocabulary).training.tokens == [0, 0, 0])
  }

  @Test("another text in the tokens of a model: refused with the characters, read without them, or learned")
  func otherVocabulary() throws {
    var vocabulary = try Vocabulary(of: "abc\n", unit: .character)
    let source = TextSource("ab\ncéa\nébd", name: "other.txt")
    let error = #expect(throws: TextError.self) { try Text(source, vocabulary: vocabulary) }
    #expect(
      error?.description
        == """
        other.txt: found 2 characters that the vocabulary lacks: "é" (line 2, 2 times), "d" (line 3), \
        expected only what its 4 tokens can spell
        """)
    let text = try Text(source, vocabulary: vocabulary, leavingOutUnknown: true, validationFraction: 0)
    #expect(vocabulary.decode(text.training.tokens) == "ab\nca\nb")
    #expect(text.leftOut.map(\.spelling) == ["é", "d"] && text.leftOut.map(\.count) == [2, 1])
    try vocabulary.grow(by: source.string)
    let learned = try Text(source, vocabulary: vocabulary, validationFraction: 0)
    #expect(learned.leftOut.isEmpty && learned.vocabulary.tokens == ["a", "b", "c", "\n", "é", "d"])
    // Left out to the last, nothing is left to predict.
    #expect(throws: TextError.self) {
      try Text(TextSource("xyz"), vocabulary: vocabulary, leavingOutUnknown: true)
    }
  }

  @Test("several files are one text, in their order with nothing between them; each may have a byte-order mark")
  func severalFiles() throws {
    let folder = try TemporaryDirectory()
    let one = try folder.write([0xEF, 0xBB, 0xBF] + Array("one\r\n".utf8), to: "1.txt")
    let two = try folder.write([0xEF, 0xBB, 0xBF] + Array("two".utf8), to: "2.txt")
    let text = try Text(contentsOf: [one, two, one], unit: .scalar, validationFraction: 0)
    #expect(text.vocabulary.decode(text.training.tokens) == "one\r\ntwoone\r\n")
    #expect(text.crlfCount == 2)
    let name = try TextSource(contentsOf: [one, two]).name
    #expect(name == "\(one) and 1 other")
    // The second of two is at fault, and is named alone.
    let bad = try folder.write([0x61, 0x92], to: "3.txt")
    #expect(throws: TextError.self) { try Text(contentsOf: [one, bad]) }
    do { _ = try Text(contentsOf: [one, bad]) } catch { #expect(error.path == bad) }
    #expect(throws: TextError.self) { try Text(contentsOf: []) }
    #expect(throws: TextError.self) { try Text(contentsOf: [one, folder.path("none.txt")]) }
    #expect(throws: TextError.self) { try Text(contentsOf: folder.path) }
  }

  @Test("files too large for memory are refused by their size, before they are read")
  func tooLarge() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([], to: "large.txt")
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 2 << 30)
    try file.close()
    let error = #expect(throws: TextError.self) { try Text(contentsOf: path) }
    #expect(error?.found == "2147483648 bytes")
    // All files together count: this one alone would just do.
    let rest = try FileHandle(forWritingTo: URL(filePath: path))
    try rest.truncate(atOffset: UInt64(TextSource.largestSize))
    try rest.close()
    let small = try folder.write(Array("abc".utf8), to: "small.txt")
    let together = #expect(throws: TextError.self) { try Text(contentsOf: [small, path]) }
    #expect(together?.found == "1073741824 bytes, with 3 before it" && together?.path == path)
  }

  @Test("a limit of words that has no space for the characters is an error that says how much space they need")
  func smallLimit() throws {
    let error = #expect(throws: TextError.self) {
      try Text(TextSource("to be or not to be", name: "play.txt"), unit: .word, vocabularyLimit: 3)
    }
    #expect(error?.description == "play.txt: found a limit of 3 tokens, expected at least 7, for single characters")
    let text = try Text(TextSource("to be or not to be"), unit: .word, vocabularyLimit: 9, validationFraction: 0)
    #expect(text.vocabulary.decode(text.training.tokens) == "to be or not to be")
    #expect(Set(text.vocabulary.tokens) == ["t", "o", " ", "b", "e", "r", "n", "to", "be"])
  }

  @Test("characters per token, by which figures of other units are converted", arguments: Vocabulary.Unit.allCases)
  func charactersPerToken(unit: Vocabulary.Unit) throws {
    // Eight characters: é as two scalars of three bytes, twice; ä as two bytes; CR LF.
    let text = try Text("e\u{301}abce\u{301} ä\r\n", unit: unit, validationFraction: 0)
    #expect(text.training.charactersPerToken == [.character: 1, .scalar: 8.0 / 11, .byte: 8.0 / 14, .word: 2][unit])
    // The last byte alone is a part of a character, and counts as one.
    #expect(try Text("abcdefghi\u{E4}", unit: .byte).validation.charactersPerToken == 1)
  }

  @Test("nats, bits and perplexity; figures per character say how they were converted")
  func scores() {
    let byCharacter = LanguageScore(natsPerToken: 1.5)
    #expect(abs(byCharacter.bitsPerCharacter - 2.164_042_561) < 1e-8 && byCharacter.natsPerCharacter == 1.5)
    #expect(abs(byCharacter.perplexity - 4.481_689_07) < 1e-7)
    #expect(byCharacter.description == "1.5000 nats and 2.1640 bits per character, perplexity 4.48")
    let byWord = LanguageScore(natsPerToken: 3, charactersPerToken: 2.5)
    #expect(abs(byWord.bitsPerToken - 4.328_085_123) < 1e-8 && abs(byWord.bitsPerCharacter - 1.731_234_049) < 1e-8)
    #expect(abs(byWord.natsPerCharacter - 1.2) < 1e-12)
    #expect(
      byWord.description
        == "3.0000 nats per token, perplexity 20.09; 1.7312 bits per character, at 2.500 characters per token")
    // Evenly guessed, the perplexity is the number of tokens.
    #expect(abs(LanguageScore(natsPerToken: log(65)).perplexity - 65) < 1e-10)
  }
}
