import RecurrentKernels
import TestSupport
import Testing

@testable import Recurrent

/// More than two threads: who computes what, how often threads wait, and that no bit depends on either.
@Suite struct ThreadCountTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let layers: [LayerConfiguration]

    static let notebook = Network(testDescription: "the notebook's network", layers: .lstm(20, count: 3))
    static let wide = Network(testDescription: "one layer of 128 units", layers: .lstm(128))
    static let normalizing = Network(
      testDescription: "layer normalisation",
      layers: .repeated(LSTMCell(hiddenSize: 20, options: .init(hasLayerNorm: true)), count: 2))
    /// Up to 17 samples, all threads divide units, which norms need all of; the seventeenth has another worker.
    static let wideNormalizing = Network(
      testDescription: "layer normalisation of wide layers",
      layers: [
        LayerConfiguration.bidirectional(
          LSTMCell(hiddenSize: 272, projectionSize: 10, options: .init(hasPeepholes: true, hasLayerNorm: true)),
          LSTMCell(hiddenSize: 70, projectionSize: 10, options: .init(hasPeepholes: true, hasLayerNorm: true))
        ).regularized(Regularization(recurrentDropout: 0.1, hiddenZoneout: 0.1, stateZoneout: 0.2)),
        LayerConfiguration(
          LSTMCell(hiddenSize: 19, options: .init(couplesInputAndForgetGates: true, hasLayerNorm: true))),
      ])
    static let wideNormalizingLayer = Network(
      testDescription: "layer normalisation of 128 units",
      layers: [LayerConfiguration(LSTMCell(hiddenSize: 128, options: .init(hasLayerNorm: true)))])
    /// Masks are functions of the place of an element in its tile; peepholes have sums over samples of their own.
    static let regularized = Network(
      testDescription: "masks, peepholes, both directions",
      layers: [
        LayerConfiguration.bidirectional(LSTMCell(hiddenSize: 5), LSTMCell(hiddenSize: 5), merge: .sum).regularized(
          Regularization(dropout: 0.2, recurrentDropout: 0.1, hiddenZoneout: 0.1, stateZoneout: 0.2)),
        LayerConfiguration(IndRNNCell(hiddenSize: 5)).residual(),
        LayerConfiguration(LSTMCell(hiddenSize: 9, projectionSize: 5, options: .init(hasPeepholes: true))),
      ])

    func model(threads: Int) -> SequenceModel {
      SequenceModel(
        .init(input: .features(28), layers: layers, output: .classes(10)), seed: 7,
        threads: ThreadPool(threads: threads))
    }

    func batch(_ count: Int, steps: Int, isRagged: Bool = false) throws -> SequenceBatch {
      try SequenceDataset(
        .floats(ClosedForm.chirp.values(1, count: count * steps * 28), features: 28),
        targets: .classes((0..<count).map { Int32($0 % 10) }, count: 10), stepCount: steps, count: count,
        lengths: isRagged ? ClosedForm.lengths(batch: count, steps: steps).map { Int32($0) } : nil
      ).wholeBatch
    }
  }

  private static let counts = [2, 3, 4, 8, 16]

  @Test(
    "weights and losses are the same bits on any number of threads, also when states are computed again",
    arguments: [Network.notebook, .wide, .normalizing, .wideNormalizing, .wideNormalizingLayer, .regularized],
    [16, 17, 100, 128, 256])
  func bits(network: Network, count: Int) throws {
    for isRagged in [false, true] {
      let batch = try network.batch(count, steps: 6, isRagged: isRagged)
      func train(threads: Int) throws -> (losses: [Float], model: SequenceModel) {
        var model = network.model(threads: threads)
        var optimizer = SGD(learningRate: 0.1)
        let intervals = [nil, network.layers.contains(where: \.readsInReverse) ? nil : 2]
        let losses = try intervals.map { try model.train(on: batch, with: &optimizer, remembering: $0).loss }
        return (losses, model)
      }
      let one = try train(threads: 1)
      let evaluation = try one.model.evaluate(on: batch)
      for threads in Self.counts {
        let several = try train(threads: threads)
        #expect(several.losses == one.losses, "\(threads) threads")
        #expect(bitMismatch(of: several.model.parameters, with: one.model.parameters) == nil, "\(threads) threads")
        #expect(try several.model.evaluate(on: batch) == evaluation, "\(threads) threads")
      }
    }
  }

  @Test("workers who divide tiles compute each sample once, in whole cache lines", arguments: [1] + counts)
  func lanes(workers: Int) {
    let barrier = UnsafeMutablePointer<rk_barrier>.allocate(capacity: 1)
    defer { barrier.deallocate() }
    let plan = Network.notebook.model(threads: 1).plan
    for count in 1...300 {
      let tiling = Tiling(network: plan, sampleCount: count)
      if !tiling.dividesLanes(among: workers) {
        #expect(workers <= tiling.tileCount || tiling.lanes <= 16)
        continue
      }
      var positions: [Int] = []
      for worker in 0..<workers {
        let part = tiling.assignment(worker: worker, workers: workers)
        guard let tile = part.tile else {
          Issue.record("worker \(worker) has no tile")
          continue
        }
        let team = Team(worker: part.worker, size: part.workers, barrier: barrier, division: .lanes)
        let lanes = team.lanes(of: tiling.lanes)
        #expect(lanes.isEmpty || lanes.lowerBound.isMultiple(of: 16))
        #expect(lanes.upperBound.isMultiple(of: 16) || lanes.upperBound == tiling.lanes)
        positions += lanes.prefix { $0 < tiling.count(of: tile) }.map { tiling.position(of: $0, in: tile) }
      }
      #expect(positions.sorted() == Array(0..<count))
    }
  }

  @Test(
    "the busiest thread has its part of the multiply-adds, in hundredths",
    arguments: [
      (Network.notebook, 128, [100, 50, 25, 13, 11]), (.notebook, 256, [100, 50, 25, 13, 7]),
      (.wide, 128, [100, 50, 25, 13, 7]), (.wide, 256, [100, 50, 25, 13, 7]),
      (.normalizing, 128, [100, 50, 25, 13, 11]), (.normalizing, 256, [100, 50, 25, 13, 7]),
    ])
  func criticalPath(network: Network, count: Int, expected: [Int]) {
    let plan = network.model(threads: 1).plan
    let found = [1, 2, 4, 8, 16].map { workers in
      let work = Work(plan, sampleCount: count)
      let most = (0..<workers).map { work.multiplyAdds(of: $0, workers: workers) }.max() ?? 0
      return Int((100 * most / work.multiplyAdds(of: 0, workers: 1)).rounded(.up))
    }
    #expect(found == expected)
  }

  @Test(
    "how often a thread waits in a step of 28 time steps",
    arguments: [
      (Network.notebook, 128, [0, 4, 30, 30, 30]), (.notebook, 256, [0, 4, 4, 30, 30]),
      (.wide, 128, [0, 67, 67, 67, 67]), (.wide, 256, [0, 130, 130, 130, 130]),
      (.normalizing, 128, [0, 4, 22, 22, 22]), (.normalizing, 256, [0, 4, 4, 22, 22]),
      (.wideNormalizingLayer, 16, [0, 151, 151, 151, 151]),
    ])
  func waits(network: Network, count: Int, expected: [Int]) throws {
    let batch = try network.batch(count, steps: 28)
    #expect(try [1, 2, 4, 8, 16].map { try waits(network, batch, threads: $0) } == expected)
  }

  @Test("norms wait three times a step more than products, and once more before lanes of others are cleared")
  func waitsOfRaggedBatches() throws {
    let batch = try Network.wideNormalizingLayer.batch(16, steps: 28, isRagged: true)
    let running = (0...28).map { t in batch.lengths.count { $0 > t } }
    // Steps of lanes that share a vector with others whose last step is an earlier one.
    let later = (1..<28).count { running[$0] > 0 && running[$0 - 1] > running[$0] && running[$0] % 8 > 0 }
    let norms = 3 * running.count { $0 > 0 }
    #expect(later > 0)
    #expect(
      try waits(.wideNormalizingLayer, batch, threads: 2) == waits(.wide, batch, threads: 2) + norms + later)
  }

  /// How often a thread waits in a training step.
  private func waits(_ network: Network, _ batch: SequenceBatch, threads: Int) throws -> Int {
    let model = network.model(threads: threads)
    func waits() -> Int {
      let workspace = model.workspaces.take()
      defer { model.workspaces.giveBack(workspace) }
      return Int(workspace.barrier.pointee.generation)
        + (workspace.tiles.map { Int($0.barrier.pointee.generation) }.max() ?? 0)
    }
    _ = try model.gradient(on: batch)
    let before = waits()
    _ = try model.gradient(on: batch)
    return waits() - before
  }
}

