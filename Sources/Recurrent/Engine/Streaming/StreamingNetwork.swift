import RecurrentKernels

/// Recurrent layers, and a head if there is one, in the form that is fastest for a single sequence.
///
/// A single sample cannot fill the lanes, so here the units are lanes: weights are transposed once, and one value of
/// the input is multiplied by a whole vector of gates. Results are those of the batch form, bit for bit.
///
/// It is immutable, so any number of streams share it.
final class StreamingNetwork: Sendable {
  /// Steps that each layer computes before the next layer does, so that its weights stay in the cache.
  static let stepsAtOnce = 64

  let layers: [StreamingLayer]
  let input: InputPlan
  let outputSize: Int
  private let head: StreamingHead?
  /// Weights in the order in which a step reads them.
  private let weights: AlignedFloats
  /// The table of an embedding, `[tokens, features]`.
  private let table: AlignedFloats
  /// Floats of a stream: what the layers keep, two buffers for the steps of a run, and the head's outputs.
  let memorySize: Int
  private let buffers: Int
  private let bufferSize: Int
  private let outputs: Int
  /// The learned initial states, or zeros, of one sequence.
  private let initialState: [Float]

  /// - Precondition: no layer reads in reverse.
  init(_ plan: NetworkPlan, layers stack: [LayerConfiguration], parameters: Parameters) {
    let values = parameters.values
    var weights: [Float] = []
    var memorySize = 0
    layers = zip(plan.directions, stack).map {
      StreamingLayer(
        $0, isResidual: $1.isResidual, parameters: values, weights: &weights, memorySize: &memorySize)
    }
    head = plan.head.map { StreamingHead($0, parameters: values, weights: &weights) }
    input = plan.input
    outputSize = plan.head?.outputSize ?? plan.outputSize
    self.weights = AlignedFloats(weights)
    if case .embedded(let tokens, let features) = input.form {
      table = AlignedFloats(Array(values[input.table..<input.table + tokens * features]))
    } else {
      table = AlignedFloats(count: 0)
    }
    buffers = wholeLines(memorySize)
    let widest = max(layers.map(\.sizePerStep).max() ?? 0, input.rows)
    bufferSize = wholeLines(Self.stepsAtOnce * widest)
    outputs = buffers + 2 * bufferSize
    self.memorySize = outputs + wholeLines(Self.stepsAtOnce * (head?.width ?? 0))
    var initial = [Float](repeating: 0, count: plan.stateSize)
    for plan in plan.directions {
      guard let first = plan.initialState else { continue }
      for i in 0..<plan.stateSize { initial[plan.stateOffset + i] = values[first + i] }
    }
    initialState = initial
  }

  /// Memory for a new stream, in the initial state.
  func makeMemory() -> AlignedFloats {
    let memory = AlignedFloats(count: memorySize)
    reset(memory.base)
    return memory
  }

  /// Sets the states of a stream to the initial states.
  func reset(_ memory: Floats) {
    memory.update(repeating: 0, count: memorySize)
    setState(initialState, memory)
  }

  /// Sets the states of a stream, see ``StackState``.
  func setState(_ state: [Float], _ memory: Floats) {
    for layer in layers { layer.setState(from: state, memory: memory) }
  }

  /// Copies the states of a stream.
  func copyState(_ memory: Floats, to state: inout [Float]) {
    for layer in layers { layer.copyState(to: &state, memory: memory) }
  }

  /// Runs some steps, at most ``stepsAtOnce``, and returns the outputs after each, `stride` floats apart.
  ///
  /// With a head and `everyStep` false, returns the outputs of the last step only.
  ///
  /// Does not allocate or lock.
  func run(
    _ x: StreamingLayer.Input, steps: Int, everyStep: Bool, memory: Floats
  ) -> (outputs: UnsafePointer<Float>, stride: Int) {
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    let (rows, stride) = runLayers(x, steps: steps, memory: memory)
    guard let head else { return (rows, stride) }
    let first = everyStep ? 0 : steps - 1
    head.run(
      rows + first * stride, stride, steps: steps - first, weights: weights.base, outputs: memory + outputs)
    return (UnsafePointer(memory + outputs), head.width)
  }

  /// Runs each layer on the outputs of the one below; two buffers alternate as a layer's input and output.
  private func runLayers(
    _ x: StreamingLayer.Input, steps: Int, memory: Floats
  ) -> (rows: UnsafePointer<Float>, stride: Int) {
    var x = embedded(x, steps: steps, to: memory + buffers + bufferSize)
    for (index, layer) in layers.enumerated() {
      let buffer = memory + buffers + (index & 1) * bufferSize
      layer.run(x, steps: steps, weights: weights.base, memory: memory, states: buffer)
      if layer.isResidual, case .rows(let rows, let stride) = x {
        let outputs = buffer + steps * layer.stateSize
        layer.addInputs(rows, stride, states: buffer, steps: steps, to: outputs)
        x = .rows(outputs, stride: layer.outputWidth)
      } else {
        x = .rows(buffer, stride: layer.stateSize)
      }
    }
    guard case .rows(let rows, let stride) = x else { preconditionFailure("a network has a layer") }
    return (rows, stride)
  }

  /// Replaces tokens by their embeddings; other inputs stay as they are.
  private func embedded(_ x: StreamingLayer.Input, steps: Int, to rows: Floats) -> StreamingLayer.Input {
    guard input.isEmbedded, case .tokens(let tokens) = x else { return x }
    for t in 0..<steps {
      (rows + t * input.rows).update(from: table.base + Int(tokens[t]) * input.rows, count: input.rows)
    }
    return .rows(rows, stride: input.rows)
  }
}

/// The dense layer on the outputs, its own outputs as lanes.
struct StreamingHead: Sendable {
  let inputSize: Int
  let width: Int
  private let weight: Int
  private let bias: Int

  init(_ plan: HeadPlan, parameters: [Float], weights: inout [Float]) {
    inputSize = plan.inputSize
    width = padded(plan.outputSize)
    weight = weights.count
    for i in 0..<inputSize {
      for k in 0..<width {
        weights.append(k < plan.outputSize ? parameters[plan.weights + k * plan.inputSize + i] : 0)
      }
    }
    bias = weights.count
    weights += parameters[plan.bias..<plan.bias + plan.outputSize]
    weights += Array(repeating: 0, count: width - plan.outputSize)
  }

  /// y = V h + c for some steps.
  func run(_ h: UnsafePointer<Float>, _ hRow: Int, steps: Int, weights: UnsafePointer<Float>, outputs: Floats) {
    product(
      outputs, width, rows: steps, lanes: width, from: RK_FROM_ROW, bias: weights + bias,
      rk_term(a: h, aRow: hRow, b: weights + weight, bRow: width, k: inputSize))
  }
}
