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
public struct Dense: Sendable, Equatable, Parameterized {
  /// V as `weight`, `[outputs, inputs]`, and c as `bias`, `[outputs]`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    didSet { parameters.requireSame(entries, "weights must have the names and shapes of their dense layer") }
  }
  private let entries: [Parameters.Entry]

  /// V, `[outputs, inputs]`.
  ///
  /// - Precondition: a new value has the shape of the old one.
  /// - Complexity: O(inputs · outputs), which are copied.
  public var weight: Tensor {
    get { parameters["weight"] }
    set { parameters["weight"] = newValue }
  }
  /// c, `[outputs]`.
  ///
  /// - Precondition: a new value has the shape of the old one.
  /// - Complexity: O(outputs), which are copied.
  public var bias: Tensor {
    get { parameters["bias"] }
    set { parameters["bias"] = newValue }
  }
  private var inputSize: Int { entries[0].shape[1] }
  private var outputSize: Int { entries[0].shape[0] }

  /// A layer from its weights.
  ///
  /// - Parameters:
  ///   - weight: V, `[outputs, inputs]`.
  ///   - bias: c, `[outputs]`.
  /// - Precondition: `weight` is a matrix with one row per element of `bias`.
  /// - Complexity: O(inputs · outputs), which are copied.
  public init(weight: Tensor, bias: Tensor) {
    require(
      weight.shape.count == 2 && bias.shape == [weight.shape[0]],
      "a dense layer takes weights [outputs, inputs] and a bias [outputs]; found \(weight.shape) and \(bias.shape)")
    parameters = Parameters([("weight", weight), ("bias", bias)])
    entries = parameters.entries
  }

  /// A layer with newly drawn weights.
  ///
  /// - Parameters:
  ///   - inputSize: features of an input row.
  ///   - outputSize: features of an output row.
  ///   - initializer: its rules for the head draw the weights.
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
  /// - Precondition: the last dimension is the number of V's columns.
  /// - Complexity: inputs · outputs multiply-adds per row.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    check(inputs, width: inputSize)
    return Matrix(inputs).times(Matrix(weight).transposed, plus: bias)
      .tensor(inputs.shape.dropLast() + [outputSize])
  }

  /// The gradients of the layer's weights and inputs, given the gradient of its outputs.
  ///
  /// ```
  /// dV = Σ dy xᵀ    dc = Σ dy    dx = Vᵀ dy
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: x, `[…, inputs]`, as in the forward pass.
  ///   - outputGradient: dy, `[…, outputs]`, with the same rows.
  /// - Returns: dV and dc by the names of the weights, summed over all rows, and dx, `[…, inputs]`.
  /// - Precondition: x and dy have the same number of rows, and their widths are those of V.
  /// - Complexity: 2 inputs · outputs multiply-adds per row.
  public func gradients(inputs: Tensor, outputGradient: Tensor) -> (parameters: Parameters, inputs: Tensor) {
    check(inputs, width: inputSize)
    check(outputGradient, width: outputSize)
    require(
      inputs.shape.dropLast() == outputGradient.shape.dropLast(),
      "inputs and gradient need the same rows; found \(inputs.shape) and \(outputGradient.shape)")
    let (x, dy) = (Matrix(inputs), Matrix(outputGradient))
    let transposed = dy.transposed
    let weights = Parameters([
      ("weight", transposed.times(x).tensor([outputSize, inputSize])), ("bias", transposed.rowSums),
    ])
    return (weights, dy.times(Matrix(weight)).tensor(inputs.shape))
  }

  private func check(_ rows: Tensor, width: Int) {
    require(rows.shape.last == width, "expected rows of \(width); found \(rows.shape)")
  }
}
