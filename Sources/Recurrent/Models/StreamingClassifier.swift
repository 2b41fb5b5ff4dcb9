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
/// Cost: a step reads all weights once.
public struct StreamingClassifier: Sendable {
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of classes.
  public let classCount: Int
  let layers: [StreamingLayer]
  private let head: StreamingHead
  /// Weights in the order in which a step reads them.
  private let weights: AlignedFloats
  /// Floats of a stream: the logits, then what each layer keeps.
  private let memorySize: Int

  /// Makes a classifier ready; later changes of the network do not reach it.
  ///
  /// - Precondition: the network reads forward only: in reverse there is no first step before the last has come.
  /// - Complexity: O(parameters).
  public init(_ network: SequenceClassifier) {
    precondition(!network.plan.isBidirectional, "a network that also reads in reverse needs whole sequences")
    inputSize = network.inputSize
    classCount = network.classCount
    var weights: [Float] = []
    var memorySize = padded(network.classCount)
    layers = zip(network.plan.layers, network.layers).map {
      StreamingLayer(
        $0, isResidual: $1.isResidual, parameters: network.parameters.values, weights: &weights, memorySize: &memorySize
      )
    }
    head = StreamingHead(network, weights: &weights)
    self.weights = AlignedFloats(weights)
    self.memorySize = memorySize
  }

  /// What one stream has come to: the state of every layer, and what the network says by now.
  public struct Stream: Sendable {
    /// The logits after the last step, `[classes]`; zeros before the first.
    public internal(set) var logits: [Float]
    /// How many steps there have been.
    public internal(set) var stepCount = 0
    // The logits; per layer the states after the last two steps, pre-activations and what the cell keeps.
    fileprivate var memory: AlignedFloats

    /// Forgets everything, as if it had seen nothing yet; its memory is kept.
    public mutating func reset() {
      if !isKnownUniquelyReferenced(&memory) { memory = memory.copy(count: memory.count) }
      memory.base.update(repeating: 0, count: memory.count)
      for k in logits.indices { logits[k] = 0 }
      stepCount = 0
    }

    /// The probability of each class after the last step.
    public var probabilities: [Float] {
      Tensor.softmax(Tensor(shape: [logits.count], values: logits)).values
    }
  }

  /// A stream that has seen nothing yet.
  public func makeStream() -> Stream {
    Stream(logits: Array(repeating: 0, count: classCount), memory: AlignedFloats(count: memorySize))
  }

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
  /// Faster than step by step: a layer's weights stay near while it goes through all steps.
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
    let roomSize = steps * (layers.map(\.roomSize).max() ?? 0)
    let wanted = max(memorySize + 2 * roomSize, stream.memory.count)
    if stream.memory.count < wanted || !isKnownUniquelyReferenced(&stream.memory) {
      stream.memory = stream.memory.copy(count: wanted)
    }
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    let memory = stream.memory.base
    var (x, xRow) = (first, inputSize)
    for (index, layer) in layers.enumerated() {
      // Two rooms in turn: what a layer reads and what it writes.
      let room = memory + memorySize + (index & 1) * roomSize
      layer.run(x, xRow, steps: steps, weights: weights.base, memory: memory, states: room)
      if layer.isResidual {
        let outputs = room + steps * layer.stateSize
        layer.addInputs(x, xRow, states: room, steps: steps, to: outputs)
        (x, xRow) = (UnsafePointer(outputs), layer.width)
      } else {
        (x, xRow) = (UnsafePointer(room), layer.stateSize)
      }
    }
    head.run(x + (steps - 1) * xRow, weights: weights.base, logits: memory)
    for k in 0..<classCount { stream.logits[k] = memory[k] }
    stream.stepCount += steps
  }
}

/// A layer whose units are lanes.
///
/// Legend: I input features, H hidden units, N = H padded to whole vectors, G gates, R = G N.
struct StreamingLayer: Sendable {
  /// Steps whose inputs are brought in together: as many rows as a block of the product has.
  private static let stepsAtOnce = 8

  let plan: LayerPlan
  /// Whether the layer's input is added to its output.
  let isResidual: Bool
  private let hasZoneout: Bool
  /// N and R, how many floats a row of units and a row of all their pre-activations takes.
  let width: Int
  private let row: Int
  /// Wᵀ `[I, R]`, Uᵀ `[H, R]`, b `[R]` and the cell's own parameters, by their places among the weights.
  private let input: Int
  private let hidden: Int
  private let bias: Int
  private let vectors: Int
  /// The state between runs, pre-activations, what the cell writes for its second phase and what it keeps.
  private let state: Int
  private let gates: Int
  private let gated: Int
  private let saved: Int

  /// Floats of a state: its components `[N]`, one after another, the hidden state first.
  var stateSize: Int { plan.stateCount * width }
  /// Floats that a step leaves for the layer above: the state, and the output where that is something else.
  var roomSize: Int { stateSize + (isResidual ? width : 0) }

