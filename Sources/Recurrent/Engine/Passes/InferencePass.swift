import RecurrentKernels

/// The head's outputs for a batch, after the last step or after every step, and the final states.
struct InferencePass: ParallelWork {
  let batch: TiledBatch
  /// `[batch, outputs]`, or, for every step, according to the strides.
  let outputs: Floats
  let strides: SequenceStrides
  /// Whether outputs of every step are computed, whatever the readout.
  let isEveryStep: Bool
  /// The initial states, the model's own if nil, and the destination of the final states.
  let initial: StateStorage?
  let final: StateStorage?

  func run(worker: Int, workers: Int) {
    guard let head = batch.network.head else { preconditionFailure("a model has a head") }
    if batch.network.input.isTokens {
      batch.network.makeTokenTables(
        batch.parameters, to: batch.workspace.transposed, worker: worker, workers: workers)
      batch.waitForAll(workers)
    }
    batch.forEachTile(worker: worker, workers: workers) { _, tile in
      if let initial {
        tile.loadStates(initial) { tile.layout.directions[$0.index].initial(tile.base, row: $0.row(of: $1)) }
      } else {
        tile.setInitialStates()
      }
      tile.eachWindow(of: batch.source.stepCount) { tile in
        tile.loadInputs(batch.source)
        tile.forward()
        if isEveryStep { writeSteps(tile, head) }
      }
      if !isEveryStep { writeLast(tile, head) }
      if let final {
        tile.storeStates(final, lanes: 0..<tile.tile.sampleCount) {
          tile.layout.directions[$0.index].final(tile.base, row: $0.row(of: $1))
        }
      }
    }
  }

  private func writeSteps(_ tile: TilePass, _ head: HeadPlan) {
    tile.forwardHead(everyStep: true)
    for t in 0..<tile.window.count {
      tile.copyOut(
        tile.headOutputs(at: t), features: head.outputSize, running: tile.running(t),
        to: outputs + (tile.window.lowerBound + t) * strides.step, sampleStride: strides.sample)
    }
  }

  private func writeLast(_ tile: TilePass, _ head: HeadPlan) {
    tile.forwardHead(everyStep: false)
    tile.copyOut(
      tile.headOutputs(at: nil), features: head.outputSize, running: tile.tile.sampleCount, to: outputs,
      sampleStride: strides.sample)
  }
}
