import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Texts as tokens, and their windows.
@Suite struct TextTests {
  @Test("tokens are characters, scalars or bytes, and give the text back", arguments: Text.Unit.allCases)
  func units(unit: Text.Unit) throws {
    let written = "e\u{301}a\r\ne\u{301}ä"
    let text = try Text(written, unit: unit, validationFraction: 0)
    #expect(text.training.tokens.count == [.character: 5, .scalar: 8, .byte: 11][unit])
    #expect(text.string(of: text.training.tokens.map(Int.init)) == written)
    #expect(text.vocabulary.count == Set(text.vocabulary).count)
  }

  @Test("windows of streams go on where the ones before ended, and targets are the next tokens")
  func windows() throws {
    let text = try Text(String((0..<26).map { Character(UnicodeScalar(97 + $0)) }), validationFraction: 0)
    let windows = text.training.windows(of: 4, streams: 3)
    #expect(windows.count == 2)
    for (number, window) in windows.enumerated() {
      #expect(window.count == 3 && window.stepCount == 4)
      for stream in 0..<3 {
        let first = stream * 8 + number * 4
        #expect(window.inputs.values[stream * 4..<stream * 4 + 4].map { Int($0) } == Array(first..<first + 4))
      }
    }
    let model = SequenceModel(
      .init(input: .tokens(26), layers: .gru(3), readout: .everyStep, output: .classes(26)))
    #expect(try model.evaluate(on: windows[0]).count == 12)
  }

  @Test(
    "a text shorter than a window of all streams is read in fewer and shorter ones",
    arguments: [(2, 1), (6, 5), (12, 10)])
  func short(count: Int, predicted: Int) throws {
    let text = try Text(String(repeating: "ab", count: count / 2), validationFraction: 0)
    let windows = text.training.windows(of: 5, streams: 50)
    #expect(windows.reduce(0) { $0 + $1.count * $1.stepCount } == predicted)
  }

  @Test("a byte-order mark is left out, line ends are kept, bad bytes are named with their place")
  func files() throws {
    let folder = try TemporaryDirectory()
    func file(_ bytes: [UInt8]) throws -> String { try folder.write(bytes, to: "text.txt") }
    let marked = try Text(contentsOf: file([0xEF, 0xBB, 0xBF] + Array("a\r\nb".utf8)), unit: .scalar)
    #expect(marked.vocabulary == ["a", "\r", "\n", "b"])
    let path = try file(Array("caf".utf8) + [0xC3, 0xA9, 0x92] + Array("s".utf8))
    let error = #expect(throws: TextError.self) { try Text(contentsOf: path) }
    #expect(error?.found == "byte 0x92 at offset 5")
    #expect(throws: TextError.self) { try Text(contentsOf: file([])) }
    #expect(throws: TextError.self) { try Text(contentsOf: folder.path("none.txt")) }
  }
}
