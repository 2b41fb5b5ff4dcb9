import RecurrentSupport

/// A dense layer: every output is a weighted sum of all inputs.
///
/// ```
/// y = V x + c
/// ```
///
/// Shapes: x `[…, inputs]`, V `[outputs, inputs]`, c `[outputs]`, y `[…, outputs]`.
///
/// Cost: inputs · outputs multiply-adds per row.
public struct Dense: Sendable, Equatable {
  /// V, `[outputs, inputs]`.
  public var weight: Tensor
  /// c, `[outputs]`.
  public var bias: Tensor

  /// A layer from its weights.
  ///
  /// - Parameters:
  ///   - weight: V, `[outputs, inputs]`.
  ///   - bias: c, `[outputs]`.
  /// - Precondition: `weight` is a matrix with one row per element of `bias`.
  public init(weight: Tensor, bias: Tensor) {
    require(
      weight.shape.count == 2 && bias.shape == [weight.shape[0]],
      "a dense layer takes weights [outputs, inputs] and a bias [outputs]; found \(weight.shape) and \(bias.shape)")
    self.weight = weight
    self.bias = bias
  }

  /// A layer with fresh weights.
  ///
  /// - Parameters:
  ///   - inputSize: features of a row that comes in.
  ///   - outputSize: features of a row that goes out.
  ///   - initializer: whose rules for the head draw the weights.
  ///   - seed: the same seed draws the same weights.
  /// - Complexity: O(inputs · outputs).
  public init(inputSize: Int, outputSize: Int, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0) {
    var generator = SplitMix64(seed: seed)
    let drawn = initializer.drawHead(inputSize: inputSize, outputSize: outputSize, using: &generator)
    self.init(weight: drawn.weight, bias: drawn.bias)
  }

  /// The outputs y = V x + c, for every row of a batch, or of all steps of a batch.
  ///
  /// - Parameter inputs: x, `[…, inputs]`.
  /// - Returns: y, `[…, outputs]`.
  /// - Precondition: the last dimension is as wide as a row of V.
  /// - Complexity: inputs · outputs multiply-adds per row.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    check(inputs, width: weight.shape[1])
    return Matrix(inputs).times(Matrix(weight).transposed, plus: bias)
      .tensor(inputs.shape.dropLast() + [weight.shape[0]])
  }

  /// The gradients of the layer's weights and inputs, given that of its outputs.
  ///
  /// ```
  /// dV = Σ dy xᵀ    dc = Σ dy    dx = Vᵀ dy
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: x, `[…, inputs]`, as the layer was given them.
  ///   - outputGradient: dy, `[…, outputs]`, with the same rows.
  /// - Returns: dV `[outputs, inputs]`, dc `[outputs]` and dx `[…, inputs]`; the first two are sums over all rows.
  /// - Precondition: x and dy have equally many rows, of the widths of V.
  /// - Complexity: 2 inputs · outputs multiply-adds per row.
  public func gradients(inputs: Tensor, outputGradient: Tensor) -> (weight: Tensor, bias: Tensor, inputs: Tensor) {
    check(inputs, width: weight.shape[1])
    check(outputGradient, width: weight.shape[0])
    require(
      inputs.shape.dropLast() == outputGradient.shape.dropLast(),
      "inputs and gradient have the same rows; found \(inputs.shape) and \(outputGradient.shape)")
    let (x, dy) = (Matrix(inputs), Matrix(outputGradient))
    return (
      dy.transposed.times(x).tensor(weight.shape), dy.rowSum, dy.times(Matrix(weight)).tensor(inputs.shape)
    )
  }

  private func check(_ rows: Tensor, width: Int) {
    require(rows.shape.last == width, "expected rows of \(width); found \(rows.shape)")
  }
}