/// The multiply-adds of the products in one time step of training, as a plan and its tiling divide them.
private struct Work {
  private let plan: NetworkPlan
  private let tiling: Tiling
  /// For each sample: those of a sample alone, and those of sums over samples.
  private let own: Double
  private let sums: Double

  init(_ plan: NetworkPlan, sampleCount: Int) {
    self.plan = plan
    tiling = Tiling(network: plan, sampleCount: sampleCount)
    var (own, sums) = (0, 0)
    for plan in plan.directions {
      let both = plan.gateRows * (plan.inputSize + plan.outputSize)
      // Forward, and backward to the state and to the layer below.
      own += both + plan.gateRows * (plan.outputSize + (plan.level > 0 ? plan.inputSize : 0))
      sums += both
    }
    (self.own, self.sums) = (Double(own), Double(sums))
  }

  func multiplyAdds(of worker: Int, workers: Int) -> Double {
    let part = tiling.assignment(worker: worker, workers: workers)
    let tiles =
      tiling.sharesTiles
      ? Array(0..<tiling.tileCount)
      : part.tile.map { [$0] } ?? Array(stride(from: worker, to: tiling.tileCount, by: workers))
    func share(of count: Int) -> Double {
      Double(Recurrent.share(of: count, worker: part.worker, workers: part.workers).count) / Double(count)
    }
    return tiles.reduce(0) { total, tile in
      let lanes = padded(tiling.count(of: tile))
      let mine = part.tile == nil ? share(of: plan.directions[0].hiddenSize) : share(of: wholeLines(lanes) / 16)
      return total + Double(lanes) * (own * mine + sums * share(of: plan.directions[0].gateRows))
    }
  }
}
