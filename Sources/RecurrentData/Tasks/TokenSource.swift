import Recurrent

/// Draws sequences of tokens with a class, or none, at each step.
protocol TokenSource: Sendable {
  /// Tokens lie in `0..<tokenCount`.
  var tokenCount: Int { get }
  /// Classes lie in `0..<classCount`; -1 stands for none.
  var classCount: Int { get }
  /// The fewest steps of a sequence with a target.
  var shortestLength: Int { get }
  /// The accuracy of the best guess that ignores the input, on long sequences.
  var chance: Double { get }

  /// Draws a sequence.
  ///
  /// - Parameters:
  ///   - length: the number of steps, at least `shortestLength`.
  ///   - generator: what to draw from.
  ///   - emit: takes the token and the class of each step in turn.
  func draw(length: Int, using generator: inout SplitMix64, _ emit: (_ token: Int, _ target: Int) -> Void)
}

extension TokenSource {
  var shortestLength: Int { 1 }
}
