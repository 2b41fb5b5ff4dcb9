import RecurrentKernels

/// A named piece of a tile's memory: rows of lanes, one matrix per slot.
///
/// ```
/// [slots][rows][lanes]      float (slot, row, lane) is at offset + (slot · rows + row) · lanes + lane
/// ```
///
/// A region with a single slot is either shared by all time steps, so that its contents last from one step to the next, or
/// belongs to the sequence as a whole, such as its final state.
struct Region: Sendable, Equatable {
  let offset: Int
  let slots: Int
  let rows: Int
  let lanes: Int

  /// Floats per slot; 0 if all time steps share one slot.
  let slotStride: Int

  init(offset: Int, slots: Int, rows: Int, lanes: Int) {
    self.offset = offset
    self.slots = slots
    self.rows = rows
    self.lanes = lanes
    slotStride = slots > 1 ? rows * lanes : 0
  }

  var count: Int { slots * rows * lanes }
  var isEmpty: Bool { count == 0 }
  /// Whether there is one slot for each time step, or for each state between two of them.
  var hasSlots: Bool { slots > 1 }

  /// The address of a row, in the memory that starts at `base`.
  @inline(__always)
  func callAsFunction(_ base: Floats, slot: Int = 0, row: Int = 0) -> Floats {
    assert(slot >= 0 && (slots <= 1 || slot < slots), "slot \(slot) of \(slots)")
    assert(row >= 0 && row <= rows, "row \(row) of \(rows)")
    return base + offset + slot * slotStride + row * lanes
  }

  /// One slot of this region, as a region.
  func slot(_ slot: Int) -> Region {
    Region(offset: offset + slot * slotStride, slots: 1, rows: rows, lanes: lanes)
  }
}

/// Allocates regions one after another, each aligned to a cache line.
struct RegionAllocator {
  /// All allocated regions, with names.
  private(set) var regions: [(name: StaticString, region: Region)] = []
  /// Floats allocated.
  private(set) var count = 0
  let lanes: Int

  init(lanes: Int) { self.lanes = lanes }

  /// A new region; an empty one takes no memory.
  mutating func take(_ name: StaticString, slots: Int = 1, rows: Int) -> Region {
    let region = Region(offset: count, slots: slots, rows: rows, lanes: lanes)
    regions.append((name, region))
    count += wholeLines(region.count)
    return region
  }
}
