@testable import Recurrent
import TestSupport
import Testing

/// A single long sequence is read as a stream is: in an eighth of the operations, to the same bits.
@Suite struct StreamedStackTests {
  private static let steps = 700

  private static let cases =
    CellKind.all.map { kind in
      LayerOptionTests.Case(kind.name, LayerConfiguration(kind.make(7)))
    } + LayerOptionTests.Case.random + [
      LayerOptionTests.Case("residual", LayerOptionTests.Case.lstm.residual(), LayerOptionTests.Case.gru.residual()),
      LayerOptionTests.Case("projected, residual", LayerOptionTests.Case.projected.residual()),
      LayerOptionTests.Case(
        "three layers", LayerOptionTests.Case.elman, LayerOptionTests.Case.mgu, LayerOptionTests.Case.indRNN),
    ]

  @Test("outputs and final state are those of a tile, bit for bit", arguments: cases, [0, 1, 300, 699, 700])
  func sameBits(example: LayerOptionTests.Case, length: Int) {
    let stack = example.stack()
    for layout in SequenceLayout.allCases {
      for state in [nil, stack.state(batchSize: 1, number: 3, scale: 0.5)] {
        let inputs = ClosedForm.chirp.tensor(1, [1, Self.steps, 6]).padded(with: .nan, past: [length])
        // Beside a second sequence it goes through a tile.
        let both = Tensor(known: [2, Self.steps, 6], values: inputs.values + inputs.values)
        let states = state.map { state in
          StackState(
            zip(stack.cells, state.layers).map { cell, layer in
              cell.makeState(
                layer.components.map { Tensor(known: [2, $0.count], values: $0.values + $0.values) })
            })
        }
        let expected = stack(both, from: states, lengths: [length, length])
        let shape = layout.shape(count: 1, steps: Self.steps, features: 6)
        let found = stack(
          Tensor(known: shape, values: inputs.values), from: state, lengths: length == Self.steps ? nil : [length],
          layout: layout)
        #expect(bitMismatch(of: found.outputs.values, with: expected.outputs.selecting([0]).values) == nil)
        #expect(bitMismatch(of: found.finalState, with: expected.finalState.selecting([0])) == nil)
      }
    }
  }

  @Test("short sequences, several at once, reverse directions, wide layers and cells of a user's own go through tiles")
  func tiles() {
    let long = Tensor(zeros: [1, 700, 3])
    func reads(_ layers: [LayerConfiguration], _ inputs: Tensor) -> Bool {
      RecurrentStack(inputSize: 3, layers: layers).readsAsStream(inputs, layout: .batchMajor)
    }
    let lstm = LayerConfiguration(LSTMCell(hiddenSize: 5))
    #expect(reads([lstm], long))
    #expect(!reads([lstm], Tensor(zeros: [2, 700, 3])) && !reads([lstm], Tensor(zeros: [1, 28, 3])))
    #expect(!reads([.reverse(LSTMCell(hiddenSize: 5))], long))
    #expect(!reads([LayerConfiguration(LSTMCell(hiddenSize: 130))], long))
    #expect(!reads([lstm, LayerConfiguration(UserCell(hiddenSize: 5))], long))
  }
}
