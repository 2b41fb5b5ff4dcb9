import RecurrentKernels

/// Loading of a tile's inputs, and the gradients of embeddings.
extension TilePass {
  /// Loads the inputs of all running lanes into the tile, transposed to `[T][I][L]`; for tokens, their embeddings, or
  /// the tokens themselves if they select columns of weights.
  func loadInputs(_ source: SequenceSource) {
    let rows = network.input.rows
    for t in team.share(of: layout.steps) {
      let count = running(t)
      let step = (window.lowerBound + t) * source.strides.step
      switch source.inputs {
      case .bytes(let bytes, let scale, _):
        bytes.withPointer {
          kernels.gatherBytes(
            $0 + step, source.strides.sample, samples, count, rows, scale, layout.input(base, slot: t), lanes,
            padded(count))
        }
      case .floats(let floats, _):
        floats.withPointer {
          kernels.gatherFloats(
            $0 + step, source.strides.sample, samples, count, rows, 1, layout.input(base, slot: t), lanes,
            padded(count))
        }
      case .tokens(let tokens, _):
        let mine = self.tokens(at: t)
        for lane in 0..<count { mine[lane] = tokens[Int(samples[lane]) * source.strides.sample + step] }
        if network.input.isEmbedded {
          kernels.gatherFloats(
            parameters + network.input.table, rows, mine, count, rows, 1, layout.input(base, slot: t), lanes,
            padded(count))
        }
      }
    }
    team.wait()
  }

  /// The tokens of all lanes at step t of the window.
  @inline(__always)
  func tokens(at t: Int) -> UnsafeMutablePointer<Int32> {
    tile.tokens + (window.lowerBound + t) * lanes + laneRange.lowerBound
  }

  /// Sums the gradients of looked-up rows into that of the embedding table, of all steps from the first on.
  ///
  /// ```
  /// dE[token] = Σ dx(t) over all steps with that token
  /// ```
  func sumEmbeddingGradient(_ gradient: Floats) {
    guard case .embedded(let tokenCount, let features) = network.input.form else { return }
    let mine = team.share(of: features)
    let table = gradient + network.input.tableGradient
    if team.isFirst { table.update(repeating: 0, count: tokenCount * features) }
    team.wait()
    for t in 0..<layout.allSteps where running(t) > 0 {
      kernels.scatterAddRows(
        layout.inputGradient(base, slot: t, row: mine.lowerBound), lanes, padded(running(t)), tokens(at: t), running(t),
        mine.count, table + mine.lowerBound, features)
    }
    team.wait()
  }
}
