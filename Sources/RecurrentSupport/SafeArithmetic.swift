extension Int {
  /// The quotient rounded up: the number of groups of `size`.
  ///
  /// Unlike `(n + size - 1) / size`, it cannot overflow, whatever limit a user has typed.
  ///
  /// - Parameter size: the group size, above 0.
  /// - Returns: ⌈self / size⌉.
  /// - Complexity: O(1).
  package func groups(of size: Int) -> Int { self / size + (isMultiple(of: size) ? 0 : 1) }

  /// The product of two numbers that are not negative, or the largest integer if it overflows.
  ///
  /// - Parameter other: the second factor.
  /// - Returns: min(self · other, Int.max).
  /// - Complexity: O(1).
  package func saturatingProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
