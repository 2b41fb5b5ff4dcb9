/// One recurrent layer: a cell, run over time.
///
/// ```
/// state(t) = cell(x(t), state(t-1))        outputs(t) = the hidden state of state(t)        t = 1, …, length
/// ```
///
/// Shapes: inputs `[batch, time, input]`, outputs `[batch, time, output]`, or both with time first; states
/// `[batch, hidden]`.
///
/// The same as a ``RecurrentStack`` of one cell, but with that cell's own type of state.
public struct RecurrentLayer<Cell: RecurrentCell>: Sendable, Parameterized {
  /// The cell.
  public let cell: Cell
  private var stack: RecurrentStack

  /// A layer with newly drawn weights.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - cell: the cell to run over time.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to run on.
  /// - Precondition: `inputSize` is positive.
  /// - Complexity: O(parameters).
  public init(
    inputSize: Int, _ cell: Cell, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.cell = cell
    stack = RecurrentStack(inputSize: inputSize, cell, initializer: initializer, seed: seed, threads: threads)
  }

  /// The weights: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, and others that the cell has.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    get { stack.parameters }
    _modify { yield &stack.parameters }
  }

  /// The state of zeros, from which a layer starts by default.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · H).
  public func zeroState(batchSize: Int) -> Cell.State { cell.zeroState(batchSize: batchSize) }

  /// Runs the cell over whole sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says.
  ///   - state: the state before the first step; zeros if nil.
  ///   - lengths: the true length of each sequence; nil if all are full.
  ///   - layout: the order of dimensions in inputs and outputs: sequences first or steps first.
  /// - Returns: the hidden state after every step, `[batch, time, output]`, and the state after each sequence's last.
  /// - Precondition: inputs have the features that the cell reads; there is one length per sequence, each from 0 to the
  ///   number of steps; the state is one of as many sequences.
  /// - Complexity: one step of the cell for each step of each sequence.
  public func callAsFunction(
    _ inputs: Tensor, from state: Cell.State? = nil, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> (outputs: Tensor, finalState: Cell.State) {
    let (outputs, finalState) = stack(
      inputs, from: state.map { StackState([$0]) }, lengths: lengths, layout: layout)
    return (outputs, finalState.layer(0, of: Cell.self))
  }
}
