import RecurrentKernels
import Testing

/// The gates of GRU cells against their naive version, in both forms and both directions.
@Suite struct GRUGateTests {
  /// One kernel's arguments, all of the block's shape but the gates, and a call.
  struct Kernel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let gates: Int
    /// Gets the block, the gates, the distance between two of them, the old hidden state, a gradient or nothing, and
    /// the result.
    let run: @Sendable (rk_kernels, rk_block, Floats, Int, Floats, Floats, Floats) -> Void

    static let all = [
      Self(testDescription: "forward", gates: 4) { $0.gruForward($1, $2, $3, $4, $6) },
      Self(testDescription: "backward, first", gates: 4) { $0.gruBackward($1, $2, $3, $4, $5, $6, 1) },
      Self(testDescription: "backward, added", gates: 4) { $0.gruBackward($1, $2, $3, $4, $5, $6, 0) },
      Self(testDescription: "gate", gates: 3) { $0.gruGate($1, $2, $3, $4, $6) },
      Self(testDescription: "update", gates: 3) { $0.gruUpdate($1, $2, $3, $4, $6) },
      Self(testDescription: "update backward, first", gates: 3) { $0.gruUpdateBackward($1, $2, $3, $4, $5, $6, 1) },
      Self(testDescription: "update backward, added", gates: 3) { $0.gruUpdateBackward($1, $2, $3, $4, $5, $6, 0) },
      Self(testDescription: "gate backward", gates: 3) { $0.gruGateBackward($1, $2, $3, $4, $5, $6) },
    ]
  }

  @Test(arguments: InstructionSet.all, Kernel.all)
  func agreesWithNaive(_ set: InstructionSet, _ kernel: Kernel) {
    for shape in GateCase.all {
      let hidden = shape.grid(2)
      let gradient = shape.grid(3)
      let results = [set, .naive].map { set in
        let gates = shape.grid(1, scale: 2, parts: kernel.gates)
        let result = shape.grid(4)
        kernel.run(
          set.kernels, rk_block(hidden), gates.base, shape.rows * gates.row, hidden.base, gradient.base, result.base)
        return [gates, result]
      }
      for (actual, expected) in zip(results[0], results[1]) {
        // σ and tanh err by 2.5 ulps in either version; sums and products of numbers of at most 8 follow.
        let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 12, magnitude: 8) }
        if let problem { Issue.record("\(shape.reason): \(problem)") }
        #expect(actual.isIntact)
      }
      #expect(hidden.hasSameBits(as: shape.grid(2)) && gradient.hasSameBits(as: shape.grid(3)))
    }
  }

  typealias Floats = UnsafeMutablePointer<Float>
}