  init(_ plan: LayerPlan, isResidual: Bool, parameters: [Float], weights: inout [Float], memorySize: inout Int) {
    self.plan = plan
    self.isResidual = isResidual
    hasZoneout = plan.regularization.hasZoneout
    width = padded(plan.hiddenSize)
    row = plan.gateRows / plan.hiddenSize * width
    let (width, row) = (width, row)
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
    weights += transposed(plan.bias, columns: 1) { $0.firstGate * plan.hiddenSize }
    vectors = weights.count
    weights += parameters[plan.vectors..<plan.vectors + plan.vectorCount * plan.hiddenSize]
    // The next layer's weights begin at a boundary of cache lines too.
    weights += Array(repeating: 0, count: (16 - weights.count % 16) % 16)

    // Pre-activations first, since they are the most: they begin at a cache line.
    gates = wholeLines(memorySize)
    state = gates + Self.stepsAtOnce * row
    gated = state + plan.stateCount * width
    saved = gated + (plan.phaseCount == 2 ? width : 0)
    memorySize = wholeLines(saved + plan.savedSize / plan.hiddenSize * width)
  }

  /// Runs the layer over some steps and leaves the state after each in `states`, `[steps, stateSize]`.
  func run(
    _ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, weights: UnsafePointer<Float>, memory: Floats, states: Floats
  ) {
    run(plan.cell, x, xRow, steps: steps, weights: weights, memory: memory, states: states)
  }

  /// For the cells listed the compiler makes versions of their own, without a detour at each step.
  @_specialize(where Cell == LSTMCell)
  @_specialize(where Cell == GRUCell)
  @_specialize(where Cell == ElmanCell)
  private func run<Cell: RecurrentCell>(
    _ cell: Cell, _ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, weights: UnsafePointer<Float>, memory: Floats,
    states: Floats
  ) {
    var previous = memory + state
    for first in stride(from: 0, to: steps, by: Self.stepsAtOnce) {
      let count = min(Self.stepsAtOnce, steps - first)
      addInputs(x + first * xRow, xRow, steps: count, weights: weights, memory: memory)
      for t in 0..<count {
        let next = states + (first + t) * stateSize
        step(cell, z: memory + gates + t * row, previous: previous, next: next, weights: weights, memory: memory)
        previous = next
      }
    }
    (memory + state).update(from: previous, count: stateSize)
  }

  /// y = h + x for some steps, `[steps, N]`.
  func addInputs(_ x: UnsafePointer<Float>, _ xRow: Int, states: Floats, steps: Int, to y: Floats) {
    let row = rk_block(rows: 1, n: plan.hiddenSize, row: width)
    for t in 0..<steps {
      kernels.scale(row, 1, states + t * stateSize, y + t * width, 0)
      kernels.scale(row, 1, x + t * xRow, y + t * width, 1)
    }
  }

  /// z = b + W x for some steps: a block of rows, which reads weights once for all of them.
  @inline(__always)
  private func addInputs(
    _ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, weights: UnsafePointer<Float>, memory: Floats
  ) {
    for segment in plan.segments where segment.inputRow != nil {
      let first = segment.firstGate * width
      product(
        memory + gates + first, row, rows: steps, lanes: segment.gateCount * width, from: RK_FROM_ROW,
        bias: weights + bias + first,
        rk_term(a: x, aRow: xRow, b: weights + input + first, bRow: row, k: plan.inputSize))
    }
  }

  /// z += U h, or b + U h of gates that do not read the input; then the cell.
  @inline(__always)
  private func step<Cell: RecurrentCell>(
    _ cell: Cell, z: Floats, previous: Floats, next: Floats, weights: UnsafePointer<Float>, memory: Floats
  ) {
    for phase in 0..<plan.phaseCount {
      for segment in plan.segments where segment.phase == phase && segment.hiddenRow != nil {
        let first = segment.firstGate * width
        product(
          z + first, row, rows: 1, lanes: segment.gateCount * width,
          from: segment.inputRow == nil ? RK_FROM_ROW : RK_FROM_C, bias: weights + bias + first,
          rk_term(
            a: segment.isGated ? memory + gated : previous, aRow: 0, b: weights + hidden + first, bRow: row,
            k: plan.hiddenSize))
      }
      // To the cell, a row of units looks like one unit with many lanes.
      cell.forward(
        CellStep(
          units: 0..<1, phase: phase, lanes: width, samples: width, laneStride: width, hiddenSize: 1, gates: z,
          saved: memory + saved, gated: memory + gated, vectors: weights + vectors, previous: previous, next: next))
    }
    if !hasZoneout { return }
    for component in 0..<plan.stateCount {
      kernels.mix(
        rk_block(rows: 1, n: width, row: width), plan.regularization.zoneout(component: component),
        previous + component * width, next + component * width)
    }
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
    product(
      logits, width, rows: 1, lanes: width, from: RK_FROM_ROW, bias: weights + bias,
      rk_term(a: h, aRow: 0, b: weights + weight, bRow: width, k: inputSize))
  }
}
