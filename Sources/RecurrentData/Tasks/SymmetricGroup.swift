import RecurrentSupport

/// The permutations of n things, each as the list of its images, numbered in lexicographic order; the first is the
/// identity.
struct SymmetricGroup: Sendable {
  /// All n! permutations; `element[i]` is where i goes.
  let elements: [[Int]]

  /// The group of the permutations of n things.
  ///
  /// - Complexity: O(n · n!).
  init(_ n: Int) {
    var elements: [[Int]] = [[]]
    for _ in 0..<n {
      elements = elements.flatMap { start in (0..<n).filter { !start.contains($0) }.map { start + [$0] } }
    }
    self.elements = elements
  }

  /// The number of a permutation: its rank in lexicographic order.
  ///
  /// ```
  /// Σᵢ #{ j > i : p(j) < p(i) } · (n - 1 - i)!
  /// ```
  ///
  /// Source: Lehmer, *Teaching Combinatorial Tricks to a Computer*, 1960.
  func index(of permutation: [Int]) -> Int {
    permutation.indices.reduce(0) { rank, i in
      rank * (permutation.count - i) + permutation[i...].count { $0 < permutation[i] }
    }
  }

  /// `second ∘ first`: first goes first.
  static func product(_ second: [Int], _ first: [Int]) -> [Int] { first.map { second[$0] } }
}
