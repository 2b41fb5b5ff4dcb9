import RecurrentSupport

/// Backpropagation through time that looks back a window of steps and no further, for sequences too long to be learned
/// from at once.
///
/// A sequence is cut into windows of k steps. The state is carried from each window to the next, the gradient is not:
///
/// ```
/// outputs(w), state(w+1) = stack(inputs(w), state(w))        ∂state(w) / ∂weights := 0
/// ```
///
/// So weights can change after each window, and memory is that of one. What a network ought to remember for longer than
/// a window gives no gradient: with k no less than the steps of a sequence nothing is cut, and the gradient is that of
/// full backpropagation, bit for bit.
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
/// A value: a copy carries a state of its own from there on.
///
/// Source: Williams and Peng, *An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network
/// Trajectories*, 1990; here windows do not overlap.
public struct TruncatedBackpropagation: Sendable {
  /// k, the most steps that a gradient goes back.
  public let window: Int
  /// The state that the next window starts from; nil for zeros.
  public private(set) var state: StackState?

  /// Windows of so many steps.
  ///
  /// - Parameter window: k, the most steps that a gradient goes back.
  /// - Precondition: `window` is above 0.
  public init(window: Int) {
    require(window > 0, "a window has at least one step; found \(window)")
    self.window = window
  }

  /// The windows of long sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, feature]`, or as `layout` says.
  ///   - lengths: the true length of each sequence; nil where all are full.
  ///   - layout: which comes first in the inputs, sequences or steps.
  /// - Returns: the windows, each of which is cut out when it is asked for.
  /// - Precondition: the inputs have three dimensions; there is one length per sequence, if any.
  /// - Complexity: O(1).
  public func windows(
    of inputs: Tensor, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> SequenceWindows {
    SequenceWindows(inputs, lengths: lengths, layout: layout, size: window)
  }

  /// Runs layers over a window from where the last one ended, as in training, and carries on the state it ends with.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says: at most ``window`` steps of the same streams as the last
  ///     time, in the same order.
  ///   - stack: the layers, with the same cells as the last time.
  ///   - lengths: how many of these steps each stream has; nil where all are full. A stream that has ended keeps its
  ///     state.
  ///   - layout: which comes first in inputs and outputs, streams or steps.
  ///   - seed: what random masks are drawn from.
  /// - Returns: the outputs, `[batch, time, output]` or with time first, and what
  ///   ``RecurrentStack/gradients(_:outputs:finalState:)`` needs of this window.
  /// - Precondition: there are no more steps than a window has; no layer reads in reverse, for its state would have to
  ///   come from windows that are yet to come.
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

  /// Lets all streams begin anew, with states of zeros.
  public mutating func reset() { state = nil }

  /// Lets some streams begin anew, with states of zeros, while the others go on.
  ///
  /// - Parameter streams: their places in the batch.
  /// - Precondition: the places lie within the batch.
  /// - Complexity: O(streams · hidden units), and a copy of the state.
  public mutating func reset(streams: some Sequence<Int>) {
    state?.clear(rows: streams)
  }
}
