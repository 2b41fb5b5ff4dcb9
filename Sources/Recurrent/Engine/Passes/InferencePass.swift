import RecurrentKernels

/// The outputs of the head, or of the layers below it, for a batch, after the last step or after every step; and the
/// final states.
struct InferencePass: ParallelWork {
  let batch: TiledBatch
  /// Whether the outputs of the layers are wanted, rather than those of the head.
  let readsLayers: Bool
  /// `[batch, outputs]`, or, for every step, according to the strides.
  let outputs: Floats
  let strides: SequenceStrides
  /// Whether outputs of every step are computed, whatever the readout.
  let isEveryStep: Bool
  /// The initial states, the model's own if nil, and the destination of the final states.
  let initial: StateStorage?
  let final: StateStorage?

  func run(worker: Int, workers: Int) {
    if batch.network.input.isTokens {
      batch.network.makeTokenTables(
        batch.parameters, to: batch.workspace.transposed, worker: worker, workers: workers)
      batch.waitForAll(workers)
    }
    for (_, tile) in batch.tiles(worker: worker, workers: workers) {
      if let initial {
        tile.loadStates(initial) { tile.layout.directions[$0.index].initial(tile.base, row: $0.row(of: $1)) }
      } else {
        tile.setInitialStates()
      }
      for tile in tile.windows(of: batch.source.stepCount) {
        tile.forward(batch.source)
        if isEveryStep { writeSteps(tile) }
      }
      if !isEveryStep { writeLast(tile) }
      if let final {
        tile.storeStates(final, lanes: 0..<tile.sampleCount) {
          tile.layout.directions[$0.index].final(tile.base, row: $0.row(of: $1))
        }
      }
    }
  }

  private func writeSteps(_ tile: TilePass) {
    if !readsLayers { tile.forwardHead(everyStep: true) }
    for t in 0..<tile.window.count {
      write(tile, at: t, lanes: tile.running(t), to: outputs + (tile.window.lowerBound + t) * strides.step)
    }
  }

  private func writeLast(_ tile: TilePass) {
    if !readsLayers { tile.forwardHead(everyStep: false) }
    write(tile, at: nil, lanes: tile.sampleCount, to: outputs)
  }

  /// Writes the outputs of step t of the window, or of last steps.
  private func write(_ tile: TilePass, at t: Int?, lanes: Int, to outputs: Floats) {
    if readsLayers {
      for source in batch.network.outputs {
        tile.copyOut(
          tile.features(of: source, at: t), features: source.size, running: lanes, to: outputs + source.column,
          sampleStride: strides.sample)
      }
    } else {
      guard let head = batch.network.head else { preconditionFailure("a model has a head") }
      tile.copyOut(
        tile.headOutputs(at: t), features: head.outputSize, running: lanes, to: outputs, sampleStride: strides.sample)
    }
  }
}
