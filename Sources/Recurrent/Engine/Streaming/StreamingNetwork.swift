import RecurrentKernels

/// Recurrent layers, and a head if there is one, in the form that is fastest for a single sequence.
///
/// A single sample cannot fill the lanes, so here the units are lanes: weights are packed once, and one value of the
/// input is multiplied by a whole vector of gates. Results are those of the batch form, bit for bit.
///
/// It is immutable, so any number of streams share it.
final class StreamingNetwork: @unchecked Sendable {
  /// Steps that each layer computes before the next layer does, so that its weights stay in the cache.
  static let stepsAtOnce = 64

  let input: InputPlan
  let outputSize: Int
  /// The outputs of the topmost layer.
  let layerOutputSize: Int
  /// What a step needs, in memory of its own.
  private let network: UnsafeMutablePointer<rk_stream_network>
  private let stages: UnsafeMutablePointer<rk_stream_stage>
  /// What ``network`` points to.
  private let layers: [StreamingLayer]
  private let table: AlignedFloats?
  private let head: AlignedFloats?
  /// Floats of a stream: what the layers keep, two buffers for the steps of a run, and outputs of the head: those of
  /// the last step, and those of a run.
  let memorySize: Int
  private let lastOutputs: Int
  /// The learned initial states, or zeros, of one sequence.
  private let initialState: [Float]

  /// - Precondition: no layer reads in reverse, and the kernels for one sequence have all layers unless weights are
  ///   floats.
  init(
    _ plan: NetworkPlan, layers stack: [LayerConfiguration], parameters: Parameters,
    precision: WeightPrecision = .float
  ) {
    let values = parameters.values
    var memorySize = 0
    var made: [StreamingLayer] = []
    var format = WeightFormat(precision: precision)
    let isInAdvance = plan.input.isComputedInAdvance(isResidual: stack[0].isResidual, plan.directions[0])
    for (direction, layer) in zip(plan.directions, stack) {
      made.append(
        .make(
          direction, isResidual: layer.isResidual, parameters: values,
          embedding: isInAdvance && made.isEmpty ? plan.input : nil, format: format, memorySize: &memorySize))
      format.readsStates = !layer.isResidual
    }
    layers = made
    stages = .allocate(capacity: layers.count)
    for (index, layer) in layers.enumerated() { (stages + index).initialize(to: layer.stage) }
    input = plan.input
    outputSize = plan.head?.outputSize ?? plan.outputSize
    layerOutputSize = plan.outputSize
    var features = 0
    if case .embedded(let tokens, let size) = input.form, !isInAdvance {
      table = AlignedFloats(Array(values[input.table..<input.table + tokens * size]))
      features = size
    } else {
      table = nil
    }
    head = plan.head.map { Self.packed($0, values) }
    let headRow = plan.head.map { padded($0.outputSize) } ?? 0

    let buffers = wholeLines(memorySize)
    let bufferSize = wholeLines(Self.stepsAtOnce * max(layers.map(\.sizePerStep).max() ?? 0, input.rows))
    lastOutputs = buffers + 2 * bufferSize
    let outputs = lastOutputs + wholeLines(headRow)
    self.memorySize = outputs + wholeLines(Self.stepsAtOnce * headRow)
    network = .allocate(capacity: 1)
    network.initialize(
      to: rk_stream_network(
        stages: UnsafePointer(stages), count: layers.count, table: table.map { UnsafePointer($0.base) },
        features: features, buffers: (buffers, buffers + bufferSize), head: head.map { UnsafePointer($0.base) },
        headInputs: plan.head?.inputSize ?? 0, headRow: headRow, outputCount: outputSize, lastOutputs: lastOutputs,
        outputs: outputs, headOfOne: kernels.streamHead, headProduct: kernels.product))

    var initial = [Float](repeating: 0, count: plan.stateSize)
    for plan in plan.directions {
      guard let first = plan.initialState else { continue }
      for i in 0..<plan.stateSize { initial[plan.stateOffset + i] = values[first + i] }
    }
    initialState = initial
  }

  deinit {
    network.deallocate()
    stages.deallocate()
  }

  /// A head with its own outputs as lanes: c `[row]`, then Vᵀ `[inputs, row]`.
  private static func packed(_ plan: HeadPlan, _ values: [Float]) -> AlignedFloats {
    let row = padded(plan.outputSize)
    let weights = AlignedFloats(count: (plan.inputSize + 1) * row)
    for k in 0..<plan.outputSize {
      weights.base[k] = values[plan.bias + k]
      for i in 0..<plan.inputSize {
        weights.base[(i + 1) * row + k] = values[plan.weights + k * plan.inputSize + i]
      }
    }
    return weights
  }

  /// Memory for a new stream, in the initial state.
  func makeMemory() -> AlignedFloats {
    let memory = AlignedFloats(count: memorySize)
    reset(memory.base)
    return memory
  }

  /// Sets the states of a stream to the initial states, before its first step.
  func reset(_ memory: Floats) {
    memory.update(repeating: 0, count: memorySize)
    setState(initialState, memory)
  }

  /// Sets the states of a stream before its first step, see ``StackState``.
  func setState(_ state: [Float], _ memory: Floats) {
    for layer in layers { layer.setState(from: state, memory: memory) }
  }

  /// Copies the states of a stream after some steps.
  func copyState(_ memory: Floats, after steps: Int, to state: inout [Float]) {
    for layer in layers { layer.copyState(to: &state, isOdd: !steps.isMultiple(of: 2), memory: memory) }
  }

  /// The outputs of the head after the last step, in the memory of a stream.
  func lastOutputs(_ memory: Floats) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: memory + lastOutputs, count: outputSize)
  }

  /// Runs one step and the head.
  ///
  /// Neither this nor a run of steps allocates or locks.
  ///
  /// - Parameters:
  ///   - features: the input of the step, unless it is a token.
  ///   - token: the token.
  ///   - past: how many steps came before.
  ///   - memory: the memory of the stream, which receives ``lastOutputs(_:)``.
  @inline(__always)
  func step(
    _ features: UnsafePointer<Float>?, token: UnsafePointer<Int32>? = nil, after past: Int, memory: Floats
  ) {
    rk_stream_step(network, features, token, past & 1, memory)
  }

  /// Runs some steps, at most ``stepsAtOnce``, and the head.
  ///
  /// - Parameters:
  ///   - x: the inputs of the steps.
  ///   - steps: how many there are, at least 1.
  ///   - past: how many steps came before.
  ///   - memory: the memory of the stream, which receives ``lastOutputs(_:)``.
  ///   - to: receives the outputs of every step, one row after another; nil if they are not needed.
  func run(_ x: rk_stream_input, steps: Int, after past: Int, memory: Floats, to: Floats?) {
    rk_stream_steps(network, x, steps, past & 1, memory, to)
  }

  /// Runs the layers alone, each on the outputs of the one below.
  ///
  /// - Returns: the outputs of the topmost after every step; valid until the next call.
  func runLayers(_ x: rk_stream_input, steps: Int, after past: Int, memory: Floats) -> rk_stream_rows {
    rk_stream_layers(network, x, steps, past & 1, memory)
  }
}

extension rk_stream_input {
  /// Rows of features, one after another.
  @inline(__always)
  init(_ features: UnsafePointer<Float>, row: Int) { self.init(features: features, row: row, tokens: nil) }
}
