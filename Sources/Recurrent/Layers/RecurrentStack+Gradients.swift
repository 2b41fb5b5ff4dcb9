import RecurrentKernels
import RecurrentSupport

extension RecurrentStack {
  /// What a forward pass leaves behind for the backward pass: inputs, activations and states of every step.
  ///
  /// A tape belongs to the weights as they were, and serves one backward pass.
  public final class Tape {
    let job: StackJob
    let parameters: Parameters
    let inputShape: [Int]
    let outputShape: [Int]
    let batchSize: Int
    let threads: ThreadPool
    private var isUsed = false

    init(
      job: StackJob, parameters: Parameters, inputShape: [Int], outputShape: [Int], batchSize: Int, threads: ThreadPool
    ) {
      self.job = job
      self.parameters = parameters
      self.inputShape = inputShape
      self.outputShape = outputShape
      self.batchSize = batchSize
      self.threads = threads
    }

    /// Backward overwrites activations with gradients, so it can run only once.
    func use() {
      require(!isUsed, "a tape serves one backward pass: run forward again")
      isUsed = true
    }
  }

  /// The gradients of a scalar with respect to everything that went into a forward pass.
  public struct Gradients: Sendable {
    /// Of the weights, under their names.
    public let parameters: Parameters
    /// Of the inputs, in their shape, `[batch, time, input]` or with time first; zero past each length.
    public let inputs: Tensor
    /// Of the state before the first step.
    public let initialState: StackState
  }

  /// Carries gradients back through time: full backpropagation over the steps of one forward pass.
  ///
  /// ```
  /// dz(t) = ∂L/∂z(t)        of the sums z(t) = b + W x(t) + U h(t-1) of each layer
  /// dW = Σ dz(t) x(t)ᵀ      dU = Σ dz(t) h(t-1)ᵀ      db = Σ dz(t)      over all steps and sequences
  /// dx(t) = Wᵀ dz(t)        dh(t-1) = Uᵀ dz(t), and what the cell carries on by itself
  /// ```
  ///
  /// Source: Werbos, *Backpropagation Through Time: What It Does and How to Do It*, 1990.
  ///
  /// - Parameters:
  ///   - tape: what the forward pass kept. It can be used once.
  ///   - outputs: the gradient of the outputs, in their shape, `[batch, time, output]` or with time first; zeros where
  ///     nil. What it holds past a length is not read.
  ///   - finalState: the gradient of the final states; zeros where nil.
  /// - Returns: the gradients of the weights that the forward pass had, summed over the batch, and those of inputs and
  ///   initial state.
  /// - Precondition: the tape has not been used, and comes from a stack whose weights have the same names and shapes;
  ///   gradients have the shapes of what they are gradients of.
  /// - Complexity: about twice that of the forward pass.
  public func gradients(
    _ tape: Tape, outputs: Tensor? = nil, finalState: StackState? = nil
  ) -> Gradients {
    tape.use()
    require(
      tape.parameters.entries == parameters.entries, "a tape serves the stack that made it; this one has other weights")
    if let finalState { check(finalState, batchSize: tape.batchSize) }
    let plan = tape.job.network
    if let outputs {
      require(
        outputs.shape == tape.outputShape,
        "expected a gradient of shape \(tape.outputShape); found \(outputs.shape)")
    }
    var inputs = Tensor(zeros: tape.inputShape)
    var gradient = parameters.zeros
    let initial = StateBuffers(plan: plan, batchSize: tape.batchSize)
    let tileCount = tape.job.tiling.tileCount
    let transposed = Tile.allocate(plan.transposedCount)
    let tileGradients = Tile.allocate(max(tileCount * plan.gradientCount, 1))
    defer {
      rk_free(transposed)
      rk_free(tileGradients)
    }
    tape.parameters.values.withPointer { parameters in
      inputs.values.withMutablePointer { inputs in
        gradient.values.withMutablePointer { gradient in
          withOptionalPointer(outputs) { outputs in
            // Without sequences there are no tiles, and the gradient is zero as it stands.
            if tileCount == 0 { return }
            let used = tape.job.usedParameters(of: parameters)
            plan.transposeWeights(used, to: transposed, worker: 0, workers: 1)
            tape.job.backward(
              StackJob.Backward(
                parameters: used, outputGradient: outputs,
                finalGradients: finalState?.layers.map(\.components), transposed: transposed,
                tileGradients: tileGradients, inputGradient: inputs, initialGradients: initial.pointers),
              pool: tape.threads)
            plan.sumGradients(tileGradients, tileCount: tileCount, to: gradient, worker: 0, workers: 1)
            if let seed = tape.job.seed {
              plan.dropWeights(gradient, range: 0..<plan.parameterCount, seed: seed)
            }
          }
        }
      }
    }
    return Gradients(parameters: gradient, inputs: inputs, initialState: initial.state(of: cells))
  }

  private func withOptionalPointer(_ tensor: Tensor?, _ body: (UnsafePointer<Float>?) -> Void) {
    if let tensor {
      tensor.values.withPointer { body($0) }
    } else {
      body(nil)
    }
  }
}
