import RecurrentKernels

/// A classifier made ready for one sequence at a time, as it comes or whole, with the least delay.
///
/// With a single sample there is nothing to put side by side, so here the units are lanes: weights are transposed once,
/// and one value of the input meets a whole vector of gates. Results are those of ``SequenceClassifier``, bit for bit.
///
/// The model is immutable and can be shared by any number of threads; each keeps a ``Stream`` of its own. A step
/// allocates no memory.
///
/// ```swift
/// let model = StreamingClassifier(network)
/// var stream = model.makeStream()
/// for row in rows { model.step(row, &stream) }
/// print(stream.probabilities)
/// ```
///
/// Cost: a step reads all weights once and waits for nothing else.
public struct StreamingClassifier: Sendable {
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of classes.
  public let classCount: Int
  let layers: [StreamingLayer]
  private let head: StreamingHead
  /// Weights in the order in which a step reads them.
  private let weights: [Float]

  /// Makes a classifier ready; later changes of the network do not reach it.
  ///
  /// - Complexity: O(parameters).
  public init(_ network: SequenceClassifier) {
    inputSize = network.inputSize
    classCount = network.classCount
    var weights: [Float] = []
    layers = network.plan.layers.map { StreamingLayer($0, parameters: network.parameters.values, weights: &weights) }
    head = StreamingHead(network, weights: &weights)
    self.weights = weights
  }

  /// What one stream has come to: the state of every layer, and what the network says by now.
  public struct Stream: Sendable {
    /// The logits after the last step, `[classes]`; zeros before the first.
    public internal(set) var logits: [Float]
    /// How many steps there have been.
    public internal(set) var stepCount = 0
    // Per layer the state before and after a step, and room for pre-activations.
    var memory: [Float]

    /// The probability of each class after the last step.
    public var probabilities: [Float] {
      Tensor.softmax(Tensor(shape: [logits.count], values: logits)).values
    }
  }

  /// A stream that has seen nothing yet.
  public func makeStream() -> Stream {
    Stream(logits: Array(repeating: 0, count: classCount), memory: Array(repeating: 0, count: memorySize))
  }

  private var memorySize: Int { layers.reduce(padded(classCount)) { $0 + $1.memorySize } }

  /// Takes one more step of a stream.
  ///
  /// - Parameters:
  ///   - input: the features of the step, `[input]`.
  ///   - stream: what the stream has come to; changed in place.
  public func step(_ input: [Float], _ stream: inout Stream) {
    input.withUnsafeBufferPointer { step($0, &stream) }
  }

  /// Takes one more step of a stream.
  ///
  /// - Precondition: `input` holds `inputSize` features.
  public func step(_ input: UnsafeBufferPointer<Float>, _ stream: inout Stream) {
    run(input, steps: 1, &stream)
  }

  /// Takes all steps of a sequence, `[time, input]`, one after another.
  ///
  /// Faster than step by step: what a layer makes of its input, without its state, is computed for all steps at once.
  ///
  /// - Precondition: `inputs` holds a whole number of steps.
  public func run(_ inputs: [Float], _ stream: inout Stream) {
    precondition(inputs.count.isMultiple(of: inputSize), "a step has \(inputSize) features; found \(inputs.count)")
    inputs.withUnsafeBufferPointer { run($0, steps: inputs.count / inputSize, &stream) }
  }

  private func run(_ inputs: UnsafeBufferPointer<Float>, steps: Int, _ stream: inout Stream) {
    precondition(
      inputs.count == steps * inputSize, "a step has \(inputSize) features; found \(inputs.count) in \(steps) steps")
    guard steps > 0, let first = inputs.baseAddress else { return }
    // Room for several steps is kept once a stream has needed it.
    let wanted = memorySize + layers.reduce(0) { $0 + $1.runSize(steps: steps) }
    if stream.memory.count < wanted {
      stream.memory += Array(repeating: 0, count: wanted - stream.memory.count)
    }
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    weights.withUnsafeBufferPointer { weights in
      stream.memory.withUnsafeMutableBufferPointer { memory in
        guard let weights = weights.baseAddress, let memory = memory.baseAddress else { return }
        var state = memory + padded(classCount)
        var room = memory + memorySize
        var (x, xRow) = (first, inputSize)
        for layer in layers {
          let outputs = layer.run(x, xRow, steps: steps, weights: weights, state: state, room: room)
          (x, xRow) = (UnsafePointer(outputs), layer.width)
          state += layer.memorySize
          room += layer.runSize(steps: steps)
        }
        head.run(x + (steps - 1) * xRow, weights: weights, logits: memory)
        for k in 0..<classCount { stream.logits[k] = memory[k] }
      }
    }
    stream.stepCount += steps
  }
}

