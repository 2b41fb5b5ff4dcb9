import RecurrentKernels
import RecurrentSupport
import Synchronization

/// A classifier made ready for one sequence at a time, as it comes or whole, with the least delay.
///
/// With a single sample there is nothing to put side by side, so here the units are lanes: weights are transposed once,
/// and one value of the input meets a whole vector of gates. Results are those of ``SequenceModel``, bit for bit.
///
/// The model is immutable and can be shared by any number of threads; each keeps a ``Stream`` of its own. A step
/// allocates no memory.
///
/// ```swift
/// let model = try StreamingClassifier(network)
/// var stream = model.makeStream()
/// for row in rows { try model.step(row, &stream) }
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
  /// The model's number, which its copies and its streams share.
  private let number: Int

  /// How many models have been made.
  private static let count = Atomic(0)

  /// Makes a classifier ready; later changes of the network do not reach it.
  ///
  /// - Parameter network: the classifier, whose weights are copied.
  /// - Throws: ``InputError`` if a layer reads in reverse: there is no first step before the last has come.
  /// - Complexity: O(parameters).
  public init(_ network: SequenceModel) throws(InputError) {
    guard !network.plan.readsInReverse else {
      throw InputError(
        .network, found: "a network that reads in reverse, which needs whole sequences",
        expected: "one that reads forward only")
    }
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
    number = Self.count.add(1, ordering: .relaxed).newValue
  }

  /// What one stream has come to: the state of every layer, and what the network says by now.
  ///
  /// It belongs to the model that made it, and to the copies of that model.
  public struct Stream: Sendable {
    /// The logits after the last step, `[classes]`; zeros before the first.
    public internal(set) var logits: [Float]
    /// How many steps there have been.
    public internal(set) var stepCount = 0
    // The logits; per layer its state, pre-activations and what the cell keeps; then room for the steps of a run.
    var memory: AlignedFloats
    /// The number of the model that made the stream.
    let model: Int

    /// Forgets everything, as if it had seen nothing yet; its memory is kept.
    ///
    /// - Complexity: O(size of its memory).
    public mutating func reset() {
      if !isKnownUniquelyReferenced(&memory) { memory = memory.copy(count: memory.count) }
      memory.base.update(repeating: 0, count: memory.count)
      for k in logits.indices { logits[k] = 0 }
      stepCount = 0
    }

    /// The probability of each class after the last step.
    ///
    /// - Complexity: O(classes), with memory for the result.
    public var probabilities: [Float] {
      Tensor.softmax(Tensor(known: [logits.count], values: logits)).values
    }
  }

  /// A stream that has seen nothing yet.
  ///
  /// - Complexity: O(classes + units of all layers): the memory that steps will use.
  public func makeStream() -> Stream {
    Stream(logits: Array(repeating: 0, count: classCount), memory: AlignedFloats(count: memorySize), model: number)
  }

  /// Takes one more step of a stream.
  ///
  /// - Parameters:
  ///   - input: the features of the step, `[input]`.
  ///   - stream: what the stream has come to; changed in place.
  /// - Throws: ``InputError`` unless `input` holds ``inputSize`` features; the stream then stays as it was.
  /// - Precondition: this model made the stream.
  /// - Complexity: O(parameters): a step reads all weights once and allocates nothing.
  public func step(_ input: [Float], _ stream: inout Stream) throws(InputError) {
    try checkStep(input.count)
    input.withUnsafeBufferPointer { run($0, steps: 1, &stream) }
  }

  /// Takes one more step of a stream.
  ///
  /// - Parameters:
  ///   - input: the features of the step, `[input]`.
  ///   - stream: what the stream has come to; changed in place.
  /// - Throws: ``InputError`` unless `input` holds ``inputSize`` features; the stream then stays as it was.
  /// - Precondition: this model made the stream.
  /// - Complexity: O(parameters): a step reads all weights once and allocates nothing.
  public func step(_ input: UnsafeBufferPointer<Float>, _ stream: inout Stream) throws(InputError) {
    try checkStep(input.count)
    run(input, steps: 1, &stream)
  }

  /// Takes all steps of a sequence, `[time, input]`, one after another.
  ///
  /// Faster than step by step: a layer's weights stay near while it goes through all steps.
  ///
  /// - Parameters:
  ///   - inputs: the features of all steps, `[time, input]`; none change nothing.
  ///   - stream: what the stream has come to; changed in place.
  /// - Throws: ``InputError`` unless `inputs` holds a whole number of steps; the stream then stays as it was.
  /// - Precondition: this model made the stream.
  /// - Complexity: O(time · parameters). A stream takes memory for the steps of a run once it has needed it.
  public func run(_ inputs: [Float], _ stream: inout Stream) throws(InputError) {
    try checkSteps(inputs.count)
    inputs.withUnsafeBufferPointer { run($0, steps: inputs.count / inputSize, &stream) }
  }

  /// Refuses another number of features than a step has.
  @inline(__always)
  private func checkStep(_ valueCount: Int) throws(InputError) {
    if valueCount == inputSize { return }
    throw InputError(.size, found: "a step of \(quantity(valueCount, "feature"))", expected: "\(inputSize)")
  }

  /// Refuses a number of values that makes no whole steps.
  func checkSteps(_ valueCount: Int) throws(InputError) {
    if valueCount.isMultiple(of: inputSize) { return }
    throw InputError(
      .size, found: quantity(valueCount, "value"), expected: "whole steps of \(quantity(inputSize, "feature"))")
  }

  private func run(_ inputs: UnsafeBufferPointer<Float>, steps: Int, _ stream: inout Stream) {
    require(stream.model == number, "a stream belongs to the model that made it; found one that another model made")
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
    let (x, xRow) = layers.run(
      first, inputSize, steps: steps, weights: weights.base, memory: memory, rooms: memory + memorySize,
      roomSize: roomSize)
    head.run(x + (steps - 1) * xRow, weights: weights.base, logits: memory)
    for k in 0..<classCount { stream.logits[k] = memory[k] }
    stream.stepCount += steps
  }
}
