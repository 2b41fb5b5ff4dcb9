import RecurrentSupport

/// The gradients of a stack compared with finite differences of its outputs: a test for custom cells.
///
/// ```swift
/// let check = MyCell(hiddenSize: 5).checkGradients(inputSize: 3)
/// precondition(check.passes, "\(check)")
/// ```
///
/// The scalar L is a sum of all outputs and final states with random weights. Each element of a parameter, input or
/// initial state is perturbed alone, and the finite difference of L is compared with the backward pass:
///
/// ```
/// ∂L/∂x ≈ (8 (L(x + h) - L(x - h)) - (L(x + 2h) - L(x - 2h))) / 12h        h = 2⁻⁶
/// ```
///
/// The forward pass computes in Float, so L has an error of about 2⁻²⁴, which the division by h amplifies, here to
/// about 6·10⁻⁶. A smaller h amplifies it more. A larger h increases the formula's own error, h⁴ L⁽⁵⁾ / 30, here 2·10⁻⁹
/// L⁽⁵⁾; the formula uses four values instead of two so that h can be this large. With a power of two, x ± h is exact
/// for most x. Correct gradients agree within about 10⁻⁴ and wrong ones are usually off by more than 10⁻², so the
/// default tolerance lies between.
///
/// A function with a corner, such as ReLU, has no derivative there, and a difference across the corner is wrong. Check
/// such a cell with a smooth function instead, such as softplus.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// The element of a tensor at which gradient and difference disagree most.
  public struct Difference: Sendable {
    /// The tensor: the name of a parameter, `inputs`, or `initialState[i]` with the component after it.
    public let name: String
    /// The index of the element in each dimension.
    public let position: [Int]
    /// The gradient of the backward pass.
    public let gradient: Float
    /// The finite difference.
    public let expected: Double
    /// |gradient - expected|, relative to the largest magnitude in the tensor, or to a twentieth of the largest in all
    /// tensors if that is more.
    public let error: Double
  }

  /// The worst element of each tensor, the largest error first.
  public let differences: [Difference]
  /// The largest error that passes.
  public let tolerance: Double

  /// The worst element of all; nil if there is nothing to compare.
  ///
  /// - Complexity: O(1).
  public var worst: Difference? { differences.first }
  /// Whether no error is above the tolerance.
  ///
  /// - Complexity: O(tensors).
  public var passes: Bool { differences.allSatisfy { $0.error <= tolerance } }

  /// One line per tensor: its largest error, the position, and both values.
  public var description: String {
    differences.map {
      let state = $0.error <= tolerance ? "correct" : "WRONG"
      return "\(state): \($0.name)\($0.position) is \($0.gradient), expected \($0.expected.sixDigits), "
        + "error \($0.error.sixDigits)"
    }.joined(separator: "\n")
  }
}

extension RecurrentCell {
  /// Compares the gradients of a layer of this cell with finite differences of its outputs, for random weights and
  /// data.
  ///
  /// - Parameters:
  ///   - inputSize: features of an input step.
  ///   - batchSize: sequences; some are one step shorter than others.
  ///   - steps: steps of the longest sequence.
  ///   - seed: the seed of weights and data.
  ///   - tolerance: the largest error that passes.
  /// - Returns: the worst element of each parameter, of the inputs and of the initial state.
  /// - Precondition: sizes are positive.
  /// - Complexity: four forward passes per element; choose small sizes.
  public func checkGradients(
    inputSize: Int, batchSize: Int = 3, steps: Int = 4, seed: UInt64 = 0, tolerance: Double = 1e-3
  ) -> GradientCheck {
    var generator = SplitMix64(seed: seed)
    var stack = RecurrentStack(inputSize: inputSize, self)
    stack.parameters = stack.parameters.mapValues { _ in generator.uniform(-0.5, 0.5) }
    return stack.checkGradients(batchSize: batchSize, steps: steps, seed: generator.next(), tolerance: tolerance)
  }
}

extension RecurrentStack {
  /// Compares the gradients of this stack, with its weights, with finite differences of its outputs, for random data.
  ///
  /// - Parameters:
  ///   - batchSize: sequences; some are one step shorter than others.
  ///   - steps: steps of the longest sequence.
  ///   - seed: the seed of data, and of regularization masks.
  ///   - tolerance: the largest error that passes.
  /// - Returns: the worst element of each parameter, of the inputs and of the initial state.
  /// - Precondition: sizes are positive.
  /// - Complexity: four forward passes per element; choose small sizes.
  public func checkGradients(
    batchSize: Int = 3, steps: Int = 4, seed: UInt64 = 0, tolerance: Double = 1e-3
  ) -> GradientCheck {
    require(batchSize > 0 && steps > 0, "expected sizes above 0, found \(batchSize) sequences of \(steps) steps")
    return GradientChecker(self, batchSize: batchSize, steps: steps, seed: seed).check(tolerance: tolerance)
  }
}

