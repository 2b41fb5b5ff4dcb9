import RecurrentKernels
import RecurrentSupport

/// The memory of one tile: up to some number of samples that go through all layers and steps side by side.
///
/// Memory is kept from one batch to the next and grows only when a larger tile comes.
final class Tile {
  private(set) var layout: TileLayout?
  private(set) var base: Floats
  private var capacity = 0
  /// The sample in each lane: its place in the dataset, and its place in the batch.
  private(set) var samples: UnsafeMutablePointer<Int32>
  private(set) var places: UnsafeMutablePointer<Int32>
  private(set) var labels: UnsafeMutablePointer<Int32>
  private(set) var correct: UnsafeMutablePointer<Int32>
  /// How many lanes are still running at each step.
  ///
  /// Lanes are sorted so that it is always the first ones.
  private(set) var counts: UnsafeMutablePointer<Int32>
  private var laneCapacity = 0
  private var stepCapacity = 0
  /// How many lanes hold a sample.
  var sampleCount = 0

  init() {
    base = Self.allocate(1)
    samples = Self.allocateIntegers(1)
    places = Self.allocateIntegers(1)
    labels = Self.allocateIntegers(1)
    correct = Self.allocateIntegers(1)
    counts = Self.allocateIntegers(1)
  }

  deinit {
    rk_free(base)
    for integers in [samples, places, labels, correct, counts] { rk_free(integers) }
  }

  /// Makes room for a layout, and for the counts of all steps of the sequences.
  func prepare(_ layout: TileLayout, steps: Int) {
    if steps > stepCapacity {
      rk_free(counts)
      counts = Self.allocateIntegers(steps)
      stepCapacity = steps
    }
    if layout == self.layout { return }
    self.layout = layout
    if layout.count > capacity {
      rk_free(base)
      base = Self.allocate(layout.count)
      capacity = layout.count
    }
    if layout.lanes > laneCapacity {
      for integers in [samples, places, labels, correct] { rk_free(integers) }
      samples = Self.allocateIntegers(layout.lanes)
      places = Self.allocateIntegers(layout.lanes)
      labels = Self.allocateIntegers(layout.lanes)
      correct = Self.allocateIntegers(layout.lanes)
      laneCapacity = layout.lanes
    }
  }

  static func allocate(_ count: Int) -> Floats {
    guard let memory = rk_allocate(count * MemoryLayout<Float>.stride) else { outOfMemory(count * 4) }
    return memory.bindMemory(to: Float.self, capacity: count)
  }

  private static func allocateIntegers(_ count: Int) -> UnsafeMutablePointer<Int32> {
    guard let memory = rk_allocate(count * MemoryLayout<Int32>.stride) else { outOfMemory(count * 4) }
    return memory.bindMemory(to: Int32.self, capacity: count)
  }

  // As with Swift's own arrays, there is no way to go on without memory.
  private static func outOfMemory(_ bytes: Int) -> Never {
    OutOfMemory.end(
      "no memory for \(bytes) bytes more: use fewer or smaller layers, a smaller batch or shorter sequences")
  }
}
