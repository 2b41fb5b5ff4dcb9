/// The gradients of the loss at every time step: how far back an error reaches.
///
/// ```
/// ∂L/∂h(t) = the parts through the outputs of step t, through the layer above, and through h(t+1)
/// ```
///
/// If every factor on the way back is smaller than one, the gradient vanishes: what the network read long before cannot
/// be learned. ``Layer/norms`` shows that, best on a logarithmic axis.
///
/// Source: Bengio, Simard and Frasconi, *Learning Long-Term Dependencies with Gradient Descent Is Difficult*, 1994.
public struct GradientTrace: Sendable, Equatable {
  /// The gradients of one layer, or of one direction of a bidirectional layer.
  public struct Layer: Sendable, Equatable {
    /// The index of the layer, from 0 at the bottom.
    public let level: Int
    /// Whether it reads in reverse.
    public let isReverse: Bool
    /// ∂L/∂h(t) of its hidden state after each step, `[batch, time, hidden]`; zero past each length.
    ///
    /// A layer that reads in reverse begins at a sequence's last step.
    public let hidden: Tensor

    /// The layer in a word, as in `layer0`, or `layer0.reverse` if it reads in reverse.
    public var name: String { traceName(level: level, isReverse: isReverse) }

    /// ‖∂L/∂h(t)‖₂ of each sequence at each step, `[batch][time]`, computed in Double.
    ///
    /// - Complexity: O(size of the gradient), on each access.
    public var norms: [[Double]] { hidden.normsOfSteps }
  }

  /// L, and the accuracy on the batch.
  public let result: SequenceModel.StepResult
  /// The layers, from the bottom up; both directions of a bidirectional layer, forward before reverse.
  public let layers: [Layer]
  /// ∂L/∂x(t) of features, or of the embeddings of tokens, `[batch, time, input]`; zero past each length.
  ///
  /// Nil for tokens without an embedding, which are no numbers.
  public let inputs: Tensor?

  /// ‖∂L/∂x(t)‖₂ of each sequence at each step, `[batch][time]`, computed in Double; nil if ``inputs`` is.
  ///
  /// - Complexity: O(size of the gradient), on each access.
  public var inputNorms: [[Double]]? { inputs?.normsOfSteps }
}

extension SequenceModel {
  /// The gradients of the mean loss over a batch with respect to hidden states and inputs, at every time step.
  ///
  /// They are those of a training step, bit for bit, for networks of all kinds: sequences are read whole, so layers may
  /// read in reverse, too.
  ///
  /// ```swift
  /// let trace = try model.gradientTrace(on: batch)
  /// for layer in trace.layers { print(layer.name, layer.norms[0]) }
  /// ```
  ///
  /// - Parameters:
  ///   - batch: sequences with targets, of the kind that the network's output has.
  ///   - loss: what is differentiated; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - state: the state before the first step; nil for that of the model.
  ///   - seed: the seed of random masks; nil for none.
  /// - Returns: the loss, and its gradients at every time step.
  /// - Throws: ``InputError`` if the batch is empty, or has inputs or targets of other kinds or sizes than the network.
  /// - Precondition: the loss fits the network's output.
  /// - Complexity: one forward and one backward pass over the batch, and O(batch · time · hidden units) memory.
  public func gradientTrace(
    on batch: SequenceBatch, loss: Loss? = nil, from state: StackState? = nil, seed: UInt64? = nil
  ) throws(InputError) -> GradientTrace {
    var (layers, inputs): ([GradientTrace.Layer], Tensor?) = ([], nil)
    let (result, _) = try gradient(on: batch, loss: loss, from: state, seed: seed) { tiled in
      let layout = tiled.layout
      layers = zip(tiled.network.directions, layout.directions).map { plan, regions in
        GradientTrace.Layer(
          level: plan.level, isReverse: plan.isReverse,
          hidden: tiled.steps(size: plan.outputSize) { regions.keptGradient($0, slot: $1) })
      }
      let rows = tiled.network.input.rows
      if rows > 0 { inputs = tiled.steps(size: rows) { layout.inputGradient($0, slot: $1) } }
    }
    return GradientTrace(result: result, layers: layers, inputs: inputs)
  }
}

extension Tensor {
  /// The norm of each row of `[batch, time, size]`.
  fileprivate var normsOfSteps: [[Double]] {
    let (steps, size) = (shape[1], shape[2])
    return (0..<shape[0]).map { sequence in
      (0..<steps).map { t in
        let first = (sequence * steps + t) * size
        return values[first..<first + size].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
    }
  }
}
