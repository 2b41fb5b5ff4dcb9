@testable import Recurrent
import TestSupport
import Testing

/// The estimate of what training takes is made before anything is allocated, and has to come out true.
@Suite struct TrainingBytesTests {
  @Test(
    "the estimate has the tiles and gradients that a step then takes, whatever the network",
    arguments: ModelConfiguration.Readout.allCases, ModelConfiguration.InitialState.allCases)
  func tiles(readout: ModelConfiguration.Readout, initialState: ModelConfiguration.InitialState) throws {
    let (count, steps) = (37, 5)
    let isEveryStep = readout == .everyStep
    let rows = count * (isEveryStep ? steps : 1)
    for input in [.features(3), .tokens(7, embedding: 2)] as [ModelConfiguration.Input] {
      for output in [.classes(4), .values(4), .labels(4)] as [ModelConfiguration.Output] {
        // A layer that reads in reverse has its initial state, and the gradient of that, in memory of their own.
        let model = SequenceModel(
          .init(
            input: input, layers: .lstm(5, isBidirectional: true), readout: readout, output: output,
            initialState: initialState), threads: ThreadPool(threads: 1))
        let inputs: SequenceInputs =
          model.embedding == nil
          ? .floats(Array(repeating: 0.5, count: count * steps * 3), features: 3)
          : .tokens(Array(repeating: 1, count: count * steps), count: 7)
        let targets: SequenceTargets =
          output == .classes(4)
          ? .classes(Array(repeating: 1, count: rows), count: 4, everyStep: isEveryStep)
          : .values(Array(repeating: 1, count: rows * 4), size: 4, everyStep: isEveryStep)
        let batch = try SequenceDataset(inputs, targets: targets, stepCount: steps, count: count).wholeBatch
        _ = try model.gradient(on: batch)
        let workspace = model.workspaces.take()
        let tiles = Tiling(network: model.plan, sampleCount: count)
        #expect(tiles.tileCount > 1 && !tiles.sharesTiles)
        let floats =
          5 * model.parameters.count + tiles.tileCount * model.plan.gradientCount
          + workspace.tiles.reduce(0) { $0 + $1.capacity }
        #expect(
          model.trainingBytes(batch: count, steps: steps, copies: 0) == Double(4 * floats), "\(model.configuration)")
      }
    }
  }
}
