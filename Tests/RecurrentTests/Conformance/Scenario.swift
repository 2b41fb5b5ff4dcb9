import Recurrent
import TestSupport

/// A stack with a batch to run it on, all in closed form, and what every output and final state weighs in the scalar
/// whose gradients are taken.
///
/// Where sequences have lengths, inputs and weights hold NaN past them, which nobody may ever read.
struct Scenario {
  let name: StackCase
  var stack: RecurrentStack
  let inputs: Tensor
  let lengths: [Int]?
  let state: StackState
  let outputWeights: Tensor
  let finalWeights: StackState

  init(_ name: StackCase, isRagged: Bool = false, threads: ThreadPool = .shared) {
    let sizes = name.sizes
    self.name = name
    let layers = name.layers
    stack = RecurrentStack(inputSize: sizes.input, layers: layers, threads: threads)
    stack.parameters.fillWithChirps()
    let lengths = isRagged ? ClosedForm.lengths(batch: sizes.batch, steps: sizes.steps) : nil
    self.lengths = lengths
    func steps(_ number: Int, features: Int) -> Tensor {
      ClosedForm.chirp.tensor(number, [sizes.batch, sizes.steps, features]).padded(with: .nan, past: lengths)
    }
    inputs = steps(100, features: sizes.input)
    outputWeights = steps(101, features: layers[layers.count - 1].outputSize)
    state = stack.state(batchSize: sizes.batch, number: 200, scale: 0.5)
    finalWeights = stack.state(batchSize: sizes.batch, number: 300, scale: 1)
  }

  /// The true lengths, whether or not they are given.
  var allLengths: [Int] { lengths ?? Array(repeating: name.sizes.steps, count: name.sizes.batch) }

  /// The same network and batch in `Double`.
  var reference: ReferenceNetwork {
    ReferenceNetwork(
      name.allKinds.map(\.reference), stack.parameters, inputs: inputs, lengths: lengths, state: state,
      isBidirectional: name.isBidirectional, reverseLayers: name.reverseLayers)
  }

  /// Outputs, final states and all gradients.
  func run() -> (outputs: Tensor, finalState: StackState, gradients: RecurrentStack.Gradients) {
    let (outputs, finalState, tape) = stack.forward(inputs, from: state, lengths: lengths)
    return (outputs, finalState, stack.gradients(tape, outputs: outputWeights, finalState: finalWeights))
  }

  /// One sequence of the batch, cut to its length, as a batch of its own; a sequence of length 0 keeps one step, since
  /// there are no tensors of none.
  func alone(_ sample: Int) -> Alone {
    let length = allLengths[sample]
    let steps = 0..<max(length, 1)
    return Alone(
      length: length, inputs: inputs.selecting([sample]).steps(steps), lengths: length == 0 ? [0] : nil,
      state: state.selecting([sample]), outputWeights: outputWeights.selecting([sample]).steps(steps),
      finalWeights: finalWeights.selecting([sample]))
  }

  struct Alone {
    let length: Int
    let inputs: Tensor
    let lengths: [Int]?
    let state: StackState
    let outputWeights: Tensor
    let finalWeights: StackState
  }
}

extension RecurrentStack {
  /// A state in closed form, each component of each layer a tensor of its own.
  func state(batchSize: Int, number: Int, scale: Double) -> StackState {
    StackState(
      cells.enumerated().map { layer, cell in
        cell.state(batchSize: batchSize, number: number + 10 * layer, scale: scale)
      })
  }
}

extension RecurrentCell {
  fileprivate func state(batchSize: Int, number: Int, scale: Double) -> any RecurrentState {
    State(
      components: (0..<State.componentCount).map {
        ClosedForm.chirp.tensor(number + $0, [batchSize, $0 == 0 ? outputSize : hiddenSize], scale: scale)
      })
  }
}
