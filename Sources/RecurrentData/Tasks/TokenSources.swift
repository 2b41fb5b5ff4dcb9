import Recurrent

/// Brackets of some kinds, nested up to a depth; the target is the kind of the innermost open one, or one more class.
///
/// Tokens are the opening brackets, then the closing ones.
struct BracketSource: TokenSource {
  let kinds: Int
  let depth: Int

  var tokenCount: Int { 2 * kinds }
  var classCount: Int { kinds + 1 }
  /// A walk between 0 and the greatest depth D that turns back at both ends is at each of them 1 / 2D of the time; at
  /// depth 0 no bracket closes.
  var chance: Double { (1 - 1 / Double(2 * depth)) / Double(kinds) }

  func draw(length: Int, using generator: inout SplitMix64, _ emit: (Int, Int) -> Void) {
    var open: [Int] = []
    for _ in 0..<length {
      if open.isEmpty || open.count < depth && generator.integer(below: 2) == 0 {
        open.append(generator.integer(below: kinds))
        emit(open[open.count - 1], open[open.count - 1])
      } else {
        let token = kinds + open.removeLast()
        emit(token, open.last ?? kinds)
      }
    }
  }
}

/// A bit that is written, kept while others are ignored, and read.
struct FlipFlopSource: TokenSource {
  /// The tokens in their order.
  enum Token: Int, CaseIterable {
    case write0, write1, ignore0, ignore1, read
  }

  /// Of ten steps between the first and the last, how many write; as many read.
  private static let writesOfTen = 1

  var tokenCount: Int { Token.allCases.count }
  var classCount: Int { 2 }
  /// The first step writes and the last one reads.
  var shortestLength: Int { 2 }
  var chance: Double { 0.5 }

  func draw(length: Int, using generator: inout SplitMix64, _ emit: (Int, Int) -> Void) {
    var memory = 0
    for t in 0..<length {
      let kind = t == 0 ? 0 : t == length - 1 ? 1 : generator.integer(below: 10)
      let bit = generator.integer(below: 2)
      switch kind {
      case 0:
        memory = bit
        emit(Token.write0.rawValue + bit, -1)
      case 1: emit(Token.read.rawValue, memory)
      default: emit(Token.ignore0.rawValue + bit, -1)
      }
    }
  }
}

/// Symbols that are given back after a delay; tokens are the symbols, the blank, and what asks for them.
struct CopySource: TokenSource {
  let symbols: Int
  let count: Int

  var tokenCount: Int { symbols + 2 }
  var classCount: Int { symbols }
  /// One symbol, the request, one step to give it back.
  var shortestLength: Int { 3 }
  var chance: Double { 1 / Double(symbols) }

  func draw(length: Int, using generator: inout SplitMix64, _ emit: (Int, Int) -> Void) {
    let (blank, request) = (symbols, symbols + 1)
    let count = min(count, (length - 1) / 2)
    let memory = (0..<count).map { _ in generator.integer(below: symbols) }
    for symbol in memory { emit(symbol, -1) }
    for _ in 0..<length - 2 * count - 1 { emit(blank, -1) }
    emit(request, -1)
    for symbol in memory { emit(blank, symbol) }
  }
}
