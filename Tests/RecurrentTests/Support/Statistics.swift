import Recurrent
import Testing

// Statistical expectations on draws from fixed seeds. All bounds are five standard deviations of what they look at, so
// that a right generator fails one of them with a chance of one in two million per seed.

/// Expects values spread evenly over ±limit: none beyond, some close to both ends, mean and variance as they should be.
func expectUniform(_ tensor: Tensor, limit: Double, sourceLocation: SourceLocation = #_sourceLocation) {
  let values = tensor.values.map(Double.init)
  // Floats are rounded, and so is the limit that they were drawn within.
  #expect(values.allSatisfy { $0.magnitude <= limit * (1 + 1e-6) }, sourceLocation: sourceLocation)
  // The chance that none of n values comes as close to an end as 15/n of the range is e⁻¹⁵.
  let margin = 2 * limit * 15 / Double(values.count)
  #expect(values.contains { $0 > limit - margin }, sourceLocation: sourceLocation)
  #expect(values.contains { $0 < -limit + margin }, sourceLocation: sourceLocation)
  expectMoments(
    values, mean: 0, variance: limit * limit / 3, fourth: limit * limit * limit * limit / 5,
    sourceLocation: sourceLocation)
}

/// Expects values of a normal distribution around 0.
func expectNormal(_ floats: [Float], deviation: Double, sourceLocation: SourceLocation = #_sourceLocation) {
  let values = floats.map(Double.init)
  let square = deviation * deviation
  expectMoments(values, mean: 0, variance: square, fourth: 3 * square * square, sourceLocation: sourceLocation)
  // 31.7 % lie beyond one standard deviation; even values of that variance: 42.3 %.
  let beyond = Double(values.count { $0.magnitude > deviation }) / Double(values.count)
  #expect((beyond - 0.317).magnitude < 5 * (0.217 / Double(values.count)).squareRoot(), sourceLocation: sourceLocation)
}

/// Expects mean and variance within five standard deviations of their estimates.
func expectMoments(
  _ values: [Double], mean: Double, variance: Double, fourth: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let n = Double(values.count)
  let found = values.reduce(0, +) / n
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
  #expect((found - mean).magnitude < 5 * (variance / n).squareRoot(), sourceLocation: sourceLocation)
  #expect(
    (square - variance).magnitude < 5 * ((fourth - variance * variance) / n).squareRoot(),
    sourceLocation: sourceLocation)
}
