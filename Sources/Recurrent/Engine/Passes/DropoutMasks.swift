import RecurrentKernels

/// The random masks of dropout and zoneout for one tile.
///
/// A mask is a function of the seed of the pass, of what it is for and of the place of each element in the tile. Tiles
/// are cut by the batch alone, so masks do not depend on threads, and backward finds those of forward again.
struct DropoutMasks {
  /// What a mask is for.
  enum Purpose: UInt64 {
    case dropout = 1
    case recurrentDropout, zoneout, weightDrop
  }

  private let seed: UInt64

  init(seed: UInt64, tile: Int) {
    var generator = SplitMix64(seed: seed &+ UInt64(tile) &* 0x9E37_79B9_7F4A_7C15)
    self.seed = generator.next()
  }

  /// The mask of a layer's rows from `row` on at a step.
  ///
  /// - Parameters:
  ///   - layer: the number of the layer, or of the component and the layer.
  ///   - step: the step; one number for all of them where the mask is the same.
  ///   - rate: the probability of an element to be dropped.
  ///   - row: the first of the rows; `lanes` floats lie between two.
  func mask(_ purpose: Purpose, layer: Int, step: Int, rate: Float, row: Int, lanes: Int) -> rk_mask {
    var generator = SplitMix64(seed: seed &+ purpose.rawValue << 56 &+ UInt64(layer) << 32 &+ UInt64(step))
    return rk_mask(
      seed: UInt32(truncatingIfNeeded: generator.next() >> 32), threshold: UInt32(Double(rate) * 0x1p32),
      place: UInt32(truncatingIfNeeded: row * lanes))
  }
}
