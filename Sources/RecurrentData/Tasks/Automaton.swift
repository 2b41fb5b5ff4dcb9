import Recurrent
import RecurrentSupport

/// A machine whose state is changed by each token and is the target of each step; it begins in state 0.
///
/// ```
/// y(t) = next(y(t-1), x(t))      y(0) = 0      x(t) even
/// ```
struct Automaton: TokenSource {
  let tokenCount: Int
  let classCount: Int
  /// next, `[state, token]`.
  private let transitions: [Int]

  /// All states of the tasks' groups are equally likely in the long run.
  var chance: Double { 1 / Double(classCount) }

  /// Addition modulo n, of all n numbers.
  static func cyclic(_ n: Int) -> Automaton {
    Automaton(tokenCount: n, classCount: n, transitions: (0..<n).flatMap { sum in (0..<n).map { (sum + $0) % n } })
  }

  /// The product of permutations; token k multiplies by the generator k from the left.
  static func group(_ group: SymmetricGroup, generators: [[Int]]) -> Automaton {
    let elements = group.elements
    return Automaton(
      tokenCount: generators.count, classCount: elements.count,
      transitions: elements.flatMap { product in
        generators.map { generator in group.index(of: SymmetricGroup.product(generator, product)) }
      })
  }

  func draw(length: Int, using generator: inout SplitMix64, _ emit: (Int, Int) -> Void) {
    var state = 0
    for _ in 0..<length {
      let token = generator.integer(below: tokenCount)
      state = transitions[state * tokenCount + token]
      emit(token, state)
    }
  }
}
