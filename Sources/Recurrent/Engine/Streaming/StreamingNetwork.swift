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
  private let head: StreamingHead?
  private let headWeights: AlignedFloats?
  // To read a reference in an array would count it.
  private let layers: UnsafeMutableBufferPointer<Unmanaged<StreamingLayer>>
  /// The table of an embedding, `[tokens, features]`, and the features; 0 without one.
  private let table: AlignedFloats
  private let embeddingSize: Int
  /// Floats of a stream: what the layers keep, two buffers for the steps of a run, and outputs of the head: those of
  /// the last step, and those of a run.
  let memorySize: Int
  private let buffers: Int
  private let bufferSize: Int
  private let lastOutputs: Int
  private let outputs: Int
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
    for (direction, layer) in zip(plan.directions, stack) {
      made.append(
        .make(direction, isResidual: layer.isResidual, parameters: values, format: format, memorySize: &memorySize))
      format.readsStates = !layer.isResidual
    }
    layers = .allocate(capacity: made.count)
    _ = layers.initialize(from: made.map { Unmanaged.passRetained($0) })
    let parts = plan.head.map { StreamingHead.make($0, parameters: values) }
    (head, headWeights) = (parts?.head, parts?.weights)
    input = plan.input
    outputSize = plan.head?.outputSize ?? plan.outputSize
    if case .embedded(let tokens, let features) = input.form {
      table = AlignedFloats(Array(values[input.table..<input.table + tokens * features]))
      embeddingSize = features
    } else {
      table = AlignedFloats(count: 0)
      embeddingSize = 0
    }
    buffers = wholeLines(memorySize)
    let widest = max(made.map(\.sizePerStep).max() ?? 0, input.rows)
    bufferSize = wholeLines(Self.stepsAtOnce * widest)
    lastOutputs = buffers + 2 * bufferSize
    outputs = lastOutputs + wholeLines(head?.width ?? 0)
    self.memorySize = outputs + wholeLines(Self.stepsAtOnce * (head?.width ?? 0))
    var initial = [Float](repeating: 0, count: plan.stateSize)
    for plan in plan.directions {
      guard let first = plan.initialState else { continue }
      for i in 0..<plan.stateSize { initial[plan.stateOffset + i] = values[first + i] }
    }
    initialState = initial
  }

  deinit {
    for layer in layers { layer.release() }
    layers.deallocate()
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
    for layer in layers { layer._withUnsafeGuaranteedRef { $0.setState(from: state, memory: memory) } }
  }

  /// Copies the states of a stream after some steps.
  func copyState(_ memory: Floats, after steps: Int, to state: inout [Float]) {
    for layer in layers {
      layer._withUnsafeGuaranteedRef { $0.copyState(to: &state, isOdd: steps & 1 == 1, memory: memory) }
    }
  }

  /// The outputs of the head after the last step, in the memory of a stream.
  func lastOutputs(_ memory: Floats) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: memory + lastOutputs, count: outputSize)
  }

  /// Runs some steps, at most ``stepsAtOnce``, and the head.
  ///
  /// Does not allocate or lock.
  ///
  /// - Parameters:
  ///   - x: the inputs of the steps.
  ///   - steps: how many there are, at least 1.
  ///   - past: how many steps came before.
  ///   - memory: the memory of the stream, which receives ``lastOutputs(_:)``.
  ///   - to: receives the outputs of every step, one row after another; nil if they are not needed.
  func run(_ x: StreamingLayer.Input, steps: Int, after past: Int, memory: Floats, to: Floats?) {
    guard let head else { preconditionFailure("a stack has no head to run") }
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    let rows = runLayers(x, steps: steps, after: past, everyStep: to != nil, memory: memory)
    let last = memory + lastOutputs
    guard let to, steps > 1 else {
      head.run(rows, steps: 1, outputs: last)
      if let to { copyOutputs(last, to: to) }
      return
    }
    head.run(rows, steps: steps, outputs: memory + outputs)
    for t in 0..<steps { copyOutputs(memory + outputs + t * head.width, to: to + t * outputSize) }
    copyOutputs(memory + outputs + (steps - 1) * head.width, to: last)
  }

  @inline(__always)
  private func copyOutputs(_ from: UnsafePointer<Float>, to: Floats) {
    for k in 0..<outputSize { to[k] = from[k] }
  }

  /// Runs each layer on the outputs of the one below; two buffers alternate as a layer's input and output.
  ///
  /// Returns the outputs of the topmost after every step, or after the last; valid until the next call.
  func runLayers(
    _ x: StreamingLayer.Input, steps: Int, after past: Int, everyStep: Bool, memory: Floats
  ) -> StreamingLayer.Rows {
    var x = embedded(x, steps: steps, to: memory + buffers + bufferSize)
    var rows: StreamingLayer.Rows?
    for index in layers.indices {
      let buffer = memory + buffers + (index & 1) * bufferSize
      let isTop = index == layers.count - 1
      let outputs = layers[index]._withUnsafeGuaranteedRef { layer in
        let isNeeded = everyStep || !isTop || layer.isResidual
        let states = layer.run(
          x, steps: steps, isOdd: past & 1 == 1, everyStep: isNeeded, memory: memory, buffer: buffer)
        guard layer.isResidual, case .rows(let inputs, let stride) = x else { return states }
        let sums = buffer + steps * layer.rowSize
        layer.addInputs(inputs, stride, states: states, steps: steps, to: sums)
        let first = everyStep || !isTop ? 0 : steps - 1
        return StreamingLayer.Rows(base: sums + first * layer.outputWidth, stride: layer.outputWidth)
      }
      x = .rows(outputs.base, stride: outputs.stride)
      rows = outputs
    }
    guard let rows else { preconditionFailure("a network has a layer") }
    return rows
  }

  /// Replaces tokens by their embeddings; other inputs stay as they are.
  private func embedded(_ x: StreamingLayer.Input, steps: Int, to rows: Floats) -> StreamingLayer.Input {
    guard embeddingSize > 0, case .tokens(let tokens) = x else { return x }
    for t in 0..<steps {
      (rows + t * embeddingSize).update(from: table.base + Int(tokens[t]) * embeddingSize, count: embeddingSize)
    }
    return .rows(rows, stride: embeddingSize)
  }
}
