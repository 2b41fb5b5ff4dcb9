import RecurrentKernels

/// Operations on whole weight matrices and their gradients before and after the tiles. Each worker does its part.
extension NetworkPlan {
  /// Writes the transposed weights for the backward pass.
  func transposeWeights(_ parameters: UnsafePointer<Float>, to transposed: Floats, worker: Int, workers: Int) {
    func transpose(_ from: Int, rows: Int, columns: Int, to: Int, stride: Int) {
      let mine = share(of: rows, worker: worker, workers: workers)
      kernels.transpose(
        parameters + from + mine.lowerBound * columns, columns, transposed + to + mine.lowerBound, stride, mine.count,
        columns)
    }
    for plan in directions {
      if !plan.readsTokens {
        transpose(
          plan.inputWeights, rows: plan.inputRows, columns: plan.inputSize, to: plan.transposedInput,
          stride: plan.inputStride)
      }
      transpose(
        plan.hiddenWeights, rows: plan.hiddenRows, columns: plan.outputSize, to: plan.transposedHidden,
        stride: plan.hiddenStride)
      if plan.isProjected {
        transpose(
          plan.projection, rows: plan.outputSize, columns: plan.hiddenSize, to: plan.transposedProjection,
          stride: plan.outputSize)
      }
    }
    if let head {
      transpose(
        head.weights, rows: head.outputSize, columns: head.inputSize, to: head.transposed, stride: head.outputSize)
    }
  }

  /// Writes the token tables: each token's part of the pre-activations.
  ///
  /// ```
  /// table[token] = W[:, token] + b      without b if the cell normalizes, and adds it itself
  /// ```
  ///
  /// A product with a one-hot row would give the same bits.
  func makeTokenTables(_ parameters: UnsafePointer<Float>, to transposed: Floats, worker: Int, workers: Int) {
    for plan in directions where plan.readsTokens {
      for segment in plan.segments {
        guard let row = segment.inputRow else { continue }
        let mine = share(of: segment.gateCount * plan.hiddenSize, worker: worker, workers: workers)
        let first = row + mine.lowerBound
        let bias = parameters + plan.bias + segment.firstGate * plan.hiddenSize + mine.lowerBound
        kernels.transposeAdd(
          parameters + plan.inputWeights + first * plan.inputSize, plan.inputSize, plan.normalizes ? nil : bias,
          transposed + plan.transposedInput + first, plan.inputStride, mine.count, plan.inputSize)
      }
    }
  }

  /// Applies weight drop to the recurrent weights, or the same masks to their gradient.
  ///
  /// ```
  /// U' = mask ⊙ U / (1 - rate)        dU = mask ⊙ dU' / (1 - rate)
  /// ```
  ///
  /// - Parameter range: the parameters to change; other threads may be using the rest.
  func dropWeights(_ values: Floats, range: Range<Int>, seed: UInt64) {
    for plan in directions where plan.regularization.weightDrop > 0 {
      let rate = plan.regularization.weightDrop
      let mine = range.clamped(to: plan.hiddenWeights..<plan.hiddenWeights + plan.hiddenRows * plan.outputSize)
      let mask = DropoutMasks(seed: seed, tile: 0).mask(
        .weightDrop, layer: plan.index, step: 0, rate: rate, row: mine.lowerBound - plan.hiddenWeights, lanes: 1)
      let first = values + mine.lowerBound
      kernels.dropout(rk_block(rows: 1, n: mine.count, row: mine.count), mask, 1 / (1 - rate), first, first, 0)
    }
  }

  /// Sums the tiles' gradients, in the order of the tiles, into the layout of the parameters.
  func sumGradients(_ tiles: Floats, tileCount: Int, to gradient: Floats, worker: Int, workers: Int) {
    func sum(_ from: Int, row: Int, to: Int, rows: Int, columns: Int) {
      if columns == 0 { return }
      kernels.sumMatrices(tiles + from, row, gradientCount, tileCount, gradient + to, columns, rows, columns)
    }
    func sumRow(_ from: Int, to: Int, count: Int) { sum(from, row: 0, to: to, rows: 1, columns: count) }
    for plan in directions {
      let denseColumns = plan.readsTokens ? 0 : plan.inputSize
      for segment in plan.segments {
        let first = segment.firstGate * plan.hiddenSize
        let mine = share(of: segment.gateCount * plan.hiddenSize, worker: worker, workers: workers)
        let from = plan.weightGradient + (first + mine.lowerBound) * plan.columns
        if let row = segment.inputRow {
          sum(
            from, row: plan.columns, to: plan.inputWeights + (row + mine.lowerBound) * plan.inputSize,
            rows: mine.count, columns: denseColumns)
        }
        if let row = segment.hiddenRow {
          sum(
            from + plan.hiddenColumn, row: plan.columns,
            to: plan.hiddenWeights + (row + mine.lowerBound) * plan.outputSize, rows: mine.count,
            columns: plan.outputSize)
        }
      }
      if plan.readsTokens { sumTokenGradient(plan, tiles, tileCount, to: gradient, worker: worker, workers: workers) }
      if plan.isProjected {
        let mine = share(of: plan.outputSize, worker: worker, workers: workers)
        sum(
          plan.projectionGradient + mine.lowerBound * plan.projectionColumns, row: plan.projectionColumns,
          to: plan.projection + mine.lowerBound * plan.hiddenSize, rows: mine.count, columns: plan.hiddenSize)
      }
      if worker == 0 {
        if !plan.normalizes { sumRow(plan.biasGradient, to: plan.bias, count: plan.gateRows) }
        sumRow(
          plan.unitParameterGradient, to: plan.unitParameters, count: plan.unitParameterCount * plan.hiddenSize)
        if let initialState = plan.initialState {
          sumRow(plan.initialStateGradient, to: initialState, count: plan.stateSize)
        }
      }
    }
    if let head, worker == workers - 1 {
      sum(head.weightGradient, row: head.columns, to: head.weights, rows: head.outputSize, columns: head.inputSize)
      sumRow(head.biasGradient, to: head.bias, count: head.outputSize)
    }
    if case .embedded(let tokens, let features) = input.form {
      let mine = share(of: tokens, worker: worker, workers: workers)
      sumRow(
        input.tableGradient + mine.lowerBound * features, to: input.table + mine.lowerBound * features,
        count: mine.count * features)
    }
  }

  /// Sums the gradients of the columns that tokens selected, and transposes them to the layout of W.
  private func sumTokenGradient(
    _ plan: DirectionPlan, _ tiles: Floats, _ tileCount: Int, to gradient: Floats, worker: Int, workers: Int
  ) {
    let rows = share(of: plan.inputRows, worker: worker, workers: workers)
    let first = tiles + plan.tokenGradient + rows.lowerBound
    kernels.sumMatrices(
      first, plan.inputRows, gradientCount, tileCount, first, plan.inputRows, plan.inputSize, rows.count)
    kernels.transpose(
      first, plan.inputRows, gradient + plan.inputWeights + rows.lowerBound * plan.inputSize, plan.inputSize,
      plan.inputSize, rows.count)
  }
}
