import RecurrentKernels

/// The dense layer on the outputs, and the loss.
///
/// With the readout `.last` there is one output per sequence, from the state after its last step; with `.everyStep`
/// there is one at each true step. The workers of a team divide the steps.
extension TilePass {
  /// How a loss turns the head's outputs into their gradient.
  struct Loss {
    /// The kind, and where its weights lie, see `Loss.weights(count:)`.
    enum Kind {
      case crossEntropy(targets: UnsafePointer<Float>)
      case independent(weights: UnsafePointer<Float>?)
      case regression(rk_regression)
    }

    let kind: Kind
    let targets: TargetSource
    /// The factor of every gradient, so that the loss is a mean.
    let scale: Float
    /// One entry per sample of the batch.
    let results: UnsafeMutablePointer<SampleLoss>
  }

  /// The outputs of a source that the head reads: those of step t, or of each lane's last step.
  func features(of source: NetworkPlan.Source, at t: Int?) -> Floats {
    if let t { return rows(of: source, at: t) }
    guard let direction = source.direction else { preconditionFailure("a head reads layers") }
    if let merged = layout.merged[network.directions[direction].level] {
      return merged.last(base, row: source.column)
    }
    return layout.directions[direction].final(base)
  }

  /// The destination of their gradient.
  private func featureGradient(of source: NetworkPlan.Source, at t: Int?) -> Floats {
    guard let direction = source.direction else { preconditionFailure("a head reads layers") }
    if let t {
      guard let rows = gradientRows(of: source, at: t) else { preconditionFailure("no memory for a gradient") }
      return rows
    }
    if let merged = layout.merged[network.directions[direction].level] {
      return merged.lastGradient(base, row: source.column)
    }
    return layout.directions[direction].finalGradient(base)
  }

  /// The head's outputs at step t of the window, or at last steps, `[outputs, L]`.
  func headOutputs(at t: Int?) -> Floats {
    guard let regions = layout.head else { preconditionFailure("a stack has no head") }
    return headOutputs(regions, at: t)
  }

  private func headOutputs(_ regions: TileLayout.Head, at t: Int?) -> Floats { regions.outputs(base, slot: t ?? 0) }

  /// Computes the head's outputs, V y + c, at every step of the window, or after each sequence's last.
  ///
  /// All workers wait for the result.
  func forwardHead(everyStep: Bool) {
    guard let head = network.head, let regions = layout.head else { preconditionFailure("a stack has no head") }
    if everyStep {
      for t in steps(of: team) { forwardHead(head, regions, at: t, lanes: running(t)) }
    } else if team.isFirst {
      forwardHead(head, regions, at: nil, lanes: sampleCount)
    }
    team.wait()
  }

  /// The steps at which this worker computes the head: every n-th.
  private func steps(of team: Team) -> StrideTo<Int> {
    let steps = backwardSteps(lag: 0)
    return stride(from: steps.lowerBound + team.worker, to: steps.upperBound, by: team.size)
  }

  private func forwardHead(_ head: HeadPlan, _ regions: TileLayout.Head, at t: Int?, lanes count: Int) {
    if count == 0 { return }
    var terms = rk_terms()
    for source in network.outputs {
      terms.append(
        rk_term(
          a: parameters + head.weights + source.column, aRow: head.inputSize, b: features(of: source, at: t),
          bRow: lanes, k: source.size))
    }
    kernels.product(
      headOutputs(regions, at: t), lanes, rk_rows(head.outputSize), padded(count), RK_FROM_BIAS, parameters + head.bias,
      &terms)
  }

