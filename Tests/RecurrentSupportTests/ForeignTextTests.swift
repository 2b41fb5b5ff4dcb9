import RecurrentSupport
import Testing

/// Text that strangers chose, as terminals and pages get to see it.
@Suite struct ForeignTextTests {
  @Test(
    "nothing of it acts on a terminal",
    arguments: [
      ("a clear screen", "a\u{1B}[2Jb", #"a\u{1B}[2Jb"#),
      ("the clipboard", "\u{1B}]52;c;AAAA\u{7}", #"\u{1B}]52;c;AAAA\u{7}"#),
      ("a bell, lines, a tab", "\u{7}\r\n\t", #"\u{7}\u{D}\u{A}\u{9}"#),
      ("a C1 control", "\u{9B}31m", #"\u{9B}31m"#),
      ("text that runs backwards", "\u{202E}gnp.exe", #"\u{202E}gnp.exe"#),
      ("a separator of lines", "a\u{2028}b", #"a\u{2028}b"#),
      ("what cannot be seen", "\u{200B}\u{FEFF}", #"\u{200B}\u{FEFF}"#),
    ])
  func harmless(reason: String, text: String, expected: String) { #expect(text.shown() == expected) }

  @Test("what people write stays as it is", arguments: ["", "weight_ih_l0", "Größe, 大きさ", "e\u{301} 👍", "a  b"])
  func unchanged(_ text: String) { #expect(text.shown() == text) }

  @Test("a long text is cut off and says by how much")
  func long() {
    #expect(String(repeating: "x", count: 200).shown() == String(repeating: "x", count: 200))
    #expect(String(repeating: "x", count: 300_206).shown() == String(repeating: "x", count: 200) + "… (300006 more)")
    #expect("abcdef".shown(limit: 3) == "abc… (3 more)")
  }

  @Test("an escape is shown whole or not at all, and counts as long as it is")
  func escapesCount() {
    #expect("ab\u{1B}c".shown(limit: 7) == "ab… (2 more)")
    #expect("ab\u{1B}c".shown(limit: 8) == #"ab\u{1B}… (1 more)"#)
    #expect(String(repeating: "\u{7}", count: 1000).shown().unicodeScalars.count < 220)
  }
}
