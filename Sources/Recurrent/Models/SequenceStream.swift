import RecurrentKernels
import RecurrentSupport

/// A model that reads one sequence as it arrives, step by step or in blocks, with low latency.
///
/// ```swift
/// var stream = try model.makeStream()
/// for row in rows { try stream.step(row) }
/// print(stream.probabilities)
/// ```
///
/// Results are those of ``SequenceModel`` on whole sequences, bit for bit. A stream is a value: a copy has its own
/// state and shares the weights. Several threads may each run their own stream.
///
/// A step does not allocate, lock, count references or call the system, and so may run on a thread with a deadline,
/// such as one that plays audio. Exceptions are the first step of a copy, which copies the state; a step that throws; and
/// cells that are not the library's, if their arithmetic does any of that.
///
/// ```swift
/// try stream.run(block.span, into: &outputs)       // outputs: MutableSpan<Float>, a row for each step of the block
/// let loudest = stream.withValues { $0[0] }        // or the outputs of the last step
/// ```
///
/// Cost: a step reads all weights once. A layer of an ``LSTMCell``, ``GRUCell``, ``MGUCell`` or ``ElmanCell`` of tanh or
/// ReLU, each without further options, is a single call; others take a call for each product and for the cell. A thread
/// that already flushes denormal numbers to zero saves some nanoseconds per call.
public struct SequenceStream: Sendable {
  /// The number of steps so far.
  public private(set) var stepCount = 0
  /// The number of features of a step, or the size of the vocabulary.
  public var inputSize: Int { network.input.size }
  /// The number of outputs of a step.
  public var outputSize: Int { network.outputSize }
  /// Whether outputs are logits of classes, one of which is right.
  var predictsClasses: Bool { if case .classes = output { true } else { false } }

  let network: StreamingNetwork
  private let output: ModelConfiguration.Output
  private(set) var memory: AlignedFloats
  /// The outputs of the last step, where they lie in ``memory``: known to callers, who then read them without a call.
  ///
  /// Safe to send, since it changes with ``memory`` only, which the stream holds, and whoever writes there owns it alone.
  @usableFromInline nonisolated(unsafe) private(set) var lastValues: UnsafeBufferPointer<Float>

  /// The outputs of the last step: logits of classes or labels, or values, `[outputs]`.
  ///
  /// Zeros before the first step.
  ///
  /// - Complexity: O(outputs); allocates the result, which ``withValues(_:)`` does not.
  public var values: [Float] { withExtendedLifetime(self) { Array(lastValues) } }

