import RecurrentKernels
import Testing

/// Test values in closed form, between -0.9 and 1.1.
///
/// The fractional parts of i φ, which no small pattern of rows and columns repeats; not zero on average, so that a wrong
/// sign shows.
func value(_ index: Int, _ seed: Int) -> Float {
  let turns = Double(index) * 0.618_033_988_749_895 + Double(seed) * 0.414_213_562_373_095
  return Float(2 * (turns - turns.rounded(.down)) - 0.9)
}

/// A function for `Grid` that gives each element a value of its own, `scale` wide.
func values(_ seed: Int, scale: Float = 1) -> (Int, Int) -> Float {
  { scale * value($0 * 977 + $1, seed) }
}

/// The tolerance of all comparisons with the naive kernels, stated once.
///
/// Adding k products in floating point, in any order, fused or not, errs by at most k u Σ|aᵢ bᵢ| to first order, where
/// u = ulp(1)/2 is the rounding error of one operation. Two such sums differ by at most twice that: k ulp(1) Σ|aᵢ bᵢ|.
/// The same holds for any chain of k operations when Σ|aᵢ bᵢ| is replaced by the largest value along the chain.
func tolerance(operations: Int, magnitude: Float) -> Float { Float(operations) * .ulpOfOne * magnitude }

/// A named case of a parameterised test, whose description says why it is there.
protocol ReasonedCase: Sendable, CustomTestStringConvertible {
  var reason: String { get }
}

extension ReasonedCase {
  var testDescription: String { reason }
}

extension rk_block {
  /// The block that covers a grid.
  init(_ grid: Grid) { self.init(rows: grid.rows, n: grid.columns, row: grid.row) }
}

/// An index for each lane, in which every seventh, the fourth first, is below 0: the smallest numbers below 0 and of all.
func indicesWithGaps(_ count: Int, _ index: (_ lane: Int) -> Int) -> [Int32] {
  (0..<count).map { lane in
    guard lane % 7 == 3 else { return Int32(index(lane)) }
    return lane % 2 == 0 ? .min : -1
  }
}

/// Lane counts on both sides of every vector width: 4, 8 and 16 floats, whole vectors and all kinds of rests.
let lanesAroundVectors = [1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 33, 40, 47, 50, 56, 64]
