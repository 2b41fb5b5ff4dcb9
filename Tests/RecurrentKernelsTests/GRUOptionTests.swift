import RecurrentKernels
import Testing

/// GRU gates with options against their naive version, part by part.
@Suite struct GRUOptionTests {
  struct Options: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var preactivationClip = Float.infinity
    var functions = [RK_SIGMOID_OF, RK_TANH]

    static let all = [
      Self(testDescription: "the usual functions"),
      Self(testDescription: "input clip", preactivationClip: 0.9),
      Self(testDescription: "other functions", functions: [RK_HARD_SIGMOID, RK_SCALED_TANH]),
      Self(testDescription: "other functions, clipped", preactivationClip: 1.1, functions: [RK_SOFTSIGN, RK_ELU]),
      Self(testDescription: "functions with slopes of their own", functions: [RK_AFFINE, RK_SOFTPLUS]),
    ]

    func kernel(_ part: rk_gru_part) -> rk_gru {
      func function(_ place: Int) -> rk_activation {
        rk_activation(kind: Int32(functions[place].rawValue), alpha: 0.3, beta: 0.6)
      }
      return rk_gru(
        part: Int32(part.rawValue), preactivationClip: preactivationClip, gate: function(0), candidate: function(1))
    }
  }

  static let parts = [RK_GRU_WHOLE, RK_GRU_GATES, RK_GRU_UPDATE]

  /// What the forward kernel reads and writes.
  struct Forward {
    let gates: Grid
    let hidden: Grid
    let result: Grid
    let saved: Grid

    init(_ set: InstructionSet, _ shape: GateCase, _ part: rk_gru_part, _ options: Options) {
      gates = shape.grid(1, scale: 2, parts: part == RK_GRU_WHOLE ? 4 : 3)
      hidden = shape.grid(2)
      result = shape.grid(3)
      saved = shape.grid(4, parts: 3)
      func run(_ set: InstructionSet, _ part: rk_gru_part) {
        set.kernels.gruOptionsForward(
          rk_block(hidden), options.kernel(part), gates.base, shape.rows * gates.row, hidden.base, result.base,
          saved.base)
      }
      // The second phase finds there what the first has left.
      if part == RK_GRU_UPDATE { run(.naive, RK_GRU_GATES) }
      run(set, part)
    }

    var results: [Grid] { [gates, result, saved] }
  }

  @Test(arguments: InstructionSet.all, Options.all)
  func forwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for shape in GateCase.all {
      for part in Self.parts {
        let actual = Forward(set, shape, part, options)
        let expected = Forward(.naive, shape, part, options)
        for (number, (actual, expected)) in zip(actual.results, expected.results).enumerated() {
          // Two functions one after another, each with 5 operations' worth between the two versions, and a few sums and
          // products, on numbers of at most 8.
          let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 24, magnitude: 8) }
          if let problem { Issue.record("\(shape.reason), part \(part.rawValue), result \(number): \(problem)") }
          #expect(actual.isIntact)
        }
        #expect(actual.hidden.hasSameBits(as: shape.grid(2)))
      }
    }
  }

  @Test(arguments: InstructionSet.all, Options.all)
  func backwardAgreesWithNaive(_ set: InstructionSet, _ options: Options) {
    for (shape, isFresh) in GateCase.all.flatMap({ [($0, Int32(0)), ($0, Int32(1))] }) {
      for part in Self.parts {
        let forward = Forward(.naive, shape, part, options)
        let gradient = shape.grid(8)
        let results = [set, .naive].map { set in
          let gates = forward.gates.copy()
          let old = shape.grid(9)
          set.kernels.gruOptionsBackward(
            rk_block(forward.hidden), options.kernel(part), gates.base, shape.rows * gates.row, forward.hidden.base,
            forward.saved.base, gradient.base, old.base, isFresh)
          return [gates, old]
        }
        for (actual, expected) in zip(results[0], results[1]) {
          let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 24, magnitude: 8) }
          if let problem { Issue.record("\(shape.reason), part \(part.rawValue): \(problem)") }
          #expect(actual.isIntact)
        }
        #expect(gradient.hasSameBits(as: shape.grid(8)))
      }
    }
  }

  @Test("the old state's gradient may take the place of the new one's", arguments: InstructionSet.all + [.naive])
  func gradientInPlace(_ set: InstructionSet) {
    for shape in GateCase.all {
      for part in [RK_GRU_WHOLE, RK_GRU_UPDATE] {
        let options = Options.all[3]
        let forward = Forward(set, shape, part, options)
        let results = [false, true].map { isInPlace in
          let (gates, gradient, old) = (forward.gates.copy(), shape.grid(8), shape.grid(9))
          let result = isInPlace ? gradient : old
          set.kernels.gruOptionsBackward(
            rk_block(forward.hidden), options.kernel(part), gates.base, shape.rows * gates.row, forward.hidden.base,
            forward.saved.base, gradient.base, result.base, 1)
          return [gates, result]
        }
        #expect(zip(results[0], results[1]).allSatisfy { $0.hasSameBits(as: $1) }, "\(shape.reason)")
      }
    }
  }

  @Test("both forms are the plain kernels where nothing is asked for", arguments: InstructionSet.all)
  func withoutOptionsIsPlain(_ set: InstructionSet) {
    for shape in GateCase.all {
      for part in Self.parts {
        let given = Forward(set, shape, part, Options.all[0])
        let (gates, hidden, result) = (
          shape.grid(1, scale: 2, parts: given.gates.rows / max(shape.rows, 1)),
          shape.grid(2), shape.grid(3)
        )
        let distance = shape.rows * gates.row
        let block = rk_block(hidden)
        switch part {
        case RK_GRU_WHOLE: set.kernels.gruForward(block, gates.base, distance, hidden.base, result.base)
        case RK_GRU_GATES: set.kernels.gruGate(block, gates.base, distance, hidden.base, result.base)
        default:
          set.kernels.gruGate(block, gates.base, distance, hidden.base, result.base)
          set.kernels.gruUpdate(block, gates.base, distance, hidden.base, result.base)
        }
        for (actual, expected) in [(given.gates, gates), (given.result, result)] {
          let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 12, magnitude: 8) }
          if let problem { Issue.record("\(shape.reason), part \(part.rawValue): \(problem)") }
        }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], 0..<5)
  func notANumberIsPassedOn(_ set: InstructionSet, place: Int) {
    for options in Options.all {
      let gates = Grid(4, 21) { $0 == place && $1 == 19 ? .nan : value($1, $0) }
      let hidden = Grid(1, 21) { _, j in place == 4 && j == 19 ? .nan : value(j, 7) }
      let out = Grid(4, 21)
      set.kernels.gruOptionsForward(
        rk_block(hidden), options.kernel(RK_GRU_WHOLE), gates.base, 21, hidden.base, out.base, out.base + 21)
      for j in 0..<21 { #expect(out[0, j].isNaN == (j == 19), "\(options.testDescription)") }
    }
  }
}