/// A layer whose units are lanes.
///
/// Legend: I input features, H hidden units, N = H padded to whole vectors, G gates.
struct StreamingLayer: Sendable {
  let plan: LayerPlan
  /// N, how many floats a row of units takes.
  let width: Int
  /// Wᵀ `[I, G N]`, Uᵀ `[H, G N]` and b `[G N]`, by their places among the weights.
  private let input: Int
  private let hidden: Int
  private let bias: Int

  private var gateCount: Int { plan.gateRows / plan.hiddenSize }
  private var row: Int { gateCount * width }

  /// Floats for the state and what the cell keeps.
  var memorySize: Int { (2 * plan.stateCount + (plan.savedSize > 0 ? plan.savedSize / plan.hiddenSize : 0)) * width }

  /// Floats for the pre-activations and outputs of so many steps.
  func runSize(steps: Int) -> Int { steps * (row + width) }

  init(_ plan: LayerPlan, parameters: [Float], weights: inout [Float]) {
    self.plan = plan
    width = padded(plan.hiddenSize)
    let row = plan.gateRows / plan.hiddenSize * width
    let width = width
    func transposed(_ first: Int, columns: Int, _ weightRow: (LayerPlan.Segment) -> Int?) -> [Float] {
      var result = [Float](repeating: 0, count: columns * row)
      for segment in plan.segments {
        guard let start = weightRow(segment) else { continue }
        for gate in 0..<segment.gateCount {
          for unit in 0..<plan.hiddenSize {
            let from = first + (start + gate * plan.hiddenSize + unit) * columns
            let to = (segment.firstGate + gate) * width + unit
            for column in 0..<columns { result[column * row + to] = parameters[from + column] }
          }
        }
      }
      return result
    }
    input = weights.count
    weights += transposed(plan.inputWeights, columns: plan.inputSize) { $0.inputRow }
    hidden = weights.count
    weights += transposed(plan.hiddenWeights, columns: plan.hiddenSize) { $0.hiddenRow }
    bias = weights.count
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      let first = plan.bias + gate * plan.hiddenSize
      weights += parameters[first..<first + plan.hiddenSize]
      weights += Array(repeating: 0, count: width - plan.hiddenSize)
    }
  }

  /// Runs the layer over some steps and returns its outputs, `[steps, N]`.
  func run(
    _ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, weights: UnsafePointer<Float>, state: Floats, room: Floats
  ) -> Floats {
    let (gates, outputs) = (room, room + steps * row)
    let (previous, next) = (state, state + plan.stateCount * width)
    for t in 0..<steps { (gates + t * row).update(from: weights + bias, count: row) }
    for segment in plan.segments where segment.inputRow != nil {
      let first = segment.firstGate * width
      product(
        gates + first, row, rows: steps, lanes: segment.gateCount * width, from: RK_FROM_C,
        rk_term(a: x, aRow: xRow, b: weights + input + first, bRow: row, k: plan.inputSize))
    }
    for t in 0..<steps {
      let z = gates + t * row
      for segment in plan.segments where segment.hiddenRow != nil {
        let first = segment.firstGate * width
        product(
          z + first, row, rows: 1, lanes: segment.gateCount * width, from: RK_FROM_C,
          rk_term(a: previous, aRow: width, b: weights + hidden + first, bRow: row, k: plan.hiddenSize))
      }
      // To the cell, a row of units looks like one unit with many lanes.
      plan.cell.forward(
        CellStep(
          units: 0..<1, lanes: width, laneStride: width, hiddenSize: 1, gates: z,
          saved: state + 2 * plan.stateCount * width, previous: previous, next: next))
      previous.update(from: next, count: plan.stateCount * width)
      (outputs + t * width).update(from: next, count: width)
    }
    return outputs
  }
}

/// The dense layer behind the last output, its classes as lanes.
private struct StreamingHead: Sendable {
  let inputSize: Int
  let width: Int
  let weight: Int
  let bias: Int

  init(_ network: SequenceClassifier, weights: inout [Float]) {
    let head = network.head
    inputSize = head.weight.shape[1]
    width = padded(network.classCount)
    weight = weights.count
    for i in 0..<inputSize {
      for k in 0..<width { weights.append(k < network.classCount ? head.weight[k, i] : 0) }
    }
    bias = weights.count
    weights += head.bias.values + Array(repeating: 0, count: width - network.classCount)
  }

  func run(_ h: UnsafePointer<Float>, weights: UnsafePointer<Float>, logits: Floats) {
    logits.update(from: weights + bias, count: width)
    product(
      logits, width, rows: 1, lanes: width, from: RK_FROM_C,
      rk_term(a: h, aRow: inputSize, b: weights + weight, bRow: width, k: inputSize))
  }
}