  /// Replaces the head's outputs by the loss's gradient, and propagates it to the layers' outputs.
  ///
  /// Losses and the gradients of the head itself are added up from the first window to the last; when a window is
  /// repeated, they are known.
  ///
  /// ```
  /// dy = ∂loss/∂(V h + c)
  /// dV = Σ dy hᵀ    dc = Σ dy over lanes and steps    dh = Vᵀ dy
  /// ```
  func backwardHead(_ loss: Loss, gradient: Floats) {
    guard let head = network.head, let regions = layout.head else { preconditionFailure("a stack has no head") }
    switch head.readout {
    case .last:
      if team.isFirst {
        lossAndGradient(loss, head, regions, at: nil, lanes: sampleCount)
        transposeFeatures(regions, head, at: nil, slot: 0, sourceRows: nil)
      }
      whole.team.wait()
      whole.sumHeadGradient(head, regions, steps: 0..<1, gradient: gradient, isFirst: true)
    case .everyStep:
      for t in steps(of: team) where running(t) > 0 { lossAndGradient(loss, head, regions, at: t, lanes: running(t)) }
      team.wait()
      if isRepeated { return }
      sumStepGradients(head, regions, gradient: gradient)
    }
    team.wait()
    if team.isFirst { collect(loss, regions) }
  }

  /// Losses and dy at one step, and dh = Vᵀ dy.
  private func lossAndGradient(_ loss: Loss, _ head: HeadPlan, _ regions: TileLayout.Head, at t: Int?, lanes count: Int)
  {
    let dy = headOutputs(regions, at: t)
    let slot = t ?? 0
    let losses = regions.losses(base, slot: slot)
    let first = slot * lanes + laneRange.lowerBound
    let (correct, present) = (tile.correct + first, tile.present + first)
    let firstTarget = loss.targets.offset(of: t.map { window.lowerBound + $0 })
    switch (loss.kind, loss.targets.all.values) {
    case (.crossEntropy(let targets), .classes(let classes, _)):
      let labels = tile.labels + first
      for lane in 0..<count {
        labels[lane] = classes[firstTarget + Int(samples[lane]) * loss.targets.strides.sample]
        present[lane] = labels[lane] < 0 ? 0 : 1
      }
      kernels.softmaxCrossEntropy(
        dy, lanes, head.outputSize, count, labels, targets, targets + head.outputSize, targets + 2 * head.outputSize,
        loss.scale, losses, correct)
    case (.independent(let weights), .numbers(let numbers, _)):
      let targets = gatherTargets(numbers, from: firstTarget, loss, head, regions, slot: slot, lanes: count)
      kernels.sigmoidCrossEntropy(
        dy, lanes, head.outputSize, count, targets, lanes, weights, loss.scale, losses, correct, present)
    case (.regression(let settings), .numbers(let numbers, _)):
      let targets = gatherTargets(numbers, from: firstTarget, loss, head, regions, slot: slot, lanes: count)
      for lane in 0..<count { correct[lane] = 0 }
      kernels.regressionLoss(dy, lanes, head.outputSize, count, targets, lanes, settings, loss.scale, losses, present)
    default: preconditionFailure("the kind of targets does not fit the loss")
    }
    if let weights = loss.targets.all.weights { weigh(dy, losses, by: weights, rows: head.outputSize, lanes: count) }
    for source in network.outputs {
      let dh = featureGradient(of: source, at: t)
      product(
        dh, lanes, rows: source.size, lanes: padded(count), from: RK_FROM_ZERO,
        rk_term(
          a: transposed + head.transposed + source.column * head.outputSize, aRow: head.outputSize, b: dy, bRow: lanes,
          k: head.outputSize))
      // Ended lanes start with zero gradients, whatever the product left in them.
      if t != nil { clear(dh, rows: 0..<source.size, lanes: count..<laneRange.count) }
    }
  }

  /// Gathers the targets of running lanes, `[outputs, L]`.
  private func gatherTargets(
    _ numbers: [Float], from first: Int, _ loss: Loss, _ head: HeadPlan, _ regions: TileLayout.Head, slot: Int,
    lanes count: Int
  ) -> UnsafePointer<Float> {
    let targets = regions.targets(base, slot: slot)
    numbers.withPointer {
      kernels.gatherFloats(
        $0 + first, loss.targets.strides.sample, samples, count, head.outputSize, 1, targets, lanes,
        padded(count))
    }
    return UnsafePointer(targets)
  }

  /// Multiplies losses and their gradient by the weights of the sequences.
  private func weigh(_ dy: Floats, _ losses: Floats, by weights: [Float], rows: Int, lanes count: Int) {
    for lane in 0..<count {
      let weight = weights[Int(samples[lane])]
      losses[lane] *= weight
      for row in 0..<rows { dy[row * lanes + lane] *= weight }
    }
  }

