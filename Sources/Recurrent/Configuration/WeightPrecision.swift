/// How a network stores the weights W and U of its recurrent layers for inference.
///
/// Smaller weights leave room in the caches, which is what a step of one sequence takes its time for once a layer has
/// some hundred units. Biases, embeddings and the head always are floats: they are few, or read only in part.
public enum WeightPrecision: String, Sendable, Codable, CaseIterable, CustomStringConvertible {
  /// 32 bits, as in training.
  case float
  /// 16 bits: a float without the lower half of its bits, rounded to the nearest; half of the memory.
  ///
  /// Products are those of floats with the same values.
  case bf16
  /// 8 bits: whole numbers from -127 to 127 with a scale for each row; a quarter of the memory.
  ///
  /// ```
  /// w ≈ q s,   s = max |w| / 127 of the row
  /// h ≈ p / 127,   U h ≈ s / 127 · Σ q p      whole numbers, summed without rounding
  /// ```
  ///
  /// States, which lie within ±1, are rounded as well when they are multiplied; so are the states that a layer reads from
  /// the one below. Features of the input and embeddings are not, nor the input of a layer above a residual one.
  case int8

  /// The name, such as `int8`.
  public var description: String { rawValue }
}
