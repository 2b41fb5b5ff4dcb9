@testable import Recurrent
import TestSupport
import Testing

/// A step that remembers some states and computes the others again is the step that remembers all, in less memory.
@Suite struct RecomputationTests {
  /// A network, and what is special about it.
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    var input = ModelConfiguration.Input.features(4)
    var output = ModelConfiguration.Output.classes(3)
    var initialState = ModelConfiguration.InitialState.zero
    let layers: [LayerConfiguration]

    var testDescription: String { reason }

    func model(_ readout: ModelConfiguration.Readout, threads: Int) -> SequenceModel {
      SequenceModel(
        .init(input: input, layers: layers, readout: readout, output: output, initialState: initialState), seed: 5,
        threads: ThreadPool(threads: threads))
    }
  }

  private static let all = Regularization(
    dropout: 0.2, recurrentDropout: 0.3, hiddenZoneout: 0.2, stateZoneout: 0.1, weightDrop: 0.2)
  private static let mixed = [CellKind.lstm, .gru, .elman].map { LayerConfiguration($0.make(4)) }

  private static let cases =
    CellKind.all.map { kind in
      Case(
        reason: kind.name,
        layers: [kind.make(5), GRUCell(hiddenSize: 4), kind.make(6)].map { LayerConfiguration($0) })
    } + [
      Case(reason: "one layer", layers: .lstm(5)),
      Case(reason: "more layers than steps in a window", layers: .gru(3, count: 7)),
      Case(reason: "masks of every kind", layers: mixed.map { $0.regularized(all) }),
      Case(
        reason: "one mask for all steps",
        layers: mixed.map { $0.regularized(Regularization(dropout: 0.3, isVariational: true)) }),
      Case(reason: "each layer adds its input", layers: mixed.map { $0.residual() }),
      Case(
        reason: "each layer adds its input and drops outputs",
        layers: mixed.map { $0.residual().regularized(Regularization(dropout: 0.3)) }),
      Case(reason: "tokens that select columns", input: .tokens(5), layers: mixed),
      Case(reason: "tokens in an embedding", input: .tokens(5, embedding: 4), layers: mixed),
      Case(
        reason: "an embedding below a layer that adds its input", input: .tokens(5, embedding: 4),
        layers: mixed.map { $0.residual() }),
      Case(reason: "values", output: .values(2), layers: mixed),
      Case(reason: "independent labels", output: .labels(3), layers: mixed),
      Case(reason: "learned initial states", initialState: .learned, layers: mixed),
      Case(
        reason: "all threads on one tile",
        layers: [LayerConfiguration(LSTMCell(hiddenSize: 97)), LayerConfiguration(GRUCell(hiddenSize: 8))]),
    ]

  private static let (count, steps) = (37, 23)
  /// Some end within a window, some at its end; one has no step.
  private static let lengths = (0..<count).map { Int32([23, 7, 1, 14, 0, 22, 8, 23, 15][$0 % 9]) }
  /// From a state for every step to one window and a little more.
  private static let intervals = [1, 2, 5, 11, 20]

  private func batch(_ model: SequenceModel, _ readout: ModelConfiguration.Readout, lengths: [Int32]?) throws
    -> SequenceBatch
  {
    let (count, steps) = (Self.count, Self.steps)
    let isEveryStep = readout == .everyStep
    let rows = count * (isEveryStep ? steps : 1)
    let inputs: SequenceInputs =
      model.plan.input.readsTokens
      ? .tokens((0..<count * steps).map { Int32($0 * $0 % 5) }, count: 5)
      : .floats(ClosedForm.chirp.tensor(1, [count, steps, 4]).values, features: 4)
    let size = model.outputSize
    let targets: SequenceTargets =
      switch model.configuration.output {
      case .classes: .classes((0..<rows).map { Int32($0 * 7 % size) }, count: size, everyStep: isEveryStep)
      case .values: .values(ClosedForm.chirp.tensor(2, [rows, size]).values, size: size, everyStep: isEveryStep)
      case .labels: .values((0..<rows * size).map { Float($0 % 2) }, size: size, everyStep: isEveryStep)
      }
    return try SequenceDataset(inputs, targets: targets, stepCount: steps, count: count, lengths: lengths).wholeBatch
  }

  @Test(
    "two steps of training give the same bits", arguments: cases, ModelConfiguration.Readout.allCases)
  func sameBits(example: Case, readout: ModelConfiguration.Readout) throws {
    for lengths in [nil, Self.lengths] {
      var expected = example.model(readout, threads: 1)
      let batch = try batch(expected, readout, lengths: lengths)
      var rule = Adam(learningRate: 0.01)
      let results = try (0..<2).map { _ in try expected.train(on: batch, with: &rule) }
      for (number, interval) in Self.intervals.enumerated() {
        var found = example.model(readout, threads: 1 + number % 2)
        var rule = Adam(learningRate: 0.01)
        let again = try (0..<2).map { _ in try found.train(on: batch, with: &rule, remembering: interval) }
        #expect(again == results, "every \(interval) steps, \(lengths == nil ? "full" : "ragged")")
        let mismatch = bitMismatch(of: found.parameters, with: expected.parameters)
        #expect(mismatch == nil, "every \(interval) steps, \(lengths == nil ? "full" : "ragged")")
      }
    }
  }

  @Test("a step on several batches, and one on a window of longer sequences, give the same bits")
  func otherSteps() throws {
    let example = Case(reason: "", layers: Self.mixed.map { $0.regularized(Self.all) })
    var (expected, found) = (example.model(.everyStep, threads: 1), example.model(.everyStep, threads: 2))
    let batches = try [nil, Self.lengths].map { try batch(expected, .everyStep, lengths: $0) }
    var (rule, other) = (Adam(learningRate: 0.01), Adam(learningRate: 0.01))
    #expect(
      try found.train(on: batches, with: &other, remembering: 4) == expected.train(on: batches, with: &rule))
    var (state, again) = (expected.zeroState(batchSize: Self.count), expected.zeroState(batchSize: Self.count))
    for _ in 0..<2 {
      try expected.train(on: batches[1], from: &state, with: &rule)
      try found.train(on: batches[1], from: &again, with: &other, remembering: 4)
      #expect(bitMismatch(of: again, with: state) == nil)
    }
    #expect(bitMismatch(of: found.parameters, with: expected.parameters) == nil)
  }

  @Test("the loop passes the interval on: its tiles are smaller")
  func loop() throws {
    let example = Case(reason: "", layers: .lstm(5, count: 2))
    let sizes = try [nil, 3].map { interval in
      var model = example.model(.last, threads: 1)
      let data = try batch(model, .last, lengths: nil).dataset
      var rule = Adam()
      try TrainingLoop(epochs: 1, batchSize: Self.count, options: .init(remembering: interval)).run(
        &model, optimizer: &rule, training: data, validation: data[0..<0])
      return model.workspaces.take().tiles[0].capacity
    }
    #expect(sizes[1] < sizes[0] / 2)
  }

  @Test("a tile is as large as a window and its states, and no larger than one of all steps", arguments: [nil, 40])
  func memory(embedding: Int?) throws {
    let input = embedding.map { ModelConfiguration.Input.tokens(9, embedding: $0) } ?? .features(4)
    let example = Case(reason: "", input: input, layers: .lstm(20, count: 3))
    let whole = example.tileSize(steps: 1000, remembering: nil)
    #expect(example.tileSize(steps: 1000, remembering: 32) < whole / (embedding == nil ? 12 : 7))
    #expect(example.tileSize(steps: 1000, remembering: 997) == whole, "a window would hold all steps")
    // With n steps in a window there are 1000 / n states.
    let sizes = [2, 16, 200].map { example.tileSize(steps: 1000, remembering: $0) }
    #expect(sizes[1] < sizes[0] && sizes[1] < sizes[2])
    let model = example.model(.last, threads: 1)
    let bytes = [nil, 16].map { model.trainingBytes(batch: 64, steps: 1000, remembering: $0, copies: 0) }
    let lanes = Tiling(network: model.plan, sampleCount: 64).lanes
    #expect(bytes[0] - bytes[1] == Double(4 * lanes / 8 * (whole - sizes[1])))
  }

  @Test("a layer that reads in reverse cannot", arguments: [true, false])
  func reverse(isBidirectional: Bool) throws {
    let layer: LayerConfiguration =
      isBidirectional
      ? .bidirectional(LSTMCell(hiddenSize: 3), LSTMCell(hiddenSize: 3)) : .reverse(LSTMCell(hiddenSize: 3))
    var model = Case(reason: "", layers: [layer]).model(.last, threads: 1)
    let (before, batch) = try (model.parameters, batch(model, .last, lengths: nil))
    var rule = Adam()
    let error = #expect(throws: InputError.self) { try model.train(on: batch, with: &rule, remembering: 4) }
    #expect(
      error?.description.contains("found a network that reads in reverse, which needs the states of all steps") == true)
    #expect(bitMismatch(of: model.parameters, with: before) == nil)
  }
}

extension RecomputationTests.Case {
  /// The floats of a tile of eight lanes.
  fileprivate func tileSize(steps: Int, remembering interval: Int?) -> Int {
    let plan = model(.last, threads: 1).plan
    let purpose = TileLayout.Purpose.trainingStep(
      plan, hasGivenState: false, hasValueTargets: false,
      recomputation: interval.flatMap { Recomputation(every: $0, steps: steps, network: plan) })
    let atOnce = TileLayout.stepsAtOnce(plan, steps: steps, lanes: 8, purpose: purpose)
    return TileLayout(plan, steps: atOnce, lanes: 8, purpose: purpose).count
  }
}