  /// Accumulates dV and dc over all steps, some at a time.
  private func sumStepGradients(_ head: HeadPlan, _ regions: TileLayout.Head, gradient: Floats) {
    let whole = whole
    var isFirst = window.lowerBound == 0
    for first in stride(from: 0, to: layout.steps, by: regions.stepsPerSum) {
      let steps = first..<min(first + regions.stepsPerSum, layout.steps)
      if whole.running(first) == 0 { break }
      for t in steps where running(t) > 0 {
        transposeFeatures(regions, head, at: t, slot: t - first, sourceRows: team)
      }
      whole.team.wait()
      whole.sumHeadGradient(head, regions, steps: steps, gradient: gradient, isFirst: isFirst)
      isFirst = false
      whole.team.wait()
    }
    if isFirst {
      let rows = whole.team.share(of: head.outputSize)
      (gradient + head.weightGradient + rows.lowerBound * head.columns)
        .update(repeating: 0, count: rows.count * head.columns)
      (gradient + head.biasGradient + rows.lowerBound).update(repeating: 0, count: rows.count)
    }
  }

  /// Writes hᵀ of one step, `[L, columns]`; the workers of a team divide the features.
  private func transposeFeatures(
    _ regions: TileLayout.Head, _ head: HeadPlan, at t: Int?, slot: Int, sourceRows team: Team?
  ) {
    let count = t.map { running($0) } ?? sampleCount
    for source in network.outputs {
      let mine = team?.share(of: source.size) ?? 0..<source.size
      kernels.transpose(
        features(of: source, at: t) + mine.lowerBound * lanes, lanes,
        regions.features(tile.base, slot: slot) + laneRange.lowerBound * head.columns + source.column + mine.lowerBound,
        head.columns, mine.count, count)
    }
  }

  /// dV (+)= Σ dy hᵀ and dc (+)= Σ dy over some steps; the workers of a team divide the rows.
  private func sumHeadGradient(
    _ head: HeadPlan, _ regions: TileLayout.Head, steps: Range<Int>, gradient: Floats, isFirst: Bool
  ) {
    let rows = team.share(of: head.outputSize)
    let biases = gradient + head.biasGradient + rows.lowerBound
    if isFirst { biases.update(repeating: 0, count: rows.count) }
    let isLastStep = head.readout == .last
    var terms = rk_terms()
    for (index, t) in steps.enumerated() {
      let dy = regions.outputs(base, slot: t, row: rows.lowerBound)
      let count = isLastStep ? sampleCount : running(t)
      terms.append(rk_term(a: dy, aRow: lanes, b: regions.features(base, slot: index), bRow: head.columns, k: count))
      kernels.rowSums(dy, lanes, biases, rows.count, count)
    }
    kernels.product(
      gradient + head.weightGradient + rows.lowerBound * head.columns, head.columns, rk_rows(rows.count), head.columns,
      isFirst ? RK_FROM_ZERO : RK_FROM_C, nil, &terms)
  }

  /// Adds up each sample's losses over its steps.
  private func collect(_ loss: Loss, _ regions: TileLayout.Head) {
    let isLastStep = network.head?.readout == .last
    if window.lowerBound == 0 {
      for lane in 0..<sampleCount { loss.results[Int(positions[lane])] = SampleLoss() }
    }
    for t in 0..<(isLastStep ? 1 : layout.steps) {
      let losses = regions.losses(base, slot: t)
      for lane in 0..<(isLastStep ? sampleCount : running(t)) {
        let position = Int(positions[lane])
        loss.results[position].loss += Double(losses[lane])
        loss.results[position].correct += tile.correct[t * lanes + laneRange.lowerBound + lane]
        loss.results[position].count += tile.present[t * lanes + laneRange.lowerBound + lane]
      }
    }
  }
}

extension TargetSource {
  /// The offset of the first sample's targets at step t, or of its only targets.
  func offset(of t: Int?) -> Int { (t ?? 0) * strides.step }
}
