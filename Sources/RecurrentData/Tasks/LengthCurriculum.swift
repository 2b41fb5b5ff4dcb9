import Recurrent
import RecurrentSupport

/// Which lengths to train on: short ones first, longer ones as they are mastered.
///
/// ```
/// while L < longest      lengths even in shortest...L;    L ← min(2 L, longest)  when the accuracy at L exceeds mastery
/// once L is mastered     all sequences as long as the longest
/// ```
///
/// A network that is right at length 8 needs few new examples at 16, whereas most never find a rule that only shows at
/// 40: a wrong state somewhere makes every target after it a coin toss.
///
/// Source: Bengio et al., *Curriculum Learning*, ICML 2009; Zaremba and Sutskever, *Learning to Execute*, 2014, for
/// mixing the shorter lengths in.
public struct LengthCurriculum: Sendable, Hashable, Codable {
  /// The shortest length.
  public let shortest: Int
  /// The length beyond which sequences do not grow.
  public let longest: Int
  /// The accuracy that has to be exceeded for a length to be mastered.
  public let mastery: Double
  /// L, the longest length of now.
  public private(set) var length: Int
  /// Whether the longest length has been mastered.
  public private(set) var isMastered = false

  /// A curriculum at its beginning.
  ///
  /// - Parameters:
  ///   - shortest: the shortest length.
  ///   - first: L at the beginning, brought within the others.
  ///   - longest: the length beyond which sequences do not grow.
  ///   - mastery: the accuracy that has to be exceeded for a length to be mastered.
  /// - Precondition: `0 < shortest ≤ longest`; `mastery` lies in `0..<1`, or no accuracy would exceed it.
  public init(shortest: Int = 1, first: Int = 4, longest: Int = 40, mastery: Double = 0.99) {
    require(
      0 < shortest && shortest <= longest, "lengths run from 1 up; found \(shortest) as shortest, \(longest) as longest"
    )
    require((0..<1).contains(mastery), "an accuracy to exceed lies in 0..<1; found \(mastery)")
    self.shortest = shortest
    self.longest = longest
    self.mastery = mastery
    length = min(max(first, shortest), longest)
  }

  /// The lengths of the sequences of a batch.
  ///
  /// - Parameters:
  ///   - count: how many sequences.
  ///   - generator: what to draw from.
  /// - Returns: lengths even in `shortest...length`, or the longest for all once that is mastered.
  /// - Complexity: O(count).
  public func lengths(count: Int, using generator: inout SplitMix64) -> [Int] {
    (0..<count).map { _ in isMastered ? longest : shortest + generator.integer(below: length - shortest + 1) }
  }

  /// Takes note of the accuracy on fresh sequences of ``length`` steps.
  ///
  /// - Parameter accuracy: a fraction of targets.
  /// - Returns: whether the length was mastered: L has grown, or `isMastered` has become true.
  @discardableResult
  public mutating func observe(accuracy: Double) -> Bool {
    if isMastered || !(accuracy > mastery) { return false }
    if length == longest { isMastered = true } else { length = min(2 * length, longest) }
    return true
  }
}

extension LengthCurriculum {
  /// Reads a curriculum and how far it has come.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if lengths or mastery are not those of a curriculum.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable & Comparable>(_ key: CodingKeys, in range: some RangeExpression<Value>) throws -> Value
    {
      let value = try container.decode(Value.self, forKey: key)
      if range.contains(value) { return value }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "found \(value), expected it in \(range)")
    }
    shortest = try value(.shortest, in: 1...)
    longest = try value(.longest, in: shortest...)
    mastery = try value(.mastery, in: 0..<1)
    length = try value(.length, in: shortest...longest)
    isMastered = try container.decode(Bool.self, forKey: .isMastered)
  }
}
