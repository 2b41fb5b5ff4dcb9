@testable import Recurrent
import RecurrentKernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Plans, regions and layouts: where everything lies.
@Suite struct EngineMemoryTests {
  /// A network with everything that takes memory of its own.
  struct Network: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configuration: ModelConfiguration

    static let all: [Network] = [
      Network(
        testDescription: "features, three kinds of cells",
        configuration: .init(
          input: .features(3), layers: .lstm(5) + .gru(7, resetAfter: false) + .elman(4), output: .classes(6))),
      Network(
        testDescription: "both directions, regularization, every step, labels",
        configuration: .init(
          input: .tokens(11, embedding: 9),
          layers: [
            LayerConfiguration.bidirectional(LSTMCell(hiddenSize: 5), LSTMCell(hiddenSize: 5), merge: .sum)
              .regularized(Regularization(dropout: 0.2, recurrentDropout: 0.1, hiddenZoneout: 0.1, stateZoneout: 0.2)),
            LayerConfiguration(IndRNNCell(hiddenSize: 5)).residual(),
          ], readout: .everyStep, output: .labels(6), initialState: .learned)),
      Network(
        testDescription: "tokens, peepholes, projection, layer normalisation",
        configuration: .init(
          input: .tokens(11),
          layers: [
            LayerConfiguration(
              LSTMCell(hiddenSize: 9, projectionSize: 5, options: .init(hasPeepholes: true))),
            LayerConfiguration(LSTMCell(hiddenSize: 6, options: .init(hasLayerNorm: true))),
          ], readout: .everyStep, output: .values(2))),
    ]
  }

  private static let purposes: [TileLayout.Purpose] = [
    .init(), .init(readsEveryStep: true),
    .init(isTraining: true, hasInitialGradient: true, hasValueTargets: true),
    .init(
      isTraining: true, hasOutputGradient: true, hasInputGradient: true, hasInitialGradient: true,
      readsEveryStep: true, hasValueTargets: true),
    .init(isTraining: true, hasInputGradient: true, keepsHiddenGradients: true),
  ]

  @Test("no region overlaps another, all begin at cache lines and end within the memory", arguments: Network.all)
  func regions(network: Network) {
    let plan = NetworkPlan(network.configuration)
    func check(_ layout: TileLayout) {
      var end = 0
      for (name, region) in layout.regions where !region.isEmpty {
        #expect(region.offset >= end && region.offset.isMultiple(of: 16), "\(name)")
        #expect(region.lanes == layout.lanes, "\(name)")
        end = region.offset + region.count
      }
      #expect(end <= layout.count && layout.count - end < 16)
    }
    for purpose in Self.purposes {
      for (steps, lanes) in [(1, 8), (4, 16), (7, 64)] {
        check(TileLayout(plan, steps: steps, lanes: lanes, purpose: purpose))
      }
    }
    if plan.readsInReverse { return }
    let purpose = TileLayout.Purpose.trainingStep(
      plan, hasGivenState: false, hasValueTargets: true,
      recomputation: Recomputation(every: 2, steps: 30, network: plan))
    let steps = TileLayout.stepsAtOnce(plan, steps: 30, lanes: 16, purpose: purpose)
    #expect(steps == 2 + plan.layers.count)
    check(TileLayout(plan, steps: steps, lanes: 16, purpose: purpose))
  }

  @Test("a region's slots and rows lie where its shape says")
  func region() {
    let memory = AlignedFloats(count: 200)
    let region = Region(offset: 16, slots: 3, rows: 5, lanes: 8)
    #expect(region(memory.base) - memory.base == 16)
    #expect(region(memory.base, slot: 2, row: 4) - memory.base == 16 + (2 * 5 + 4) * 8)
    #expect(region.count == 120 && region.hasSlots && region.slot(1).offset == 16 + 40)
    let shared = Region(offset: 0, slots: 1, rows: 5, lanes: 8)
    #expect(shared.slotStride == 0 && !shared.hasSlots)
  }

  @Test("parameters lie one after the other, as their names and shapes say", arguments: Network.all)
  func parameters(network: Network) {
    let plan = NetworkPlan(network.configuration)
    let parameters = Parameters(plan.parameterShapes)
    #expect(parameters.count == plan.parameterCount)
    for direction in plan.directions {
      let ending = "_l\(direction.level)" + (direction.isReverse ? "_reverse" : "")
      #expect(parameters.entry("weight_ih" + ending)?.offset == direction.inputWeights)
      #expect(parameters.entry("bias_ih" + ending)?.offset == direction.bias)
      #expect(parameters.entry("initial_state" + ending)?.offset == direction.initialState)
      if direction.hiddenRows > 0 {
        #expect(parameters.entry("weight_hh" + ending)?.offset == direction.hiddenWeights)
      }
      if direction.isProjected { #expect(parameters.entry("weight_hr" + ending)?.offset == direction.projection) }
    }
    #expect(parameters.entry("head.weight")?.offset == plan.head?.weights)
    #expect(parameters.entry("head.bias")?.offset == plan.head?.bias)
  }

  @Test("weights are transposed, in rows that do not lie whole pages apart")
  func transposedWeights() {
    let plan = NetworkPlan(.init(input: .features(5), layers: .lstm(256) + .lstm(9), output: .classes(3)))
    let parameters = AlignedFloats((0..<plan.parameterCount).map(Float.init))
    let transposed = AlignedFloats(count: plan.transposedCount)
    for worker in 0..<3 { plan.transposeWeights(parameters.base, to: transposed.base, worker: worker, workers: 3) }
    for direction in plan.directions {
      #expect(!direction.hiddenStride.isMultiple(of: 1024) && !direction.inputStride.isMultiple(of: 1024))
      for row in 0..<direction.gateRows {
        for column in 0..<direction.inputSize {
          let value = transposed.base[direction.transposedInput + column * direction.inputStride + row]
          if value != Float(direction.inputWeights + row * direction.inputSize + column) {
            Issue.record("W[\(row)][\(column)] of layer \(direction.level) is \(value)")
          }
        }
        for column in 0..<direction.outputSize {
          let value = transposed.base[direction.transposedHidden + column * direction.hiddenStride + row]
          if value != Float(direction.hiddenWeights + row * direction.outputSize + column) {
            Issue.record("U[\(row)][\(column)] of layer \(direction.level) is \(value)")
          }
        }
      }
    }
  }

  @Test("a tile's gradients lie apart", arguments: Network.all)
  func gradients(network: Network) {
    let plan = NetworkPlan(network.configuration)
    var used: [Range<Int>] = []
    for d in plan.directions {
      used.append(d.weightGradient..<d.weightGradient + d.gateRows * d.columns)
      if !d.normalizes { used.append(d.biasGradient..<d.biasGradient + d.gateRows) }
      used.append(d.unitParameterGradient..<d.unitParameterGradient + d.unitParameterCount * d.hiddenSize)
      used.append(d.projectionGradient..<d.projectionGradient + d.outputSize * d.projectionColumns)
      if d.readsTokens { used.append(d.tokenGradient..<d.tokenGradient + d.inputRows * d.inputSize) }
      if d.initialState != nil { used.append(d.initialStateGradient..<d.initialStateGradient + d.stateSize) }
    }
    if let head = plan.head {
      used.append(head.weightGradient..<head.weightGradient + head.outputSize * head.columns)
      used.append(head.biasGradient..<head.biasGradient + head.outputSize)
    }
    if case .embedded(let tokens, let features) = plan.input.form {
      used.append(plan.input.tableGradient..<plan.input.tableGradient + tokens * features)
    }
    let sorted = used.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    for (first, second) in zip(sorted, sorted.dropFirst()) { #expect(first.upperBound <= second.lowerBound) }
    #expect((sorted.last?.upperBound ?? 0) <= plan.gradientCount)
  }

  @Test("a steady step takes no memory", arguments: Network.all.indices)
  func steady(index: Int) async {
    await #expect(processExitsWith: .success) { [index = index as Int] in
      var model = SequenceModel(Network.all[index].configuration, threads: ThreadPool(threads: 2))
      let (steps, count) = (7, 37)
      let inputs: SequenceInputs =
        model.plan.input.readsTokens
        ? .tokens((0..<count * steps).map { Int32($0 % 11) }, count: 11)
        : .floats(ClosedForm.chirp.values(1, count: count * steps * 3), features: 3)
      let targets: SequenceTargets =
        model.hasValueTargets
        ? .values(
          (0..<count * steps * model.outputSize).map { Float($0 % 2) }, size: model.outputSize, everyStep: true)
        : .classes((0..<count).map { Int32($0 % 6) }, count: 6)
      let batch = try SequenceDataset(inputs, targets: targets, stepCount: steps, count: count).wholeBatch
      var optimizer = Adam()
      var state = model.zeroState(batchSize: count)
      func run() throws {
        try model.train(on: batch, with: &optimizer)
        // A layer that reads in reverse takes no state and needs those of all steps.
        if model.plan.readsInReverse { return }
        try model.train(on: batch, from: &state, with: &optimizer)
        try model.train(on: batch, with: &optimizer, remembering: 2)
      }
      for _ in 0..<2 { try run() }
      let before = rk_allocation_count()
      for _ in 0..<3 { try run() }
      if before == 0 || rk_allocation_count() != before { exit(EXIT_FAILURE) }
    }
  }
}
