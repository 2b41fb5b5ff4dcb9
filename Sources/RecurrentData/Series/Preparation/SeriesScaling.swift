/// How values of one kind are normalized, and restored to their own units.
///
/// ```
/// z = (x - mean) / deviation          x = mean + deviation · z
/// ```
public struct SeriesScaling: Codable, Hashable, Sendable {
  /// What the values are of: the name of a channel, a static input or a target.
  public let name: String
  /// The mean of the training values.
  public let mean: Double
  /// The standard deviation of the training values, with N in the denominator; 1 if they are all alike.
  public let deviation: Double

  /// A scaling of one's own.
  ///
  /// - Parameters:
  ///   - name: what the values are of.
  ///   - mean: what becomes 0.
  ///   - deviation: how far from the mean what becomes 1 is.
  /// - Complexity: O(1).
  public init(name: String, mean: Double, deviation: Double) {
    self.name = name
    self.mean = mean
    self.deviation = deviation
  }

  /// The normalized value; NaN of NaN.
  ///
  /// - Parameter value: in the units of the data.
  /// - Complexity: O(1).
  public func normalized(_ value: Float) -> Float { Float((Double(value) - mean) / deviation) }

  /// The value in the units of the data.
  ///
  /// - Parameter value: normalized.
  /// - Complexity: O(1).
  public func restored(_ value: Float) -> Float { Float(mean + deviation * Double(value)) }
}

/// Mean and variance of values that come one by one, in double precision.
///
/// ```
/// mean ← mean + (x - mean) / n          S ← S + (x - mean before) (x - mean after)          variance = S / n
/// ```
///
/// Source: Welford 1962, "Note on a method for calculating corrected sums of squares and products".
struct RunningMoments {
  private(set) var count = 0
  private(set) var mean = 0.0
  private var squares = 0.0

  /// Takes a value; one that is missing is left out.
  mutating func take(_ value: Float) {
    if value.isNaN { return }
    count += 1
    let difference = Double(value) - mean
    mean += difference / Double(count)
    squares += difference * (Double(value) - mean)
  }

  /// The variance, with N in the denominator; NaN if there are no values.
  var variance: Double { squares / Double(count) }

  /// The scaling of these values; nil if there are none.
  func scaling(_ name: String) -> SeriesScaling? {
    if count == 0 { return nil }
    let deviation = variance.squareRoot()
    return SeriesScaling(name: name, mean: mean, deviation: deviation > 0 ? deviation : 1)
  }
}
