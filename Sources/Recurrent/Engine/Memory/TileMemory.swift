import RecurrentKernels
import RecurrentSupport

/// The memory of one tile: samples that go through all layers and steps side by side.
///
/// Memory is reused from batch to batch and grows only for a larger tile.
final class TileMemory {
  private(set) var base: Floats
  /// For the workers that compute this tile together while others compute other tiles.
  let barrier: UnsafeMutablePointer<rk_barrier>
  /// How many floats there is room for.
  private(set) var capacity = 0
  /// The sample in each lane: its index in the dataset, and its position in the batch.
  private(set) var samples: UnsafeMutablePointer<Int32>
  private(set) var positions: UnsafeMutablePointer<Int32>
  /// The number of running lanes at each step.
  ///
  /// Lanes are sorted so that running lanes are always the first.
  private(set) var runningCounts: UnsafeMutablePointer<Int32>
  /// The tokens of each lane, `[steps][lanes]`.
  private(set) var tokens: UnsafeMutablePointer<Int32>
  /// For each lane and step that the head reads: the label, the number of targets predicted correctly, and the number
  /// of targets, `[steps][lanes]`.
  private(set) var labels: UnsafeMutablePointer<Int32>
  private(set) var correct: UnsafeMutablePointer<Int32>
  private(set) var present: UnsafeMutablePointer<Int32>
  private var laneCapacity = 0
  private var stepCapacity = 0
  private var tokenCapacity = 0
  private var labelCapacity = 0
  /// The number of lanes that hold a sample.
  var sampleCount = 0

  init() {
    base = Floats.zeros(1)
    barrier = .allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    samples = .zeros(1)
    positions = .zeros(1)
    runningCounts = .zeros(1)
    tokens = .zeros(1)
    labels = .zeros(1)
    correct = .zeros(1)
    present = .zeros(1)
  }

  deinit {
    rk_free(base)
    barrier.deallocate()
    for integers in [samples, positions, runningCounts, tokens, labels, correct, present] { rk_free(integers) }
  }

  /// Allocates memory for a layout, for the running counts of all steps, and for tokens and labels.
  func prepare(_ layout: TileLayout, steps: Int, tokens tokenCount: Int, labels labelCount: Int) {
    if steps > stepCapacity {
      runningCounts.replace(count: steps)
      stepCapacity = steps
    }
    if layout.count > capacity {
      rk_free(base)
      base = Floats.zeros(layout.count)
      capacity = layout.count
    }
    if layout.lanes > laneCapacity {
      samples.replace(count: layout.lanes)
      positions.replace(count: layout.lanes)
      laneCapacity = layout.lanes
    }
    if tokenCount > tokenCapacity {
      tokens.replace(count: tokenCount)
      tokenCapacity = tokenCount
    }
    if labelCount > labelCapacity {
      labels.replace(count: labelCount)
      correct.replace(count: labelCount)
      present.replace(count: labelCount)
      labelCapacity = labelCount
    }
  }
}
