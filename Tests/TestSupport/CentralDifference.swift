/// Derivatives in `Double` by central differences: slow, and hard to get wrong.
///
/// ```
/// ∂f/∂xᵢ ≈ (f(x + h eᵢ) - f(x - h eᵢ)) / 2h
/// ```
public enum CentralDifference {
  /// The gradient of a function at a point, element by element: two evaluations each.
  public static func gradient(
    at point: [Double], step: Double = Tolerance.differenceStep, of function: ([Double]) -> Double
  ) -> [Double] {
    gradient(at: point, step: step) { moved, _ in function(moved) }
  }

  /// The gradient of a function that knows which element has been moved, and may leave out what does not depend on it.
  public static func gradient(
    at point: [Double], step: Double = Tolerance.differenceStep,
    of function: (_ point: [Double], _ moved: Int) -> Double
  ) -> [Double] {
    point.indices.map { index in
      var moved = point
      moved[index] = point[index] + step
      let above = function(moved, index)
      moved[index] = point[index] - step
      return (above - function(moved, index)) / (2 * step)
    }
  }

  /// The derivative of a function at a point along a direction: two evaluations, however many elements there are.
  public static func derivative(
    at point: [Double], along direction: [Double], step: Double = Tolerance.differenceStep,
    of function: ([Double]) -> Double
  ) -> Double {
    difference(at: point, along: direction, step: step, of: function).derivative
  }

  /// The derivative along a direction, and how far off it may be because the function's values are rounded.
  private static func difference(
    at point: [Double], along direction: [Double], step: Double, of function: ([Double]) -> Double
  ) -> (derivative: Double, rounding: Double) {
    let above = function(zip(point, direction).map { $0 + step * $1 })
    let below = function(zip(point, direction).map { $0 - step * $1 })
    // A sum of many terms is off by some units in its last place; a function that depends on nothing is not.
    let rounding = above == below ? 0 : 8 * max(above.magnitude, below.magnitude).ulp / (2 * step)
    return ((above - below) / (2 * step), rounding)
  }

  /// What is wrong with a claimed gradient, in words, or nil where every element agrees with the differences.
  public static func mismatch(
    of claimed: [Float], at point: [Double], step: Double = Tolerance.differenceStep, within tolerance: Double,
    of function: ([Double]) -> Double
  ) -> String? {
    TestSupport.mismatch(of: claimed, with: gradient(at: point, step: step, of: function), within: tolerance)
  }

  /// What is wrong with some elements of a claimed gradient, in words, or nil if they agree with the differences.
  ///
  /// They are measured against the largest element of all.
  public static func mismatch(
    of claimed: [Float], at point: [Double], elements: Set<Int>, step: Double = Tolerance.differenceStep,
    within tolerance: Double, of function: ([Double]) -> Double
  ) -> String? {
    if claimed.count != point.count { return "\(claimed.count) elements instead of \(point.count)" }
    let largest = claimed.reduce(0) { max($0, Double($1.magnitude)) }
    for element in elements.sorted() {
      let unit = point.indices.map { $0 == element ? 1.0 : 0 }
      let (expected, rounding) = Self.difference(at: point, along: unit, step: step, of: function)
      let difference = (Double(claimed[element]) - expected).magnitude
      // Negated, so that NaN is a mismatch.
      if !(difference <= tolerance * max(largest, expected.magnitude) + rounding) {
        return
          "element \(element) is \(claimed[element]) instead of \(expected): off by \(difference / largest) of the "
          + "largest magnitude; \(tolerance) is allowed"
      }
    }
    return nil
  }

  /// What is wrong with a claimed gradient along one direction, in words, or nil where it agrees with the difference.
  ///
  /// A direction that takes every element with a weight of its own shows an error in any of them, unless others happen
  /// to make up for it. What is compared is a sum of n products; its error is measured against √n · the largest of them.
  public static func directionalMismatch(
    of claimed: [Float], at point: [Double], along direction: [Double], step: Double = Tolerance.differenceStep,
    within tolerance: Double, of function: ([Double]) -> Double
  ) -> String? {
    if claimed.count != point.count { return "\(claimed.count) elements instead of \(point.count)" }
    let (expected, rounding) = Self.difference(at: point, along: direction, step: step, of: function)
    let products = zip(claimed, direction).map { Double($0) * $1 }
    let found = products.reduce(0, +)
    let magnitude = products.reduce(0) { max($0, $1.magnitude) } * Double(point.count).squareRoot()
    let difference = (found - expected).magnitude
    if difference <= tolerance * max(magnitude, expected.magnitude) + rounding { return nil }
    return "the derivative is \(found) instead of \(expected): off by \(difference / magnitude) of its terms; "
      + "\(tolerance) is allowed"
  }
}
