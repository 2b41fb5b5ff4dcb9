import RecurrentSupport

extension SequenceModel {
  /// About how many bytes training takes besides the data: parameters, their gradient, the memory of an optimiser, and
  /// the tiles that samples go through.
  ///
  /// - Parameters:
  ///   - batch: sequences of a batch.
  ///   - steps: steps of a sequence.
  ///   - copies: how many more copies of the parameters there are, such as averages and the best ones so far.
  /// - Returns: the number of bytes, which may be more than there are anywhere.
  /// - Complexity: O(layers).
  package func trainingBytes(batch: Int, steps: Int, copies: Int) -> Double {
    let tiling = Tiling(network: plan, sampleCount: batch)
    let layout = TileLayout(
      plan, steps: steps, lanes: tiling.lanes,
      purpose: .trainingStep(plan, hasGivenState: false, hasValueTargets: hasValueTargets))
    let tiles = tiling.sharesTiles ? 1 : min(threads.threads, tiling.tileCount)
    // Weights, their gradient, their transpose, and two moments of an optimiser.
    let parameters = Double(5 + copies) * Double(plan.parameterCount)
    let gradients = tiling.sharesTiles ? 0 : Double(tiling.tileCount) * Double(plan.gradientCount)
    return (parameters + gradients + Double(tiles) * Double(layout.count)) * Double(MemoryLayout<Float>.stride)
  }
}
