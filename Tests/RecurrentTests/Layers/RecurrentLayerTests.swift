import Recurrent
import TestSupport
import Testing

/// A layer is a stack of one, with states of its cell's own type; what a stack says about its parts is true.
@Suite struct RecurrentLayerTests {
  private let inputs = ClosedForm.chirp.tensor(1, [9, 5, 3])
  private let lengths = [3, 5, 0, 1, 5, 2, 4, 5, 3]

  @Test("an LSTM layer is a stack of one, with hidden and cell state by name")
  func lstm() {
    let cell = LSTMCell(hiddenSize: 7)
    let layer = RecurrentLayer(inputSize: 3, cell, seed: 5)
    let stack = RecurrentStack(inputSize: 3, cell, seed: 5)
    #expect(layer.parameters == stack.parameters)
    let hidden = ClosedForm.chirp.tensor(2, [9, 7], scale: 0.5)
    let cellState = ClosedForm.chirp.tensor(3, [9, 7], scale: 0.5)
    let state = LSTMCell.State(hidden: hidden, cell: cellState)
    #expect(state.hidden == hidden && state.cell == cellState)
    let mine = layer(inputs, from: state, lengths: lengths)
    let other = stack(inputs, from: StackState([state]), lengths: lengths)
    #expect(bitMismatch(of: mine.outputs, with: other.outputs) == nil)
    #expect(mine.finalState == other.finalState.layer(0, of: LSTMCell.self))
    // Hidden and cell state are not exchanged on the way.
    #expect(bitMismatch(of: mine.finalState.hidden, with: other.finalState[0].components[0]) == nil)
    #expect(bitMismatch(of: mine.finalState.cell, with: other.finalState[0].components[1]) == nil)
    #expect(mine.finalState.hidden != mine.finalState.cell)
  }

  @Test("an Elman layer is a stack of one, and takes new weights")
  func elman() {
    let cell = ElmanCell(hiddenSize: 7)
    var layer = RecurrentLayer(inputSize: 3, cell)
    var stack = RecurrentStack(inputSize: 3, cell)
    layer.parameters.fillWithChirps()
    stack.parameters.fillWithChirps()
    let state = ElmanCell.State(hidden: ClosedForm.chirp.tensor(2, [9, 7]))
    let mine = layer(inputs, from: state)
    let other = stack(inputs, from: StackState([state]))
    #expect(bitMismatch(of: mine.outputs, with: other.outputs) == nil)
    #expect(mine.finalState == other.finalState.layer(0, of: ElmanCell.self))
    #expect(layer(inputs).finalState == layer(inputs, from: layer.zeroState(batchSize: 9)).finalState)
  }

  @Test("a layer draws its weights by its initialiser and seed, and runs on its threads")
  func options() {
    let cell = LSTMCell(hiddenSize: 7)
    #expect(
      RecurrentLayer(inputSize: 3, cell, seed: 1).parameters != RecurrentLayer(inputSize: 3, cell, seed: 2).parameters)
    #expect(
      RecurrentLayer(inputSize: 3, cell, initializer: .keras).parameters
        != RecurrentLayer(inputSize: 3, cell).parameters)
    let alone = RecurrentLayer(inputSize: 3, cell, threads: ThreadPool(threads: 1))
    #expect(bitMismatch(of: alone(inputs).outputs, with: RecurrentLayer(inputSize: 3, cell)(inputs).outputs) == nil)
  }

  @Test("zero states have the shapes of their layers, and are zero")
  func zeroStates() {
    let cells: [any RecurrentCell] = [
      ElmanCell(hiddenSize: 5), LSTMCell(hiddenSize: 7),
      UserCell(hiddenSize: 2),
    ]
    let state = RecurrentStack(inputSize: 3, layers: cells.map { LayerConfiguration($0) }).zeroState(batchSize: 4)
    let components = state.layers.map(\.components)
    #expect(components.map { $0.map(\.shape) } == [[[4, 5]], [[4, 7], [4, 7]], [[4, 2], [4, 2], [4, 2]]])
    #expect(components.joined().allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    #expect(state[1].hidden.shape == [4, 7])
  }

  @Test("states are equal where all their components are")
  func equality() {
    let stack = RecurrentStack(inputSize: 2, LSTMCell(hiddenSize: 3))
    let state = stack.state(batchSize: 4, number: 5, scale: 1)
    #expect(state == stack.state(batchSize: 4, number: 5, scale: 1))
    #expect(state != stack.state(batchSize: 4, number: 6, scale: 1))
    let cell = state.layer(0, of: LSTMCell.self)
    #expect(state != StackState([LSTMCell.State(hidden: cell.hidden, cell: cell.hidden)]))
  }

  @Test("parameters are named and shaped as PyTorch's, layer by layer")
  func parameterNames() {
    let stack = RecurrentStack(inputSize: 28, LSTMCell(hiddenSize: 20), ElmanCell(hiddenSize: 7))
    let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1"]
    #expect(stack.parameters.entries.map(\.name) == names)
    #expect(stack.parameters.entries.map(\.shape) == [[80, 28], [80, 20], [80], [7, 20], [7, 7], [7]])
    #expect(stack.parameters.count == 80 * 49 + 7 * 28)
    // Only the rows of gates that read an operand have weights for it.
    let shapes = UserCell(hiddenSize: 2).parameterShapes(inputSize: 5, layer: 3)
    #expect(shapes.map(\.name) == ["weight_ih_l3", "weight_hh_l3", "bias_ih_l3", "weight_mh_l3"])
    #expect(shapes.map(\.shape) == [[6, 5], [6, 2], [8], [2]])
  }

  @Test("the gates of an LSTM are input, forget, candidate, output")
  func gateOrder() {
    #expect(LSTMCell.Gate.allCases == [.input, .forget, .candidate, .output])
    #expect(LSTMCell(hiddenSize: 1).forgetGate == LSTMCell.Gate.forget.rawValue)
    #expect(ElmanCell(hiddenSize: 1).forgetGate == nil)
    #expect(LSTMCell.name == "lstm" && ElmanCell.name == "elman")
  }

  @Test("a batch of no sequences gives no outputs, and gradients of zero")
  func emptyBatch() {
    let stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 7))
    let (outputs, finalState, tape) = stack.forward(Tensor(zeros: [0, 5, 3]))
    #expect(outputs.shape == [0, 5, 7])
    #expect(finalState[0].hidden.shape == [0, 7])
    let gradients = stack.gradients(tape, outputs: outputs)
    #expect(gradients.parameters == stack.parameters.zeros)
    #expect(gradients.inputs.shape == [0, 5, 3])
  }
}
