import RecurrentKernels

/// The kernels in use on this machine.
// A table of functions that is written before main begins and never again.
nonisolated(unsafe) let kernels: rk_kernels = rk_kernels_in_use().pointee

/// The instruction set whose kernels are in use: `portable`, `avx2`, `avx512`, `neon` or, for comparison, `naive` and
/// `reordered`.
///
/// The best one the machine has, unless the environment variable `RECURRENT_INSTRUCTION_SET` names another.
public var instructionSet: String { String(cString: kernels.name) }

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

/// c = start + Σ a · b over one to three terms, see `rk_kernels.product`.
@inline(__always)
func product(
  _ c: Floats, _ cRow: Int, rows: Int, lanes: Int, from start: rk_start, bias: UnsafePointer<Float>? = nil,
  _ first: rk_term, _ second: rk_term? = nil, _ third: rk_term? = nil
) {
  guard let second else {
    var term = first
    kernels.product(c, cRow, rows, lanes, start, bias, &term, 1)
    return
  }
  var terms = (first, second, third ?? first)
  withUnsafePointer(to: &terms) {
    $0.withMemoryRebound(to: rk_term.self, capacity: 3) {
      kernels.product(c, cRow, rows, lanes, start, bias, $0, third == nil ? 2 : 3)
    }
  }
}
