import RecurrentSupport

/// Truncated backpropagation through time, within windows of a number of steps, for sequences too long to be trained on
/// at once.
///
/// A sequence is divided into windows of k steps. The state is carried from each window to the next, the gradient is
/// not:
///
/// ```
/// outputs(w), state(w+1) = stack(inputs(w), state(w))        ∂state(w) / ∂weights := 0
/// ```
///
/// Weights can change after each window, and memory is that of one window. Dependencies longer than a window give no
/// gradient. If k is at least the number of steps, nothing is cut, and the gradient is that of full backpropagation,
/// bit for bit.
///
/// ```swift
/// var truncation = TruncatedBackpropagation(window: 35)
/// for window in truncation.windows(of: inputs) {
///   let (outputs, tape) = truncation.forward(window.inputs, through: stack)
///   let gradient = stack.gradients(tape, outputs: lossGradient(outputs, at: window.steps))
///   optimizer.update(&stack.parameters, with: gradient.parameters)
/// }
/// ```
///
/// A value type: a copy has its own state.
///
/// Source: Williams and Peng, *An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network
/// Trajectories*, 1990; here windows do not overlap.
public struct TruncatedBackpropagation: Sendable {
  /// k, the largest number of steps that a gradient goes back.
  public let window: Int
  /// The state that the next window starts from; nil for zeros.
  public private(set) var state: StackState?

  /// Windows of k steps.
  ///
  /// - Parameter window: k, the largest number of steps that a gradient goes back.
  /// - Precondition: `window` is positive.
  public init(window: Int) {
    require(window > 0, "a window has at least one step; found \(window)")
    self.window = window
  }

  /// The windows of long sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, feature]`, or as `layout` says.
  ///   - lengths: the true length of each sequence; nil if all are full.
  ///   - layout: the order of dimensions in the inputs: sequences first or steps first.
  /// - Returns: the windows, each of which is copied when it is accessed.
  /// - Precondition: the inputs have three dimensions; there is one length per sequence, if any.
  /// - Complexity: O(1).
  public func windows(
    of inputs: Tensor, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> SequenceWindows {
    SequenceWindows(inputs, lengths: lengths, layout: layout, size: window)
  }

  /// Runs layers over a window, as in training, starting from the final state of the window before, and keeps its final
  /// state.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says: at most ``window`` steps of the same streams as in the
  ///     call before, in the same order.
  ///   - stack: the layers, with the same cells as in the call before.
  ///   - lengths: how many of these steps each stream has; nil if all are full. A stream that has ended keeps its
  ///     state.
  ///   - layout: the order of dimensions in inputs and outputs: streams first or steps first.
  ///   - seed: the seed of random masks.
  /// - Returns: the outputs, `[batch, time, output]` or with time first, and the tape for
  ///   ``RecurrentStack/gradients(_:outputs:finalState:)``.
  /// - Precondition: there are at most ``window`` steps; no layer reads in reverse, since its state would come from
  ///   later windows.
  /// - Complexity: that of ``RecurrentStack/forward(_:from:lengths:layout:seed:)`` over these steps.
  public mutating func forward(
    _ inputs: Tensor, through stack: RecurrentStack, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor,
    seed: UInt64 = 0
  ) -> (outputs: Tensor, tape: RecurrentStack.Tape) {
    let steps = layout.sizes(of: inputs.shape).steps
    require(steps <= window, "a window has at most \(window) steps; found \(steps)")
    require(!stack.plan.readsInReverse, "a layer that reads in reverse cannot be run window by window")
    let (outputs, finalState, tape) = stack.forward(
      inputs, from: state, lengths: lengths, layout: layout, seed: seed)
    state = finalState
    return (outputs, tape)
  }

  /// Restarts all streams with states of zeros.
  public mutating func reset() { state = nil }

  /// Restarts some streams with states of zeros; the others continue.
  ///
  /// - Parameter streams: their positions in the batch.
  /// - Precondition: the positions lie within the batch.
  /// - Complexity: O(streams · hidden units), and a copy of the state.
  public mutating func reset(streams: some Sequence<Int>) {
    state?.clear(rows: streams)
  }
}
