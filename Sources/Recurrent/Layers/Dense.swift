/// A dense layer: every output is a weighted sum of all inputs.
///
/// ```
/// y = V x + c
/// ```
///
/// Shapes: x `[batch, inputs]`, V `[outputs, inputs]`, c `[outputs]`, y `[batch, outputs]`.
///
/// Cost: inputs · outputs multiply-adds per sample.
public struct Dense: Sendable, Equatable {
  /// V, `[outputs, inputs]`.
  public var weight: Tensor
  /// c, `[outputs]`.
  public var bias: Tensor

  /// A layer from its weights.
  ///
  /// - Precondition: `weight` is a matrix with one row per element of `bias`.
  public init(weight: Tensor, bias: Tensor) {
    precondition(
      weight.shape.count == 2 && bias.shape == [weight.shape[0]],
      "a dense layer takes weights [outputs, inputs] and a bias [outputs]; found \(weight.shape) and \(bias.shape)")
    self.weight = weight
    self.bias = bias
  }

  /// A layer with fresh weights.
  public init(inputSize: Int, outputSize: Int, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0) {
    var generator = SplitMix64(seed: seed)
    let drawn = initializer.drawHead(inputSize: inputSize, outputSize: outputSize, using: &generator)
    self.init(weight: drawn.weight, bias: drawn.bias)
  }

  /// y = V x + c for every row of `inputs`, `[batch, inputs]`.
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    let (batch, size, outputs) = (inputs.shape[0], weight.shape[1], weight.shape[0])
    precondition(inputs.shape == [batch, size], "the layer takes [batch, \(size)]; found \(inputs.shape)")
    var result = Tensor(zeros: [batch, outputs])
    for row in 0..<batch {
      for output in 0..<outputs {
        var sum = bias.values[output]
        for input in 0..<size { sum += weight.values[output * size + input] * inputs.values[row * size + input] }
        result.values[row * outputs + output] = sum
      }
    }
    return result
  }

  /// The gradients of the layer's weights and inputs, given that of its outputs.
  ///
  /// ```
  /// dV = Σ dy xᵀ    dc = Σ dy    dx = Vᵀ dy
  /// ```
  public func gradients(inputs: Tensor, outputGradient: Tensor) -> (weight: Tensor, bias: Tensor, inputs: Tensor) {
    let (batch, size, outputs) = (inputs.shape[0], weight.shape[1], weight.shape[0])
    precondition(
      inputs.shape == [batch, size] && outputGradient.shape == [batch, outputs],
      "expected [batch, \(size)] and [batch, \(outputs)]; found \(inputs.shape) and \(outputGradient.shape)")
    var (dWeight, dBias) = (Tensor(zeros: weight.shape), Tensor(zeros: bias.shape))
    var dInputs = Tensor(zeros: inputs.shape)
    for row in 0..<batch {
      for output in 0..<outputs {
        let dy = outputGradient.values[row * outputs + output]
        dBias.values[output] += dy
        for input in 0..<size {
          dWeight.values[output * size + input] += dy * inputs.values[row * size + input]
          dInputs.values[row * size + input] += dy * weight.values[output * size + input]
        }
      }
    }
    return (dWeight, dBias, dInputs)
  }
}
