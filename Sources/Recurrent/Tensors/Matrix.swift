import RecurrentKernels

/// A matrix as the product kernel takes it: rows are aligned to whole vectors and padded with zeros.
struct Matrix {
  let rows: Int
  let columns: Int
  private let width: Int
  private let floats: AlignedFloats

  private init(zeros rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    width = padded(columns)
    floats = AlignedFloats(count: rows * width)
  }

  /// The elements of a tensor; its last dimension is a row.
  init(_ tensor: Tensor) {
    let columns = tensor.shape.last ?? 1
    self.init(zeros: columns == 0 ? 0 : tensor.count / columns, columns)
    tensor.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      forEachShare(of: rows, on: pool) { rows in
        for row in rows { (floats.base + row * width).update(from: values + row * columns, count: columns) }
      }
    }
  }

  /// The threads that copy the elements; nil if waking them takes longer.
  private var pool: ThreadPool? { rows * columns < 1 << 15 ? nil : .shared }

  /// The transpose.
  var transposed: Matrix {
    let result = Matrix(zeros: columns, rows)
    forEachShare(of: rows, on: pool) { rows in
      kernels.transpose(
        floats.base + rows.lowerBound * width, width, result.floats.base + rows.lowerBound, result.width, rows.count,
        columns)
    }
    return result
  }

  /// The product with another matrix, plus `bias` in each row.
  ///
  /// The threads of the shared pool divide the rows; each element is the same chain of multiply-adds on any number of
  /// threads.
  ///
  /// Cost: one multiply-add for each element of the result and column of this matrix.
  func times(_ other: Matrix, plus bias: Tensor? = nil) -> Matrix {
    let result = Matrix(zeros: rows, other.columns)
    let start = bias.map { Matrix($0) }
    // Waking a thread takes longer than this much work.
    let isSmall = rows * other.columns * columns < 1 << 16
    forEachShare(of: rows, on: isSmall ? nil : .shared) { rows in
      let term = rk_term(
        a: floats.base + rows.lowerBound * width, aRow: width, b: other.floats.base, bRow: other.width, k: columns)
      Recurrent.product(
        result.floats.base + rows.lowerBound * result.width, result.width, rows: rows.count, lanes: result.width,
        from: start == nil ? RK_FROM_ZERO : RK_FROM_ROW, bias: start.map { UnsafePointer($0.floats.base) }, term)
    }
    return result
  }

  /// The elements, row by row, in a shape with as many elements.
  func tensor(_ shape: [Int]) -> Tensor {
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { values, count in
      count = rows * columns
      guard let values = values.baseAddress else { return }
      forEachShare(of: rows, on: pool) { rows in
        for row in rows {
          (values + row * columns).initialize(from: floats.base + row * width, count: columns)
        }
      }
    }
    return Tensor(known: shape, values: values)
  }

  /// The sum of each row.
  var rowSums: Tensor {
    var sums = [Float](repeating: 0, count: rows)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      kernels.rowSums(floats.base, width, sums, rows, columns)
    }
    return Tensor(known: [rows], values: sums)
  }
}

/// Runs `body` concurrently over the parts of `0..<count`, one per thread of a pool, or over all of it on this thread.
///
/// - Parameters:
///   - count: the end of the range to divide.
///   - pool: the threads to use; nil for the calling thread alone.
///   - body: receives a part that is not empty; several threads call it concurrently.
func forEachShare(of count: Int, on pool: ThreadPool?, _ body: (Range<Int>) -> Void) {
  guard let pool else {
    if count > 0 { flushingDenormals { body(0..<count) } }
    return
  }
  withoutActuallyEscaping(body) { pool.run(ShareWork(count: count, body: $0)) }
}

private struct ShareWork: ParallelWork {
  let count: Int
  let body: (Range<Int>) -> Void

  func run(worker: Int, workers: Int) {
    let part = share(of: count, worker: worker, workers: workers)
    if !part.isEmpty { body(part) }
  }
}
