import RecurrentKernels
import Testing

/// One set of kernels this machine has.
struct InstructionSet: Sendable, CustomTestStringConvertible {
  let set: rk_instruction_set

  /// All that this build and machine have, except the lower rungs of the ladder.
  static let all = (RK_REORDERED.rawValue..<RK_INSTRUCTION_SETS.rawValue)
    .map { InstructionSet(set: rk_instruction_set($0)) }
    .filter { rk_kernels_for($0.set) != nil }

  /// The textbook version of every kernel.
  static let naive = InstructionSet(set: RK_NAIVE)

  /// The textbook's, but for a product whose loops are exchanged.
  static let reordered = InstructionSet(set: RK_REORDERED)

  /// Those of x86-64 with fused multiply-adds, whose vectors differ in width alone: elementwise results have the same bits.
  static let wide = all.filter { [RK_AVX2, RK_AVX512].contains($0.set) }

  var pointer: UnsafePointer<rk_kernels> {
    guard let kernels = rk_kernels_for(set) else { preconditionFailure("not on this machine") }
    return kernels
  }

  var kernels: rk_kernels { pointer.pointee }
  var name: String { String(cString: kernels.name) }
  var testDescription: String { name }
}
