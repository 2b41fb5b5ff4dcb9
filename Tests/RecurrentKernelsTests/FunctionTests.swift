import RecurrentKernels
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The errors of e^x, σ(x) and tanh(x), measured over the floats of their whole range.
@Suite struct FunctionTests {
  /// A function and the largest error that template/functions.inc states for it.
  struct Case: ReasonedCase {
    let function: rk_function
    let largestError: Double
    let isOdd: Bool
    let reason: String

    static let all = [
      Case(function: RK_EXPONENTIAL, largestError: 1.2, isOdd: false, reason: "e^x"),
      Case(function: RK_SIGMOID, largestError: 2.5, isOdd: false, reason: "σ(x)"),
      Case(function: RK_HYPERBOLIC_TANGENT, largestError: 2.6, isOdd: true, reason: "tanh(x)"),
    ]
  }

  /// Whether to look at every float there is, which takes minutes: set RECURRENT_EXHAUSTIVE=1 to do it.
  static let isExhaustive = ProcessInfo.processInfo.environment["RECURRENT_EXHAUSTIVE"] == "1"
  /// Otherwise every 509th, a prime, so that all bits of a float take all their values.
  static let stride: UInt32 = isExhaustive ? 1 : 509

  /// Where the truth is smaller than every normal float, the result may be 0 or, just above them, where σ ends.
  static let least = 1.1755e-38

  @Test(arguments: InstructionSet.all, Case.all)
  func errsByAtMostWhatIsStated(_ set: InstructionSet, _ example: Case) {
    let seen = rk_measure_accuracy(set.pointer, example.function, 0, .max, Self.stride)
    if Self.isExhaustive { print("\(set.name) \(example.reason): \(seen.largestError) ulp at \(seen.worst)") }
    check(seen, example)
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func errsByAtMostWhatIsStatedWhereThingsChange(_ set: InstructionSet, _ example: Case) {
    // Every float in the neighbourhood of zero, of the borders of the ranges and of the rounding of x / ln 2.
    let borders: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, 0.173_286_8, 0.346_573_6, 0.5, 0.693_147_2, 1, 8.317_766, 9,
      9.010_913, 10, 16.635_532, 17, 87.336_54, 88.029_69, 88.376_26, 88.722_84, 89, 103.972_08, 104, 128,
      8_388_608, 16_777_216, .greatestFiniteMagnitude, .infinity,
    ]
    for border in borders.flatMap({ [$0, -$0] }) {
      let place = Self.place(of: border)
      let first = place < 2000 ? 0 : place - 2000
      let last = place > .max - 2000 ? .max : place + 2000
      check(rk_measure_accuracy(set.pointer, example.function, first, last, 1), example, "around \(border)")
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func flushesDenormalsAndNothingElse(_ set: InstructionSet, _ example: Case) {
    // As workers compute: denormal arguments count as zero, denormal results become zero.
    let rounding = rk_flush_denormals()
    let seen = rk_measure_accuracy(set.pointer, example.function, 0, .max, 65_537)
    rk_restore_rounding(rounding)
    check(seen, example, "with denormals flushed")
  }

  private func check(_ seen: rk_accuracy, _ example: Case, _ place: String = "") {
    #expect(
      seen.largestError <= example.largestError, "\(seen.largestError) ulp at \(seen.worst), \(place)")
    #expect(seen.largestErrorBelowNormal <= Self.least, "\(place)")
    #expect(seen.wrongNumbers == 0, "NaN, and nothing but NaN, gives NaN: \(place)")
    if example.isOdd { #expect(seen.notOdd == 0, "\(place)") }
  }

  /// Where a float stands among all floats, see `rk_measure_accuracy`.
  static func place(of x: Float) -> UInt32 {
    x.sign == .minus ? ~x.bitPattern : x.bitPattern + 0x8000_0000
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func specialValuesAreExact(_ set: InstructionSet) {
    let infinity = Float.infinity
    let exponential = apply(set.kernels.exponential, [0, -0.0, infinity, -infinity, 1000, -1000])
    #expect(exponential == [1, 1, infinity, 0, infinity, 0])
    let sigmoid = apply(set.kernels.sigmoid, [0, -0.0, infinity, 200, -infinity, -200])
    #expect(Array(sigmoid[..<4]) == [0.5, 0.5, 1, 1])
    #expect(sigmoid[4...].allSatisfy { $0 >= 0 && Double($0) <= Self.least })
    #expect(apply(set.kernels.hyperbolicTangent, [0, infinity, -infinity, 50, -50]) == [0, 1, -1, 1, -1])
    for function in [set.kernels.exponential, set.kernels.sigmoid, set.kernels.hyperbolicTangent] {
      #expect(apply(function, [.nan, -.nan, .signalingNaN]).allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: InstructionSet.all)
  func restsAreComputedLikeWholeVectors(_ set: InstructionSet) {
    let x = (0..<64).map { 12 * value($0, 1) }
    for function in [set.kernels.exponential, set.kernels.sigmoid, set.kernels.hyperbolicTangent] {
      let whole = apply(function, x)
      for n in lanesAroundVectors {
        let y = Grid(1, n) { _, j in x[j] }
        function(y.base, y.base, n)
        #expect((0..<n).allSatisfy { y[0, $0] == whole[$0] }, "\(n) in place")
        #expect(y.isIntact)
      }
    }
  }

  private func apply(
    _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void, _ x: [Float]
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: x.count) { buffer, count in
      guard let y = buffer.baseAddress else { return }
      function(x, y, x.count)
      count = x.count
    }
  }
}
