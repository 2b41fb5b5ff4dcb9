import RecurrentKernels
import Testing

/// Updates of parameters against their naive versions, over several steps.
@Suite struct UpdateTests {
  /// What a rule changes: weights, and one or two memories.
  private struct State {
    let weights: Grid
    let first: Grid
    let second: Grid

    var isIntact: Bool { weights.isIntact && first.isIntact && second.isIntact }
  }

  /// Three steps of a rule by a set of kernels, each with a gradient of its own.
  private func steps(
    _ set: InstructionSet, _ n: Int, _ update: (rk_kernels, Int, State, UnsafeMutablePointer<Float>) -> Void
  ) -> State {
    let state = State(weights: Grid(1, n, value: values(7)), first: Grid(1, n), second: Grid(1, n))
    for step in 1...3 {
      // From zero gradients to large ones: the roots of tiny second moments meet ε.
      let gradients = Grid(1, n) { _, j in j % 5 == 0 ? 0 : value(j, step) * scale(j) }
      update(set.kernels, step, state, gradients.base)
    }
    return state
  }

  private func scale(_ j: Int) -> Float { j % 3 == 0 ? 1e-6 : 10 }

  /// Compares a rule with its naive version; tolerances are those of weights and of both memories.
  private func compare(
    _ set: InstructionSet, weights: Float, first: (Int) -> Float = { _ in 0 }, second: (Int) -> Float = { _ in 0 },
    _ update: (rk_kernels, Int, State, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    for n in [0] + lanesAroundVectors {
      let found = steps(set, n) { update($0, $1, $2, $3, n) }
      let expected = steps(.naive, n) { update($0, $1, $2, $3, n) }
      let problems = [
        found.weights.difference(from: expected.weights) { _, _ in weights },
        found.first.difference(from: expected.first) { first($1) },
        found.second.difference(from: expected.second) { second($1) },
      ]
      for problem in problems.compactMap({ $0 }) { Issue.record("n \(n): \(problem)") }
      #expect(found.isIntact)
    }
  }

  @Test(arguments: InstructionSet.all, [Int32(0), 1])
  func momentum(_ set: InstructionSet, isNesterov: Int32) {
    let settings = rk_momentum(rate: 0.01, momentum: 0.9, decay: 0.2, isNesterov: isNesterov)
    // Three gradients of 11 are 28 in a momentum and 0.5 in a weight, through some six operations a step.
    compare(
      set, weights: tolerance(operations: 18, magnitude: 1.6),
      first: { tolerance(operations: 12, magnitude: self.scale($0) * 3 + 1) }
    ) { kernels, _, state, gradient, n in
      kernels.momentum(settings, state.weights.base, gradient, state.first.base, n)
    }
  }

  @Test(arguments: InstructionSet.all, [Float(0), 0.2])
  func meanSquare(_ set: InstructionSet, decay: Float) {
    for (keep, add) in [(1, 1), (0.9, 0.1)] as [(Float, Float)] {
      let settings = rk_mean_square(rate: 0.01, keep: keep, add: add, epsilon: 1e-8, decay: decay)
      // Each step changes a weight by at most the rate over √add, through some eight operations; the squares add up to
      // some 370, or with a decay to what the weights make of it.
      compare(
        set, weights: tolerance(operations: 8, magnitude: 1.2),
        second: { tolerance(operations: 15, magnitude: self.scale($0) * self.scale($0) * 4 + decay) }
      ) { kernels, _, state, gradient, n in
        kernels.meanSquare(settings, state.weights.base, gradient, state.second.base, n)
      }
    }
  }

  @Test(
    "Adam, with its decay inside and outside of the gradient, and Nadam", arguments: InstructionSet.all,
    [(0, 1, 0), (0.2, 1, 0), (0, 0.9, 0), (0.1, 0.95, 0.003)] as [(Float, Float, Float)])
  func adam(_ set: InstructionSet, _ options: (decay: Float, keep: Float, gradientStep: Float)) {
    let (beta1, beta2) = (Float(0.9), Float(0.999))
    func power(_ base: Float, _ step: Int) -> Float { (0..<step).reduce(1) { result, _ in result * base } }
    // Each step changes a weight by about the rate, through some eight operations.
    compare(
      set, weights: tolerance(operations: 9, magnitude: 1.2),
      first: { tolerance(operations: 9, magnitude: self.scale($0) + options.decay) },
      second: { tolerance(operations: 12, magnitude: self.scale($0) * self.scale($0) + options.decay) }
    ) { kernels, step, state, gradient, n in
      let settings = rk_adam(
        beta1: beta1, beta2: beta2, step: 0.01 / (1 - power(beta1, step)), gradientStep: options.gradientStep,
        rootScale: 1 / (1 - power(beta2, step)).squareRoot(), epsilon: 1e-8, decay: options.decay, keep: options.keep)
      kernels.adam(settings, state.weights.base, gradient, state.first.base, state.second.base, n)
    }
  }

  @Test(arguments: InstructionSet.all)
  func lion(_ set: InstructionSet) {
    let settings = rk_lion(rate: 0.01, beta1: 0.9, beta2: 0.99, decay: 0.2)
    // A sign is right or wrong: no mean of these gradients comes close to zero without being zero.
    compare(
      set, weights: tolerance(operations: 9, magnitude: 1.2),
      first: { tolerance(operations: 9, magnitude: self.scale($0)) }
    ) { kernels, _, state, gradient, n in
      kernels.lion(settings, state.weights.base, gradient, state.first.base, n)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func lionTakesTheSignAlone(_ set: InstructionSet) {
    for n in lanesAroundVectors {
      let gradients = Grid(1, n) { $1 == 3 ? .nan : $1 % 3 == 0 ? 0 : $1 % 3 == 1 ? 1e-30 : -1e30 }
      let (weights, mean) = (Grid(1, n, value: values(1)), Grid(1, n))
      let before = weights.copy()
      set.kernels.lion(
        rk_lion(rate: 0.5, beta1: 0.5, beta2: 0.5, decay: 0), weights.base, gradients.base, mean.base, n)
      for j in 0..<n {
        let change: Float = j == 3 ? .nan : j % 3 == 0 ? 0 : j % 3 == 1 ? -0.5 : 0.5
        #expect(agree(weights[0, j], before[0, j] + change, within: 0), "element \(j) of \(n)")
      }
    }
  }
}