  /// Reads the outputs of the last step where they are, as in ``values``.
  ///
  /// - Parameter body: receives the outputs, `[outputs]`.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  /// - Complexity: that of `body`.
  @inlinable
  public func withValues<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(self) { () throws(Failure) -> Result in try body(lastValues.span) }
  }

  init(_ network: StreamingNetwork, output: ModelConfiguration.Output) {
    self.network = network
    self.output = output
    memory = network.makeMemory()
    lastValues = network.lastOutputs(memory.base)
  }

  /// Runs one step.
  ///
  /// - Parameter input: the features of the step, `[input]`.
  /// - Throws: ``InputError`` unless the model reads features and there are ``inputSize`` of them; the stream is then
  ///   unchanged.
  /// - Complexity: O(parameters): a step reads all weights once and does not allocate.
  public mutating func step(_ input: [Float]) throws(InputError) { try step(input.span) }

  /// Runs one step.
  ///
  /// - Parameter input: the features of the step, `[input]`.
  /// - Throws: ``InputError`` unless the model reads features and there are ``inputSize`` of them; the stream is then
  ///   unchanged.
  /// - Complexity: O(parameters): a step reads all weights once and does not allocate.
  public mutating func step(_ input: Span<Float>) throws(InputError) {
    try checkStep(input.count)
    input.withUnsafeBufferPointer { input in
      makeUnique()
      network.step(input.baseAddress, after: stepCount, memory: memory.base)
      stepCount &+= 1
    }
  }

  /// Runs one step of a model that reads tokens.
  ///
  /// - Parameter token: a token in `0..<inputSize`.
  /// - Throws: ``InputError`` if the token is out of range or the model reads features; the stream is then unchanged.
  /// - Complexity: O(parameters): a step reads all weights once and does not allocate.
  public mutating func step(token: Int) throws(InputError) {
    guard network.input.readsTokens, token >= 0, token < inputSize else { throw unexpected(token: token) }
    makeUnique()
    withUnsafePointer(to: Int32(token)) {
      network.step(nil, token: $0, after: stepCount, memory: memory.base)
    }
    stepCount &+= 1
  }

  /// Runs some steps, `[time, input]`, one after another.
  ///
  /// Faster than single steps: a layer's weights stay in the cache while it runs several.
  ///
  /// - Parameter inputs: the features of all steps, `[time, input]`; may be empty.
  /// - Throws: ``InputError`` unless there is a whole number of steps; the stream is then unchanged.
  /// - Complexity: O(time · parameters); does not allocate.
  public mutating func run(_ inputs: [Float]) throws(InputError) {
    try checkSteps(inputs.count)
    take(inputs.span, to: nil)
  }

  /// Runs some steps, `[time, input]`, and writes the outputs of each.
  ///
  /// - Parameters:
  ///   - inputs: the features of all steps, `[time, input]`.
  ///   - outputs: receives the outputs of all steps, `[time, output]`.
  /// - Throws: ``InputError`` unless there is a whole number of steps, and `outputs` has their size; the stream is then
  ///   unchanged.
  /// - Complexity: O(time · parameters); does not allocate.
  public mutating func run(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) throws(InputError) {
    try checkSteps(inputs.count)
    let steps = inputs.count / inputSize
    guard outputs.count == steps * outputSize else {
      throw InputError(
        .size, found: "space for \(quantity(outputs.count, "output"))",
        expected: "\(steps) × \(outputSize), for \(quantity(steps, "step"))")
    }
    outputs.withUnsafeMutableBufferPointer { take(inputs, to: $0.baseAddress) }
  }

  /// Runs some steps, `[time, input]`, and writes the outputs of each.
  ///
  /// - Parameters:
  ///   - inputs: the features of all steps, `[time, input]`.
  ///   - outputs: receives the outputs of all steps, `[time, output]`.
  /// - Throws: ``InputError`` unless there is a whole number of steps, and `outputs` has their size; the stream is then
  ///   unchanged.
  /// - Complexity: O(time · parameters); does not allocate.
  public mutating func run(_ inputs: [Float], into outputs: inout [Float]) throws(InputError) {
    var span = outputs.mutableSpan
    try run(inputs.span, into: &span)
  }

  /// Returns the stream to its initial state and keeps its memory.
  ///
  /// - Complexity: O(size of its memory).
  public mutating func reset() {
    makeUnique()
    network.reset(memory.base)
    stepCount = 0
  }

  /// The probability of each class or label after the last step; for a model of values, the values.
  ///
  /// - Complexity: O(outputs); allocates the result.
  public var probabilities: [Float] { output.predictions(Tensor(known: [outputSize], values: values)).values }

  // MARK: Steps

  private func checkStep(_ valueCount: Int) throws(InputError) {
    if valueCount == inputSize && !network.input.readsTokens { return }
    throw InputError(
      .size, found: "a step of \(quantity(valueCount, "feature"))",
      expected: network.input.readsTokens ? expectedStep : "\(inputSize)")
  }

  /// Throws unless the number of values is a whole number of steps.
  private func checkSteps(_ valueCount: Int) throws(InputError) {
    if valueCount.isMultiple(of: inputSize) && !network.input.readsTokens { return }
    throw InputError(.size, found: quantity(valueCount, "value"), expected: "whole steps of \(expectedStep)")
  }

  private var expectedStep: String {
    network.input.readsTokens ? "a token, of \(inputSize)" : quantity(inputSize, "feature")
  }

  private func unexpected(token: Int) -> InputError {
    InputError(
      .token, found: "token \(token)",
      expected: network.input.readsTokens ? "tokens in 0..<\(inputSize)" : "steps of \(expectedStep)")
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&memory) { return }
    memory = memory.copy(count: memory.count)
    lastValues = network.lastOutputs(memory.base)
  }

  /// Runs some steps, and writes the outputs of each if there is a place for them.
  private mutating func take(_ inputs: Span<Float>, to outputs: Floats?) {
    makeUnique()
    let (size, steps) = (inputSize, inputs.count / inputSize)
    inputs.withUnsafeBufferPointer { inputs in
      guard let first = inputs.baseAddress else { return }
      for start in stride(from: 0, to: steps, by: StreamingNetwork.stepsAtOnce) {
        let count = min(StreamingNetwork.stepsAtOnce, steps - start)
        network.run(
          rk_stream_input(first + start * size, row: size), steps: count, after: stepCount, memory: memory.base,
          to: outputs.map { $0 + start * outputSize })
        stepCount += count
      }
    }
  }
}

extension SequenceModel {
  /// A new stream; later changes of the model do not affect it.
  ///
  /// - Throws: ``InputError`` if a layer reads in reverse, since its first step needs the last input.
  /// - Complexity: O(parameters), which are copied and transposed; copies of the stream share them.
  public func makeStream() throws(InputError) -> SequenceStream {
    guard !plan.readsInReverse else {
      throw InputError(
        .network, found: "a network that reads in reverse, which needs whole sequences",
        expected: "one that reads forward only")
    }
    let network = reducedNetwork ?? StreamingNetwork(plan, layers: layers, parameters: parameters)
    return SequenceStream(network, output: configuration.output)
  }
}
