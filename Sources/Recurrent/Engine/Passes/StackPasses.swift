import RecurrentKernels

/// Computes outputs and final states of a stack without a head.
struct StackForwardPass: ParallelWork {
  let batch: TiledBatch
  /// Outputs of every step, `[batch, time, output]` or according to the strides; zero on entry.
  let outputs: Floats
  let strides: SequenceStrides
  /// The states before the first step, zeros if nil, and those after each sequence's last step.
  let initial: StateStorage?
  let final: StateStorage

  func run(worker: Int, workers: Int) {
    let network = batch.network
    for (_, tile) in batch.tiles(worker: worker, workers: workers) {
      if let initial {
        tile.loadStates(initial) { tile.layout.directions[$0.index].initial(tile.base, row: $0.row(of: $1)) }
      } else {
        tile.setInitialStates()
      }
      for tile in tile.windows(of: batch.source.stepCount) {
        tile.forward(batch.source)
        for t in 0..<tile.window.count {
          for source in network.outputs {
            tile.copyOut(
              tile.rows(of: source, at: t), features: source.size, running: tile.running(t),
              to: outputs + (tile.window.lowerBound + t) * strides.step + source.column, sampleStride: strides.sample)
          }
        }
      }
      tile.storeStates(final, lanes: 0..<tile.sampleCount) {
        tile.layout.directions[$0.index].final(tile.base, row: $0.row(of: $1))
      }
    }
  }
}

/// Computes all gradients of a stack without a head, from the tiles that a forward pass has left.
struct StackBackwardPass: ParallelWork {
  let batch: TiledBatch
  let outputStrides: SequenceStrides
  /// The gradient of the outputs and of the final states; zeros if nil.
  let outputGradient: UnsafePointer<Float>?
  let finalGradients: StateStorage?
  /// The gradients of inputs and initial states.
  let inputGradient: Floats
  let initialGradients: StateStorage

  func run(worker: Int, workers: Int) {
    let (network, workspace) = (batch.network, batch.workspace)
    network.transposeWeights(batch.parameters, to: workspace.transposed, worker: worker, workers: workers)
    batch.waitForAll(workers)
    let gradients = workspace.tileGradients
    for (index, tile) in batch.keptTiles(worker: worker, workers: workers) {
      backward(tile, gradient: gradients + index * network.gradientCount)
      tile.team.wait()
    }
    batch.waitForAll(workers)
    network.sumGradients(
      gradients, tileCount: batch.tiling.tileCount, to: workspace.gradient.base, worker: worker, workers: workers)
    guard let seed = batch.seed, network.dropsWeights else { return }
    batch.waitForAll(workers)
    let mine = share(of: network.parameterCount, worker: worker, workers: workers)
    network.dropWeights(workspace.gradient.base, range: mine, seed: seed)
  }

  private func backward(_ tile: TilePass, gradient: Floats) {
    let network = batch.network
    let (source, steps) = (batch.source, batch.source.stepCount)
    if let finalGradients {
      tile.loadStates(finalGradients) { tile.finalGradient($0, component: $1) }
    } else {
      tile.clearFinalGradients()
    }
    for t in 0..<steps {
      for source in network.outputs {
        guard let to = tile.gradientRows(of: source, at: t) else { preconditionFailure("no memory for a gradient") }
        if let outputGradient {
          tile.copyIn(
            outputGradient + t * outputStrides.step + source.column, features: source.size,
            running: tile.running(t), to: to, sampleStride: outputStrides.sample)
        } else {
          tile.clear(to, rows: tile.team.share(of: source.size))
        }
      }
    }
    tile.team.wait()
    tile.backward(gradient: gradient)
    for t in 0..<steps {
      tile.copyOut(
        tile.layout.inputGradient(tile.base, slot: t), features: network.input.rows, running: tile.running(t),
        to: inputGradient + t * source.strides.step, sampleStride: source.strides.sample)
    }
    let ran = tile.running(0)
    tile.storeStates(initialGradients, lanes: 0..<ran) { tile.initialGradient($0, component: $1) }
    tile.storeStates(initialGradients, lanes: ran..<tile.sampleCount) { tile.finalGradient($0, component: $1) }
  }
}
