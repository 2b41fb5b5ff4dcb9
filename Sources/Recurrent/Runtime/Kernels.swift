import RecurrentKernels

/// The kernels in use on this machine.
// A table of functions that is written before main begins and never again.
nonisolated(unsafe) let kernels: rk_kernels = rk_kernels_in_use().pointee

typealias Floats = UnsafeMutablePointer<Float>

/// The smallest multiple of the lane granularity that holds `count` samples.
@inline(__always)
func padded(_ count: Int) -> Int { (count + Int(RK_LANE_MULTIPLE) - 1) / Int(RK_LANE_MULTIPLE) * Int(RK_LANE_MULTIPLE) }

/// The smallest number of floats in whole cache lines that is not below `count`.
@inline(__always)
func wholeLines(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// The part of `0..<count` that falls to one of several workers, as even as can be.
@inline(__always)
func share(of count: Int, worker: Int, workers: Int) -> Range<Int> {
  count * worker / workers..<count * (worker + 1) / workers
}

/// c = start + a · b, see `rk_product_kernel`.
@inline(__always)
func product(
  _ c: Floats, _ cRow: Int, rows: Int, lanes: Int, from start: rk_start, bias: UnsafePointer<Float>? = nil,
  _ term: rk_term
) {
  var terms = rk_terms()
  terms.append(term)
  kernels.product(c, cRow, rk_rows(rows), lanes, start, bias, &terms)
}

extension rk_rows {
  /// Rows one after the other.
  @inline(__always)
  init(_ count: Int) { self.init(m: count, parts: 1, stride: 0) }
}

extension rk_terms {
  /// Adds a term to the product.
  @inline(__always)
  mutating func append(_ term: rk_term) {
    precondition(count < Int(RK_MOST_TERMS), "a product has at most \(RK_MOST_TERMS) terms")
    rk_append(&self, term)
  }
}
