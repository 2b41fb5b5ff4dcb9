import Recurrent

/// A stack of recurrent layers over a ragged batch, by the loops of a textbook.
///
/// All is computed in `Double`, and forward only. Gradients come from ``CentralDifference``, so that nothing of
/// backpropagation is shared with what is tested.
///
/// All numbers that a gradient can be taken of lie in `values` under the names of the fixtures: the parameters'
/// names, `inputs`, and for the states before the first step `hidden_l0`, `cell_l0` and so on. What `hidden_shift_l0` holds,
/// `[batch, time, hidden]`, is added to a hidden state after each step: the gradient of that is the state's own.
public struct ReferenceNetwork: Sendable {
  /// The cells, from the bottom up, in both directions forward before reverse.
  public let cells: [ReferenceCell]
  /// Whether each layer has two cells, the second reading in reverse.
  public let isBidirectional: Bool
  /// The layers whose only cell reads in reverse.
  public let reverseLayers: Set<Int>
  /// The width of each layer's hidden state.
  public let hiddenSizes: [Int]
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of steps of the padded batch.
  public let steps: Int
  /// The true length of each sequence.
  public let lengths: [Int]
  /// All numbers that gradients can be taken of.
  public var values: [String: [Double]]
  /// Of each cell the names of what it has besides input weights and biases, without and with what they end in.
  fileprivate let vectorNames: [[(own: String, full: String)]]

  /// A network over a batch.
  ///
  /// - Parameters:
  ///   - cells: the cells, from the bottom up.
  ///   - parameters: weights under PyTorch's names; the widths are read off their shapes.
  ///   - inputs: `[batch, time, feature]`.
  ///   - lengths: the true lengths; nil where all are full.
  ///   - state: the states before the first step; zeros where nil.
  ///   - isBidirectional: whether each layer has two cells.
  ///   - reverseLayers: the layers whose only cell reads in reverse.
  public init(
    _ cells: [ReferenceCell], _ parameters: Parameters, inputs: Tensor, lengths: [Int]? = nil,
    state: StackState? = nil, isBidirectional: Bool = false, reverseLayers: Set<Int> = []
  ) {
    self.cells = cells
    self.isBidirectional = isBidirectional
    self.reverseLayers = reverseLayers
    func ending(_ layer: Int) -> String { Self.ending(layer, isBidirectional: isBidirectional) }
    // The last of both sizes of a matrix, or the only one of weights that are a vector.
    hiddenSizes = cells.indices.map { layer in
      let shape = parameters["weight_hh" + ending(layer)].shape
      return shape[shape.count - 1]
    }
    // Behind a projected hidden state the other components are as wide as what it is projected from.
    let otherSizes = zip(cells.indices, hiddenSizes).map {
      parameters.entry("weight_hr" + ending($0))?.shape[1] ?? $1
    }
    vectorNames = cells.indices.map { layer in
      parameters.entries.map(\.name).filter { $0.hasSuffix(ending(layer)) }
        .map { (own: String($0.dropLast(ending(layer).count)), full: $0) }
        .filter { $0.own != "weight_ih" && $0.own != "bias_ih" }
    }
    inputSize = inputs.shape[2]
    steps = inputs.shape[1]
    self.lengths = lengths ?? Array(repeating: steps, count: inputs.shape[0])
    values = [:]
    for entry in parameters.entries { values[entry.name] = parameters[entry.name].values.map(Double.init) }
    values["inputs"] = inputs.values.map(Double.init)
    for (layer, cell) in cells.enumerated() {
      for (component, name) in cell.components.enumerated() {
        values[name + ending(layer)] =
          state?.layers[layer].components[component].values.map(Double.init)
          ?? Array(repeating: 0, count: inputs.shape[0] * (component == 0 ? hiddenSizes : otherSizes)[layer])
      }
    }
  }

  /// What the names of a cell's parameters and states end in.
  public static func ending(_ layer: Int, isBidirectional: Bool) -> String {
    isBidirectional ? "_l\(layer / 2)" + (layer % 2 == 0 ? "" : "_reverse") : "_l\(layer)"
  }

  /// The number of features of an output step.
  public var outputSize: Int { hiddenSizes.suffix(isBidirectional ? 2 : 1).reduce(0, +) }

  /// What a forward pass gives.
  public struct Result {
    /// The topmost layer's outputs, `[batch, time, hidden]`, zero past each length.
    public let outputs: [Double]
    /// The state after each sequence's last step: per layer and component `[batch, hidden]`.
    public let finalStates: [[[Double]]]
  }

  /// Runs every sequence, one after the other, layer after layer.
  public func run() -> Result { run(lengths.indices) }

  /// Runs some sequences; what belongs to the others is zero in the outputs, and their states are those before the first step.
  private func run(_ samples: Range<Int>) -> Result {
    let top = outputSize
    let layers = cells.indices.map { Layer(self, $0) }
    let directions = isBidirectional ? 2 : 1
    let inputs = self["inputs"]
    var outputs = [Double](repeating: 0, count: lengths.count * steps * top)
    var finals = layers.map(\.states)
    for sample in samples {
      let length = lengths[sample]
      var sequence = Array(inputs[(sample * steps) * inputSize..<(sample * steps + length) * inputSize])
      for level in stride(from: 0, to: layers.count, by: directions) {
        let read = (level..<level + directions).map { index in
          layers[index].run(
            sequence, sample: sample, length: length, isReverse: index > level || reverseLayers.contains(level))
        }
        for (index, (_, state)) in zip(level..., read) {
          for (component, values) in state.enumerated() {
            let place = sample * values.count..<(sample + 1) * values.count
            finals[index][component].replaceSubrange(place, with: values)
          }
        }
        sequence = isBidirectional ? Self.interleaved(read.map(\.outputs), length: length) : read[0].outputs
      }
      outputs.replaceSubrange(sample * steps * top..<(sample * steps + length) * top, with: sequence)
    }
    return Result(outputs: outputs, finalStates: finals)
  }

