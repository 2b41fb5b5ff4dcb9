@testable import Recurrent
import TestSupport
import Testing

/// Long sequences go through a network some steps at a time, in memory that stays in the caches.
@Suite struct WindowTests {
  private static let (batch, steps) = (11, 2600)
  /// Some end in each of the windows, one at a window's end, some never begin.
  private static let lengths = [2600, 3, 1300, 0, 2599, 700, 1301, 2600, 1, 1299, 650]

  private static let kinds =
    CellKind.all.map { StackCase(kinds: [$0], sizes: .init("long sequences", batch, steps, 2, 5)) } + [
      StackCase(kinds: [.lstm, .gru, .lstmProjected], sizes: .init("three long layers", batch, steps, 2, 5, 3, 6)),
      StackCase(kinds: [.gru], sizes: .init("long shared tiles", batch, 300, 2, 130)),
    ]

  private func stack(_ name: StackCase) -> RecurrentStack {
    var stack = RecurrentStack(inputSize: name.sizes.input, layers: name.layers)
    stack.parameters.fillWithChirps()
    return stack
  }

  private func windows(_ plan: NetworkPlan, batch: Int, steps: Int) -> Int {
    let lanes = Tiling(network: plan, sampleCount: batch).lanes
    let atOnce = TileLayout.stepsAtOnce(plan, steps: steps, lanes: lanes)
    return (steps + atOnce - 1) / atOnce
  }

  @Test("outputs and final states are those of all steps at once, bit for bit", arguments: kinds, [false, true])
  func stacks(name: StackCase, isRagged: Bool) {
    let stack = stack(name)
    let steps = name.sizes.steps
    #expect(windows(stack.plan, batch: Self.batch, steps: steps) > 1)
    let lengths = isRagged ? Self.lengths.map { min($0, steps) } : nil
    let inputs = ClosedForm.chirp.tensor(1, [Self.batch, steps, 2]).padded(with: .nan, past: lengths)
    let state = stack.state(batchSize: Self.batch, number: 9, scale: 0.5)
    let found = stack(inputs, from: state, lengths: lengths)
    // With a tape all steps are kept.
    let expected = stack.forward(inputs, from: state, lengths: lengths)
    #expect(bitMismatch(of: found.outputs, with: expected.outputs) == nil)
    #expect(bitMismatch(of: found.finalState, with: expected.finalState) == nil)
  }

  @Test("logits of a batch are those of its sequences alone, whichever layer is on top", arguments: [false, true])
  func classifiers(isResidual: Bool) throws {
    let top = LayerConfiguration(LSTMCell(hiddenSize: 3))
    var network = SequenceModel(
      .init(
        input: .features(2), layers: [LayerConfiguration(GRUCell(hiddenSize: 3)), isResidual ? top.residual() : top],
        output: .classes(4)))
    network.parameters.fillWithChirps()
    #expect(windows(network.plan, batch: Self.batch, steps: Self.steps) > 1)
    let inputs = ClosedForm.chirp.tensor(1, [Self.batch, Self.steps, 2])
    let spoilt = inputs.padded(with: .nan, past: Self.lengths)
    let labels = Array(repeating: 0, count: Self.batch)
    let batch = try SequenceBatch(spoilt, labels: labels, lengths: Self.lengths, classCount: 4)
    let (found, overTime) = try (network.logits(for: batch), network.probabilitiesOverTime(for: batch))
    for (sample, length) in Self.lengths.enumerated() {
      // As short as it is, and read to its end by a stream.
      let alone = try SequenceBatch(inputs.selecting([sample]).steps(0..<length), labels: [0], classCount: 4)
      let logits = try network.logits(for: alone)
      #expect(bitMismatch(of: found.selecting([sample]), with: logits) == nil, "sequence \(sample) of \(length) steps")
      if length == 0 { continue }
      var stream = try network.makeStream()
      try stream.run(inputs.selecting([sample]).steps(0..<length).values)
      #expect(bitMismatch(of: stream.values, with: logits.values) == nil, "sequence \(sample) of \(length) steps")
      let last = overTime.selecting([sample]).steps(length - 1..<length)
      #expect(bitMismatch(of: last.values, with: stream.probabilities) == nil)
    }
  }

  @Test("a sequence of a hundred thousand steps takes the memory of a few hundred")
  func memory() {
    let stack = RecurrentStack(inputSize: 4, LSTMCell(hiddenSize: 32), LSTMCell(hiddenSize: 32))
    let atOnce = TileLayout.stepsAtOnce(stack.plan, steps: 100_000, lanes: 8)
    #expect(TileLayout(stack.plan, steps: atOnce, lanes: 8).count < 1 << 19)
    #expect(TileLayout.stepsAtOnce(stack.plan, steps: 100_000, lanes: 8, purpose: .init(isTraining: true)) == 100_000)
    let reverse = RecurrentStack(inputSize: 4, layers: [.reverse(GRUCell(hiddenSize: 32))])
    #expect(TileLayout.stepsAtOnce(reverse.plan, steps: 100_000, lanes: 8) == 100_000)
    // Short sequences are read at once.
    for steps in [0, 1, 28] {
      #expect(TileLayout.stepsAtOnce(stack.plan, steps: steps, lanes: 64) == steps)
    }
  }
}
