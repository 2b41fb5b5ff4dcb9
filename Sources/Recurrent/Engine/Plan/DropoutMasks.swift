import RecurrentKernels

/// The random masks of dropout and zoneout for one tile.
///
/// A mask is a function of the pass's seed, its purpose, and each element's index in the tile. Tiles depend only on the
/// batch, so masks do not depend on threads, and backward reproduces those of forward.
struct DropoutMasks {
  /// The purpose of a mask.
  enum Purpose: UInt64 {
    case dropout = 1
    case recurrentDropout, zoneout, weightDrop
  }

  private let seed: UInt64

  init(seed: UInt64, tile: Int) {
    var generator = SplitMix64(seed: seed &+ UInt64(tile) &* 0x9E37_79B9_7F4A_7C15)
    self.seed = generator.next()
  }

  /// The mask of a layer's rows, from `row` on, at a step.
  ///
  /// - Parameters:
  ///   - layer: the index of the layer, or of layer and component.
  ///   - step: the step; the same value for all steps if they share a mask.
  ///   - rate: the probability that an element is dropped.
  ///   - row: the first row; rows are `lanes` floats apart.
  ///   - lane: the first lane.
  func mask(
    _ purpose: Purpose, layer: Int, step: Int, rate: Float, row: Int, lanes: Int, lane: Int = 0
  ) -> rk_mask {
    var generator = SplitMix64(seed: seed &+ purpose.rawValue << 56 &+ UInt64(layer) << 32 &+ UInt64(step))
    return rk_mask(
      seed: UInt32(truncatingIfNeeded: generator.next() >> 32), threshold: UInt32(Double(rate) * 0x1p32),
      place: UInt32(truncatingIfNeeded: row * lanes + lane))
  }
}
