/// A passage that one text repeats from another, token for token.
public struct RepeatedPassage: Sendable, Hashable {
  /// Where it first stands in the sample.
  public let sample: Range<Int>
  /// Where it first stands in the text.
  public let text: Range<Int>
  /// How many tokens it has.
  public var count: Int { text.count }
}

extension TokenSequence {
  /// The longest passage that a sample repeats from these tokens: what looks like invention may be memory.
  ///
  /// ```swift
  /// if let passage = text.training.longestPassage(repeatedBy: sample) {
  ///   print(text.vocabulary.decode(text.training.tokens[passage.text]))
  /// }
  /// ```
  ///
  /// The sample's substrings are put into an automaton, and the text is read through it once.
  ///
  /// - Parameter sample: tokens of the same vocabulary.
  /// - Returns: the first of the longest passages in the text; nil if the two have no token in common.
  /// - Complexity: O(tokens + sample), with memory for O(sample).
  public func longestPassage(repeatedBy sample: [Int]) -> RepeatedPassage? {
    let automaton = SuffixAutomaton(sample.map { Int32($0) })
    var (state, length) = (0, 0)
    var best: (length: Int, end: Int, state: Int) = (0, 0, 0)
    for (index, token) in tokens.enumerated() {
      // What was matched is shortened from its beginning until the token can follow.
      while state != 0 && automaton.next(state, token) == nil {
        state = automaton.states[state].link
        length = automaton.states[state].length
      }
      guard let next = automaton.next(state, token) else { continue }
      state = next
      length += 1
      if length > best.length { best = (length, index + 1, state) }
    }
    if best.length == 0 { return nil }
    let end = automaton.states[best.state].end
    return RepeatedPassage(sample: end - best.length..<end, text: best.end - best.length..<best.end)
  }
}

/// The smallest automaton that reads all substrings of a sequence.
///
/// A state stands for the substrings that end at the same places; its link leads to the longest of their suffixes that
/// ends at more.
///
/// Source: Blumer et al., *The Smallest Automaton Recognizing the Subwords of a Text*, 1985.
private struct SuffixAutomaton {
  struct State {
    /// The length of the longest substring that ends here.
    var length: Int
    var link: Int
    /// Where the first of its occurrences ends.
    var end: Int
    var next: [Int32: Int] = [:]
  }

  /// The state of the empty substring comes first; it has no link.
  private(set) var states = [State(length: 0, link: -1, end: 0)]

  init(_ tokens: [Int32]) {
    states.reserveCapacity(2 * tokens.count)
    var last = 0
    for token in tokens { last = append(token, after: last) }
  }

  func next(_ state: Int, _ token: Int32) -> Int? { states[state].next[token] }

  /// Adds a token at the end of the sequence, whose state is `last`, and returns that of the longer one.
  private mutating func append(_ token: Int32, after last: Int) -> Int {
    let new = states.count
    let length = states[last].length + 1
    states.append(State(length: length, link: 0, end: length))
    var state = last
    while state >= 0 && states[state].next[token] == nil {
      states[state].next[token] = new
      state = states[state].link
    }
    guard state >= 0, let target = states[state].next[token] else { return new }
    states[new].link = target
    if states[target].length == states[state].length + 1 { return new }
    // The shorter substrings of the target now end at one place more than the others: they get a state of their own.
    let clone = states.count
    states.append(states[target])
    states[clone].length = states[state].length + 1
    states[target].link = clone
    states[new].link = clone
    while state >= 0 && states[state].next[token] == target {
      states[state].next[token] = clone
      state = states[state].link
    }
    return new
  }
}
