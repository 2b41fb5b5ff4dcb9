import RecurrentSupport

extension SequenceModel {
  /// About how many bytes training needs besides the data: parameters, their gradient, the optimizer's state, and the
  /// tiles.
  ///
  /// - Parameters:
  ///   - batch: sequences of a batch.
  ///   - steps: steps of a sequence.
  ///   - remembering: the steps from one state that is remembered to the next; nil if all are.
  ///   - copies: the number of additional copies of the parameters, such as averages and the best ones so far.
  /// - Returns: the number of bytes, which may exceed any machine's memory.
  /// - Complexity: O(layers).
  package func trainingBytes(batch: Int, steps: Int, remembering interval: Int? = nil, copies: Int) -> Double {
    let tiling = Tiling(network: plan, sampleCount: batch)
    var purpose = TileLayout.Purpose.trainingStep(
      plan, hasGivenState: false, hasValueTargets: hasValueTargets,
      recomputation: interval.flatMap { Recomputation(every: $0, steps: steps, network: plan) })
    purpose.dividesLanes = tiling.dividesLanes(among: threads.threads)
    let atOnce = TileLayout.stepsAtOnce(plan, steps: steps, lanes: tiling.lanes, purpose: purpose)
    let layout = TileLayout(plan, steps: atOnce, lanes: tiling.lanes, purpose: purpose)
    let tiles = tiling.sharesTiles ? 1 : min(threads.threads, tiling.tileCount)
    // Weights, their gradient, their transpose, and two moments of an optimizer.
    let parameters = Double(5 + copies) * Double(plan.parameterCount)
    let gradients = Double(tiling.tileCount) * Double(plan.gradientCount)
    return (parameters + gradients + Double(tiles) * Double(layout.count)) * Double(MemoryLayout<Float>.stride)
  }
}
