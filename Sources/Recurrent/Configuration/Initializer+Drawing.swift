import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Initializer {
  /// Draws the parameters of a layer.
  func draw(
    _ cell: some RecurrentCell, inputSize: Int, layer: Int, isReverse: Bool = false, into parameters: inout Parameters,
    using generator: inout SplitMix64
  ) {
    let (hiddenSize, outputSize) = (cell.hiddenSize, cell.outputSize)
    var shapes = cell.parameterShapes(inputSize: inputSize, layer: layer, isReverse: isReverse)
    let projection = cell.isProjected ? shapes.removeLast() : nil
    let own = shapes.suffix(cell.unitParameterNames.count)
    let biasShape = shapes[shapes.count - own.count - 1]
    let inputRows = shapes[0].shape[0]
    let hiddenRows = cell.gates.count { $0.hasHiddenWeights } * hiddenSize
    let isJoint = isJoint && hiddenRows > 0
    // PyTorch's limit uses the hidden size for every matrix of a layer.
    let inputFan = inputWeights == .reciprocalRoot ? hiddenSize : isJoint ? inputSize + outputSize : inputSize
    let hiddenFan = isJoint ? inputSize + outputSize : hiddenWeights == .reciprocalRoot ? hiddenSize : outputSize
    parameters[shapes[0].name] = Tensor(
      known: shapes[0].shape,
      values: inputWeights.draw(
        rows: inputRows, columns: inputSize, fanIn: inputFan, fanOut: inputRows, using: &generator))
    // A cell without recurrent products has no recurrent matrix.
    if hiddenRows > 0 {
      parameters[shapes[1].name] = Tensor(
        known: shapes[1].shape,
        values: hiddenWeights.draw(
          rows: hiddenRows, columns: outputSize, blockRows: hiddenSize, fanIn: hiddenFan, fanOut: hiddenRows,
          using: &generator))
    }
    var biases = [Float](repeating: 0, count: biasShape.shape[0])
    for index in 0..<biasCount {
      let drawn = bias.draw(rows: biases.count, columns: 1, fanIn: hiddenSize, fanOut: 1, using: &generator)
      for (gate, source) in cell.gates.enumerated() where source.hasBias(index, of: biasCount) {
        for i in gate * hiddenSize..<(gate + 1) * hiddenSize { biases[i] += drawn[i] }
      }
    }
    if let gate = cell.forgetGate {
      for unit in 0..<hiddenSize { biases[gate * hiddenSize + unit] += forgetBias }
    }
    if let longestTime, let gates = cell.memoryGates {
      for unit in 0..<hiddenSize {
        let time = generator.uniform(1, Float(longestTime - 1))
        biases[gates.keep * hiddenSize + unit] = log(time)
        if let write = gates.write { biases[write * hiddenSize + unit] = -log(time) }
      }
    }
    parameters[biasShape.name] = Tensor(known: biasShape.shape, values: biases)
    for ((name, shape), unitParameter) in zip(own, cell.unitParameterNames) {
      parameters[name] = Tensor(
        known: shape,
        values: cell.unitParameterRule(unitParameter).draw(
          rows: hiddenSize, columns: 1, fanIn: hiddenSize, fanOut: 1, using: &generator))
    }
    if let projection {
      parameters[projection.name] = Tensor(
        known: projection.shape,
        values: hiddenWeights.draw(
          rows: outputSize, columns: hiddenSize, blockRows: outputSize, fanIn: hiddenSize, fanOut: outputSize,
          using: &generator))
    }
  }

  /// Draws the parameters of a dense layer, weights `[outputs, inputs]` and bias `[outputs]`.
  func drawHead(inputSize: Int, outputSize: Int, using generator: inout SplitMix64) -> (weight: Tensor, bias: Tensor) {
    let weight = headWeights.draw(
      rows: outputSize, columns: inputSize, fanIn: inputSize, fanOut: outputSize, using: &generator)
    let bias = headBias.draw(rows: outputSize, columns: 1, fanIn: inputSize, fanOut: outputSize, using: &generator)
    return (Tensor(known: [outputSize, inputSize], values: weight), Tensor(known: [outputSize], values: bias))
  }
}

extension GateSource {
  /// Whether a gate has the bias at an index.
  ///
  /// Of two biases, the first belongs to W x and the second to U h, as in PyTorch; a gate that reads only one of these
  /// has only its bias.
  fileprivate func hasBias(_ index: Int, of count: Int) -> Bool {
    if count != 2 { return true }
    return index == 0 ? readsInput : hasHiddenWeights
  }
}