  /// At each step the outputs of one direction after those of the other.
  private static func interleaved(_ parts: [[Double]], length: Int) -> [Double] {
    (0..<length).flatMap { t in
      parts.flatMap { part in part[t * part.count / length..<(t + 1) * part.count / length] }
    }
  }

  /// Σ outputs · weights + Σ final states · weights, leaving out what the weights hold past a sequence's length.
  ///
  /// - Parameters:
  ///   - outputs: the weights of the outputs.
  ///   - finalStates: the weights of the final states.
  ///   - sample: the only sequence to run, since nothing that belongs to another has an effect on it; nil for all.
  public func weightedSum(outputs: Tensor, finalStates: StackState, sample: Int? = nil) -> Double {
    let samples = sample.map { $0..<$0 + 1 } ?? lengths.indices
    let result = run(samples)
    let weights = outputs.values
    let top = outputSize
    var sum = 0.0
    for sample in samples {
      for i in sample * steps * top..<(sample * steps + lengths[sample]) * top {
        sum += result.outputs[i] * Double(weights[i])
      }
    }
    for (found, weights) in zip(result.finalStates, finalStates.layers) {
      for (component, weights) in zip(found, weights.components) {
        let size = component.count / lengths.count
        let place = samples.lowerBound * size..<samples.upperBound * size
        for (value, weight) in zip(component[place], weights.values[place]) { sum += value * Double(weight) }
      }
    }
    return sum
  }

  /// The values of the given name.
  ///
  /// - Precondition: there are some.
  public subscript(name: String) -> [Double] {
    guard let values = values[name] else { preconditionFailure("the network has no \(name)") }
    return values
  }
}

/// One layer of a network, with its weights at hand.
private struct Layer {
  let cell: ReferenceCell
  let inputWeights: [Double]
  let hiddenWeights: [Double]
  let bias: [Double]
  let vectors: [String: [Double]]
  /// The states before the first step, component after component, each `[batch, hidden]`.
  let states: [[Double]]
  /// What is added to the hidden state after each step, `[batch, time, hidden]`; nil for nothing.
  let shifts: [Double]?
  let batch: Int
  let steps: Int

  init(_ network: ReferenceNetwork, _ layer: Int) {
    cell = network.cells[layer]
    let ending = ReferenceNetwork.ending(layer, isBidirectional: network.isBidirectional)
    inputWeights = network["weight_ih" + ending]
    hiddenWeights = network["weight_hh" + ending]
    bias = network["bias_ih" + ending]
    vectors = Dictionary(uniqueKeysWithValues: network.vectorNames[layer].map { ($0.own, network[$0.full]) })
    states = cell.components.map { network[$0 + ending] }
    shifts = network.values["hidden_shift" + ending]
    (batch, steps) = (network.lengths.count, network.steps)
  }

  /// Runs over one sequence of the batch; outputs are those of its steps, one after the other.
  func run(
    _ sequence: [Double], sample: Int, length: Int, isReverse: Bool
  ) -> (outputs: [Double], finalState: [[Double]]) {
    var state = states.map { Array($0[sample * $0.count / batch..<(sample + 1) * $0.count / batch]) }
    let width = state[0].count
    var outputs = [Double](repeating: 0, count: length * width)
    let features = length == 0 ? 0 : sequence.count / length
    for number in 0..<length {
      let t = isReverse ? length - 1 - number : number
      state = cell.advance(
        ReferenceCell.Step(
          fromInput: multiply(inputWeights, sequence[t * features..<(t + 1) * features]),
          fromHidden: multiply(hiddenWeights, state[0][...]), bias: bias, state: state, vectors: vectors,
          hiddenWeights: hiddenWeights))
      if let shifts {
        let first = (sample * steps + t) * width
        for unit in 0..<width { state[0][unit] += shifts[first + unit] }
      }
      outputs.replaceSubrange(t * width..<(t + 1) * width, with: state[0])
    }
    return (outputs, state)
  }
}

/// A matrix, row by row, times a vector of as many elements as a row has.
func multiply(_ matrix: [Double], _ vector: ArraySlice<Double>) -> [Double] {
  let (rows, columns) = (matrix.count / vector.count, vector.count)
  return matrix.withUnsafeBufferPointer { matrix in
    vector.withUnsafeBufferPointer { vector in
      [Double](unsafeUninitializedCapacity: rows) { result, count in
        count = rows
        guard var element = matrix.baseAddress, let first = vector.baseAddress else { return }
        // Walking pointers are several times faster than indices in a debug build.
        for row in 0..<rows {
          var sum = 0.0
          var operand = first
          let end = element + columns
          while element < end {
            sum += element.pointee * operand.pointee
            element += 1
            operand += 1
          }
          result[row] = sum
        }
      }
    }
  }
}
