import Recurrent
import TestSupport
import Testing

/// The number of threads changes how long a result takes, never its bits.
@Suite struct DeterminismConformanceTests {
  @Test(
    "outputs, states and gradients are the same on any number of threads", arguments: StackCase.few, [2, 3, 5])
  func stack(name: StackCase, threads: Int) {
    let one = Scenario(name, isRagged: true, threads: ThreadPool(threads: 1)).run()
    let several = Scenario(name, isRagged: true, threads: ThreadPool(threads: threads))
    // Which thread gets which tile differs from run to run.
    for _ in 0..<5 {
      let result = several.run()
      #expect(bitMismatch(of: result.outputs, with: one.outputs) == nil)
      #expect(bitMismatch(of: result.finalState, with: one.finalState) == nil)
      #expect(bitMismatch(of: result.gradients.parameters, with: one.gradients.parameters) == nil)
      #expect(bitMismatch(of: result.gradients.inputs, with: one.gradients.inputs) == nil)
      #expect(bitMismatch(of: result.gradients.initialState, with: one.gradients.initialState) == nil)
    }
  }

  @Test("ten training steps end in the same weights on any number of threads", arguments: StackCase.few)
  func training(name: StackCase) throws {
    let one = try train(name, threads: 1)
    let result = try one.network.evaluate(on: one.batch)
    for threads in [2, 3, 5] {
      let several = try train(name, threads: threads)
      #expect(several.losses == one.losses, "\(threads) threads")
      #expect(bitMismatch(of: several.network.parameters, with: one.network.parameters) == nil, "\(threads) threads")
      #expect(try several.network.evaluate(on: several.batch) == result, "\(threads) threads")
    }
  }

  @Test("a batch smaller than its threads leaves some of them without work", arguments: [1, 2, 16, 17, 40], [3, 5])
  func moreThreadsThanTiles(batch: Int, threads: Int) {
    let name = StackCase(kinds: [.lstm], sizes: .init("small", batch, 3, 2, 4))
    let one = Scenario(name, threads: ThreadPool(threads: 1))
    let expected = one.stack(one.inputs)
    let several = Scenario(name, threads: ThreadPool(threads: threads))
    for _ in 0..<200 {
      let result = several.stack(several.inputs)
      #expect(bitMismatch(of: result.outputs, with: expected.outputs) == nil)
    }
  }

  private func train(
    _ name: StackCase, threads: Int
  ) throws -> (losses: [Float], network: SequenceModel, batch: SequenceBatch) {
    let scenario = Scenario(name, isRagged: true)
    let batch = try SequenceBatch(
      scenario.inputs, labels: (0..<name.sizes.batch).map { $0 * 3 % 4 }, lengths: scenario.lengths, classCount: 4)
    var network = SequenceModel(
      .init(input: .features(scenario.stack.inputSize), layers: scenario.stack.layers, output: .classes(4)), seed: 7,
      threads: ThreadPool(threads: threads))
    var optimizer = Adam(learningRate: 0.01)
    let losses = try (0..<10).map { _ in try network.train(on: batch, with: &optimizer).loss }
    return (losses, network, batch)
  }
}