/// A stack and its inputs, as named tensors that can be perturbed one element at a time.
private struct GradientChecker {
  private let stack: RecurrentStack
  private let lengths: [Int]
  private let seed: UInt64
  /// Parameters, inputs and initial states.
  private let point: Parameters
  private let outputWeights: Tensor
  private let finalWeights: StackState

  init(_ stack: RecurrentStack, batchSize: Int, steps: Int, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    func draw(_ shape: [Int], _ limit: Float) -> Tensor {
      Tensor(known: shape, values: (0..<shape.reduce(1, *)).map { _ in generator.uniform(-limit, limit) })
    }
    func drawState(_ limit: Float) -> StackState {
      StackState(
        zip(stack.cells, stack.zeroState(batchSize: batchSize).layers).map { cell, state in
          cell.makeState(state.components.map { draw($0.shape, limit) })
        })
    }
    self.stack = stack
    self.seed = seed
    lengths = (0..<batchSize).map { max(1, steps - $0 % 2) }
    let inputs = draw([batchSize, steps, stack.plan.inputSize], 1)
    point = Parameters(Array(stack.parameters) + [("inputs", inputs)] + Self.tensors(drawState(0.5)))
    outputWeights = draw([batchSize, steps, stack.plan.outputSize], 1)
    finalWeights = drawState(1)
  }

  private static func tensors(_ state: StackState) -> [(name: String, tensor: Tensor)] {
    state.layers.enumerated().flatMap { layer, state in
      state.components.enumerated().map { ("initialState[\(layer)].components[\($0)]", $1) }
    }
  }

  /// The forward pass at a point, with the masks of the seed.
  private func forward(_ point: Parameters) -> (outputs: Tensor, finalState: StackState, tape: RecurrentStack.Tape) {
    var stack = stack
    stack.parameters = stack.parameters.mapTensors { name, _ in point[name] }
    var states = point.dropFirst(stack.parameters.entries.count + 1).map(\.tensor)[...]
    let state = StackState(
      zip(stack.cells, finalWeights.layers).map { cell, layer in
        defer { states = states.dropFirst(layer.components.count) }
        return cell.makeState(Array(states.prefix(layer.components.count)))
      })
    return stack.forward(point["inputs"], from: state, lengths: lengths, seed: seed)
  }

  /// L, summed in Double.
  private func value(_ point: Parameters) -> Double {
    func sum(_ values: Tensor, _ weights: Tensor) -> Double {
      zip(values.values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (outputs, finalState, _) = forward(point)
    return zip(finalState.layers, finalWeights.layers).reduce(sum(outputs, outputWeights)) {
      zip($1.0.components, $1.1.components).reduce($0) { $0 + sum($1.0, $1.1) }
    }
  }

  /// The finite difference ∂L/∂x of one element.
  private func difference(_ index: Int) -> Double {
    let h: Float = 0x1p-6
    var moved = point
    func value(_ steps: Float) -> (at: Float, value: Double) {
      moved.values[index] = point.values[index] + steps * h
      return (moved.values[index], self.value(moved))
    }
    let (far, near) = ((value(-2), value(2)), (value(-1), value(1)))
    // The actual distances after rounding to Float.
    let slopes = (
      (near.1.value - near.0.value) / Double(near.1.at - near.0.at),
      (far.1.value - far.0.value) / Double(far.1.at - far.0.at)
    )
    return (4 * slopes.0 - slopes.1) / 3
  }

  func check(tolerance: Double) -> GradientCheck {
    let tape = forward(point).tape
    let gradients = stack.gradients(tape, outputs: outputWeights, finalState: finalWeights)
    let found = Parameters(
      Array(gradients.parameters) + [("inputs", gradients.inputs)] + Self.tensors(gradients.initialState))
    let expected = point.values.indices.map(difference)
    func largest(_ range: Range<Int>) -> Double {
      range.reduce(0) { max($0, Double(found.values[$1].magnitude), expected[$1].magnitude) }
    }
    let floor = largest(0..<point.count) / 20
    let differences = point.entries.filter { $0.count > 0 }.map { entry in
      let scale = max(largest(entry.range), floor, .leastNormalMagnitude)
      func error(_ index: Int) -> Double {
        let error = (Double(found.values[index]) - expected[index]).magnitude / scale
        return error.isNaN ? .infinity : error
      }
      let worst = entry.range.max { error($0) < error($1) } ?? entry.offset
      var (rest, position): (Int, [Int]) = (worst - entry.offset, [])
      for size in entry.shape.reversed() {
        position.insert(rest % size, at: 0)
        rest /= size
      }
      return GradientCheck.Difference(
        name: entry.name, position: position, gradient: found.values[worst], expected: expected[worst],
        error: error(worst))
    }
    return GradientCheck(differences: differences.sorted { $0.error > $1.error }, tolerance: tolerance)
  }
}
