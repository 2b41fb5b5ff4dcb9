import Foundation
import Recurrent
import TestSupport
import Testing

/// Every order of what gates read, in one phase and in two, streams as it runs in a batch, bit for bit.
@Suite struct StreamingSourceTests {
  /// All lists of one to four sources in which something reads the input and something the hidden state.
  private static let lists: [[GateSource]] = {
    let sources: [GateSource] = [.inputAndHidden, .input, .hidden, .inputAndGated]
    var lists: [[GateSource]] = [[]]
    var all: [[GateSource]] = []
    for _ in 0..<4 {
      lists = lists.flatMap { list in sources.map { list + [$0] } }
      all += lists
    }
    return all.filter { $0.contains { $0 != .hidden } && $0.contains { $0 != .input } }
  }()

  @Test(arguments: [1, 3])
  func orders(count: Int) throws {
    #expect(Self.lists.count == 4 + 16 + 64 + 256 - 2 * 4)
    for gates in Self.lists {
      // The layer above reads what the one below has put together.
      var network = SequenceModel(
        .init(
          input: .features(2),
          layers: [
            LayerConfiguration(SourceCell(hiddenSize: 5, gates: gates)),
            LayerConfiguration(SourceCell(hiddenSize: 3, gates: gates.reversed())),
          ], output: .classes(2)), initializer: .pyTorch, seed: 7)
      let inputs = ClosedForm.chirp.tensor(3, [count, 10, 2])
      let labels = Array(repeating: 0, count: count)
      let logits = try network.logits(for: SequenceBatch(inputs, labels: labels, classCount: 2))
      network.threads = ThreadPool(threads: 1)
      for sample in 0..<count {
        var (whole, steps) = try (network.makeStream(), network.makeStream())
        let sequence = inputs.selecting([sample])
        try whole.run(sequence.values)
        for t in 0..<10 { try steps.step(sequence.steps(t..<t + 1).values) }
        let expected = logits.selecting([sample]).values
        #expect(bitMismatch(of: whole.values, with: expected) == nil, "\(gates)")
        #expect(bitMismatch(of: steps.values, with: expected) == nil, "\(gates)")
      }
    }
  }
}

/// A cell whose gates read what one likes.
///
/// ```
/// phase 0    q = h + Σ (g + 1) zᵍ / 8    of the gates of this phase; without others there is no q
/// phase 1    h' = tanh(Σ (g + 1) zᵍ)     of all gates
/// ```
private struct SourceCell: RecurrentCell {
  typealias State = ElmanCell.State

  static var name: String { "source" }
  let hiddenSize: Int
  let gates: [GateSource]
  var tapeSize: Int { 0 }

  func forward(_ step: CellStep) {
    let isGated = gates.map { $0 == .inputAndGated }
    let isLast = step.phase == 1 || !isGated.contains(true)
    for unit in step.units {
      for lane in 0..<step.lanes {
        func z(_ gate: Int) -> Float { step.gate(gate, unit: unit)[lane] }
        if isLast {
          step.next(0, unit: unit)[lane] = tanh(gates.indices.reduce(Float(0)) { $0 + Float($1 + 1) * z($1) })
        } else {
          let sum = gates.indices.reduce(Float(0)) { isGated[$1] ? $0 : $0 + Float($1 + 1) * z($1) }
          step.gated(unit: unit)[lane] = step.previous(0, unit: unit)[lane] + sum / 8
        }
      }
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) { preconditionFailure("this cell does not learn") }
}
