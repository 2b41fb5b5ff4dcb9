/// Passes over some steps of the sequences at a time.
extension TilePass {
  /// Forward passes over all steps, as many at a time as the tile has room for.
  ///
  /// Each begins with the states that the one before ended with; sequences that have ended hand their states through, so
  /// in the end all final states are those of a single pass.
  func windows(of steps: Int) -> ForwardWindows { ForwardWindows(whole: self, steps: steps) }

  /// Backward passes over the same windows, from the last to the first.
  ///
  /// The last window's memory is as the forward pass has left it. The others begin with the states that the forward pass
  /// remembered, and have to be computed again: ``isRepeated``.
  func backwardWindows(of steps: Int) -> BackwardWindows { BackwardWindows(whole: self, steps: steps) }

  /// The steps, of this window, that a backward pass computes for what lags some steps behind the head.
  ///
  /// A window's steps are moved by the lag: the first ones are left to the window before, which has them, too.
  func backwardSteps(lag: Int) -> Range<Int> {
    guard let recomputation = layout.purpose.recomputation else { return 0..<layout.steps }
    let left = recomputation.steps - window.lowerBound
    return (window.lowerBound == 0 ? 0 : min(lag, left))..<min(recomputation.interval + lag, left)
  }

  /// How many steps a layer lags behind the head: one for itself and one for each layer above.
  ///
  /// The gradient of a state begins with what comes from above and goes on with what comes from the step after. So the
  /// layer above has to compute step t before this layer computes step t + 1.
  func lag(ofLevel level: Int) -> Int { network.layers.count - level }

  /// Whether no sequence has steps after this window.
  var isLastWindow: Bool { window.upperBound >= layout.allSteps || tile.runningCounts[window.upperBound] == 0 }

  /// Whether no lane of the tile, of these or others, runs in this window.
  fileprivate var hasEnded: Bool { window.isEmpty || tile.runningCounts[window.lowerBound] == 0 }

  /// Remembers the states before the first step of this window, if they are wanted again.
  func rememberStates() {
    for (plan, regions) in zip(network.directions, layout.directions) where !regions.remembered.isEmpty {
      copyState(
        plan, from: regions.initial(base), to: regions.remembered(base, slot: window.lowerBound / layout.stride),
        lanes: 0..<sampleCount, share: share(of: plan))
    }
  }

  /// Begins this window with the states that were remembered.
  fileprivate func recallStates() {
    for (plan, regions) in zip(network.directions, layout.directions) {
      copyState(
        plan, from: regions.remembered(base, slot: window.lowerBound / layout.stride), to: regions.initial(base),
        lanes: 0..<sampleCount, share: share(of: plan))
    }
  }

  /// Moves the gradients of the steps that this window shares with the one after it to where they are in this one.
  fileprivate func carryGradients() {
    guard let recomputation = layout.purpose.recomputation else { return }
    func move(_ region: Region) {
      if !region.hasSlots { return }
      let rows = team.share(of: region.rows)
      // From the last on, since with few steps in a window they lie close together.
      for slot in (0...recomputation.overlap).reversed() where slot + recomputation.interval < region.slots {
        for row in rows {
          region(base, slot: slot + recomputation.interval, row: row)
            .update(from: region(base, slot: slot, row: row), count: laneRange.count)
        }
      }
    }
    for regions in layout.directions { move(regions.hiddenGradient) }
    for regions in layout.merged { if let regions { move(regions.outputGradient) } }
  }
}

/// See ``TilePass/windows(of:)``.
struct ForwardWindows: Sequence, IteratorProtocol {
  let whole: TilePass
  let steps: Int
  private var first = 0

  init(whole: TilePass, steps: Int) { (self.whole, self.steps) = (whole, steps) }

  mutating func next() -> TilePass? {
    if first > 0 && first >= steps { return nil }
    let stride = Swift.max(whole.layout.stride, 1)
    let pass = whole.at(first..<Swift.min(first + stride, steps))
    if first > 0 {
      if pass.hasEnded { return nil }
      pass.carryStates()
    }
    first += stride
    return pass
  }
}

/// See ``TilePass/backwardWindows(of:)``.
struct BackwardWindows: Sequence, IteratorProtocol {
  let whole: TilePass
  let steps: Int
  /// The number of windows that are still to come.
  private var left: Int
  private var isRepeated = false

  init(whole: TilePass, steps: Int) {
    (self.whole, self.steps) = (whole, steps)
    left = whole.layout.purpose.recomputation?.windowCount ?? 1
  }

  mutating func next() -> TilePass? {
    while left > 0 {
      left -= 1
      guard whole.layout.purpose.recomputation != nil else { return whole }
      let first = left * whole.layout.stride
      let pass = whole.backward(at: first..<Swift.min(first + whole.layout.steps, steps), isRepeated: isRepeated)
      if first > 0 && pass.hasEnded { continue }
      if isRepeated {
        pass.carryGradients()
        pass.recallStates()
      }
      isRepeated = true
      return pass
    }
    return nil
  }
}
