import RecurrentKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A matrix whose rows may lie further apart than they are wide, with guard values in front, behind and in the gaps.
///
/// A guard is a NaN of one special pattern: whoever writes one is seen by `isIntact`, whoever reads one by its result.
final class Grid {
  let rows: Int
  let columns: Int
  /// How many floats lie between two rows.
  let row: Int
  /// The first element.
  let base: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutablePointer<Float>

  private static let margin = 24
  private static let guardValue = Float(bitPattern: 0x7FE5_A5A5)
  nonisolated(unsafe) private static let guards: UnsafeMutablePointer<Float> = {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: 1024)
    values.initialize(repeating: guardValue, count: 1024)
    return values
  }()

  init(_ rows: Int, _ columns: Int, gap: Int = 0, value: (_ row: Int, _ column: Int) -> Float = { _, _ in 0 }) {
    self.rows = rows
    self.columns = columns
    row = columns + gap
    precondition(gap <= 1024)
    memory = .allocate(capacity: rows * row + 2 * Self.margin)
    memory.initialize(repeating: Self.guardValue, count: rows * row + 2 * Self.margin)
    base = memory + Self.margin
    for i in 0..<rows {
      for j in 0..<columns { base[i * row + j] = value(i, j) }
    }
  }

  deinit { memory.deallocate() }

  subscript(i: Int, j: Int) -> Float {
    get { base[i * row + j] }
    set { base[i * row + j] = newValue }
  }

  /// A copy with the same gaps.
  func copy() -> Grid {
    let copy = Grid(rows, columns, gap: row - columns)
    copy.memory.update(from: memory, count: rows * row + 2 * Self.margin)
    return copy
  }

  /// Whether no guard has been overwritten.
  var isIntact: Bool {
    func holds(_ start: UnsafeMutablePointer<Float>, _ count: Int) -> Bool {
      memcmp(start, Self.guards, count * MemoryLayout<Float>.stride) == 0
    }
    return holds(memory, Self.margin) && holds(base + rows * row, Self.margin)
      && (0..<rows).allSatisfy { holds(base + $0 * row + columns, row - columns) }
  }

  /// Whether all elements of two matrices have the same bits.
  func hasSameBits(as other: Grid) -> Bool {
    rows == other.rows && columns == other.columns
      && (0..<rows).allSatisfy {
        memcmp(base + $0 * row, other.base + $0 * other.row, columns * MemoryLayout<Float>.stride) == 0
      }
  }

  /// The first element that differs from `expected` by more than `tolerance` allows, in words.
  func difference(from expected: Grid, within tolerance: (_ row: Int, _ column: Int) -> Float) -> String? {
    for i in 0..<rows {
      for j in 0..<columns where !agree(self[i, j], expected[i, j], within: tolerance(i, j)) {
        return "[\(i)][\(j)] is \(self[i, j]), not \(expected[i, j]) ± \(tolerance(i, j))"
      }
    }
    return nil
  }
}

/// Whether two results are the same: the same kind of infinity or NaN, or numbers no further apart than `tolerance`.
func agree(_ a: Float, _ b: Float, within tolerance: Float) -> Bool {
  a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance
}
