import RecurrentKernels
import Testing

/// The gates of minimal gated units against their naive version, in both forms and both directions.
@Suite struct MGUGateTests {
  /// One kernel's arguments, all of the block's shape but the gates, and a call.
  struct Kernel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let gates: Int
    /// Gets the block, the gates, the distance between two of them, the old hidden state, a gradient, the result, and
    /// the gradient of the gate.
    let run: @Sendable (rk_kernels, rk_block, Floats, Int, Floats, Floats, Floats, Floats) -> Void

    static let all = [
      Self(testDescription: "forward", gates: 3) { k, b, p, n, h, _, y, _ in k.mguForward(b, p, n, h, y) },
      Self(testDescription: "backward, first", gates: 3) { k, b, p, n, h, d, y, _ in
        k.mguBackward(b, p, n, h, d, y, 1)
      },
      Self(testDescription: "backward, added", gates: 3) { k, b, p, n, h, d, y, _ in
        k.mguBackward(b, p, n, h, d, y, 0)
      },
      Self(testDescription: "gate", gates: 2) { k, b, p, _, h, _, y, _ in k.mguGate(b, p, h, y) },
      Self(testDescription: "update", gates: 2) { k, b, p, n, h, _, y, _ in k.mguUpdate(b, p, n, h, y) },
      Self(testDescription: "update backward, first", gates: 2) { k, b, p, n, h, d, y, f in
        k.mguUpdateBackward(b, p, n, h, d, f, y, 1)
      },
      Self(testDescription: "update backward, added", gates: 2) { k, b, p, n, h, d, y, f in
        k.mguUpdateBackward(b, p, n, h, d, f, y, 0)
      },
      Self(testDescription: "gate backward", gates: 2) { k, b, p, _, h, d, y, f in
        k.mguGateBackward(b, p, h, d, f, y)
      },
    ]
  }

  @Test(arguments: InstructionSet.all, Kernel.all)
  func agreesWithNaive(_ set: InstructionSet, _ kernel: Kernel) {
    for shape in GateCase.all {
      let hidden = shape.grid(2)
      let gradient = shape.grid(3)
      let results = [set, .naive].map { set in
        let gates = shape.grid(1, scale: 2, parts: kernel.gates)
        let (result, forgetGradient) = (shape.grid(4), shape.grid(5))
        kernel.run(
          set.kernels, rk_block(hidden), gates.base, shape.rows * gates.row, hidden.base, gradient.base, result.base,
          forgetGradient.base)
        return [gates, result, forgetGradient]
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
