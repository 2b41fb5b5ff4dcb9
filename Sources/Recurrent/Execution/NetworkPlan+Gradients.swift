import RecurrentKernels

extension NetworkPlan {
  /// Writes the transposed weights, whose rows backward reads as forward reads those of the weights.
  ///
  /// Each worker does its share.
  func transposeWeights(_ parameters: UnsafePointer<Float>, to transposed: Floats, worker: Int, workers: Int) {
    func transpose(_ from: Int, rows: Int, columns: Int, to: Int) {
      let mine = share(of: rows, worker: worker, workers: workers)
      kernels.transpose(
        parameters + from + mine.lowerBound * columns, columns, transposed + to + mine.lowerBound, rows, mine.count,
        columns)
    }
    for layer in layers {
      transpose(layer.inputWeights, rows: layer.inputRows, columns: layer.inputSize, to: layer.transposedInput)
      transpose(layer.hiddenWeights, rows: layer.hiddenRows, columns: layer.outputSize, to: layer.transposedHidden)
      if layer.isProjected {
        transpose(layer.projection, rows: layer.outputSize, columns: layer.hiddenSize, to: layer.transposedProjection)
      }
    }
    if let head { transpose(head.weights, rows: head.classCount, columns: head.inputSize, to: head.transposed) }
  }

  /// Leaves out some recurrent weights, or, by the same masks, what belongs to them of the gradient of those that are
  /// left: U' = mask ⊙ U / (1 - rate), dU = mask ⊙ dU' / (1 - rate).
  ///
  /// - Parameter range: the parameters to look at; others may be in the hands of other threads.
  func dropWeights(_ values: Floats, range: Range<Int>, seed: UInt64) {
    for layer in layers where layer.regularization.weightDrop > 0 {
      let rate = layer.regularization.weightDrop
      let mine = range.clamped(to: layer.hiddenWeights..<layer.hiddenWeights + layer.hiddenRows * layer.outputSize)
      let mask = TileNoise(seed: seed, tile: 0).mask(
        .weightDrop, layer: layer.number, step: 0, rate: rate, row: mine.lowerBound - layer.hiddenWeights, lanes: 1)
      let first = values + mine.lowerBound
      kernels.dropout(rk_block(rows: 1, n: mine.count, row: mine.count), mask, 1 / (1 - rate), first, first, 0)
    }
  }

  /// Adds up the tiles' gradients, in the order of the tiles, into the form of the parameters.
  ///
  /// Each worker does its share.
  func sumGradients(_ tiles: Floats, tileCount: Int, to gradient: Floats, worker: Int, workers: Int) {
    func sum(_ from: Int, row: Int, to: Int, rows: Int, columns: Int) {
      kernels.sumMatrices(tiles + from, row, gradientCount, tileCount, gradient + to, columns, rows, columns)
    }
    for layer in layers {
      for segment in layer.segments {
        let first = segment.firstGate * layer.hiddenSize
        let mine = share(of: segment.gateCount * layer.hiddenSize, worker: worker, workers: workers)
        let from = layer.weightGradient + (first + mine.lowerBound) * layer.columns
        if let row = segment.inputRow {
          sum(
            from, row: layer.columns, to: layer.inputWeights + (row + mine.lowerBound) * layer.inputSize,
            rows: mine.count, columns: layer.inputSize)
        }
        if let row = segment.hiddenRow {
          sum(
            from + layer.hiddenColumn, row: layer.columns,
            to: layer.hiddenWeights + (row + mine.lowerBound) * layer.outputSize, rows: mine.count,
            columns: layer.outputSize)
        }
      }
      if layer.isProjected {
        let mine = share(of: layer.outputSize, worker: worker, workers: workers)
        sum(
          layer.projectionGradient + mine.lowerBound * layer.projectionColumns, row: layer.projectionColumns,
          to: layer.projection + mine.lowerBound * layer.hiddenSize, rows: mine.count, columns: layer.hiddenSize)
      }
      if worker == 0 {
        if !layer.normalizes {
          sum(layer.biasGradient, row: 0, to: layer.bias, rows: 1, columns: layer.gateRows)
        }
        sum(layer.vectorGradient, row: 0, to: layer.vectors, rows: 1, columns: layer.vectorCount * layer.hiddenSize)
      }
    }
    if let head, worker == workers - 1 {
      sum(head.weightGradient, row: head.columns, to: head.weights, rows: head.classCount, columns: head.inputSize)
      sum(head.biasGradient, row: 0, to: head.bias, rows: 1, columns: head.classCount)
    }
  }
}
