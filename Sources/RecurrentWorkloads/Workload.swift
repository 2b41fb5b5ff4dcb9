import Recurrent
import RecurrentSupport

/// A network and data, ready to be timed.
package final class Workload {
  /// The number of batches, which take turns so that inputs vary.
  static let batchCount = 4

  private let request: WorkloadRequest
  private let pool: ThreadPool
  private let batches: [SequenceBatch]
  private var network: SequenceModel
  private var optimizer = Adam(learningRate: 0.001)
  /// A stream for one sequence at a time; nil if the network reads in reverse.
  private var stream: SequenceStream?
  /// The state of all sequences, carried from step to step.
  private var state: StackState
  /// Inputs for one batch sequence, or for a repetition of the stream.
  private let sequences: [[Float]]
  private var outputs: [Float]
  private var turn = 0
  /// The loss of the last training step, or an output: read, so that the compiler cannot remove a computation.
  package private(set) var result = 0.0

  package init(_ request: WorkloadRequest) {
    self.request = request
    pool = request.threads == 0 ? .shared : ThreadPool(threads: request.threads)
    var generator = SplitMix64(seed: 1)
    let count = request.batch * Self.batchCount
    let values = (0..<count * request.steps * request.input).map { _ in generator.uniform() }
    let configuration = request.configuration ?? .init(input: .features(1), layers: .lstm(1), output: .classes(10))
    let data = require {
      switch request.mode {
      case .characters:
        try Self.characters(request, count: count, using: &generator)
      case .values:
        try Self.regression(request, values, count: count, using: &generator)
      default:
        try SequenceDataset(
          floats: values, stepCount: request.steps, inputSize: request.input,
          labels: (0..<count).map { Int32($0 % 10) }, lengths: request.trueLengths, classCount: 10)
      }
    }
    batches = Array(data.batches(of: request.batch))
    // As the other frameworks begin, so that the first losses can be compared.
    let floats = SequenceModel(configuration, initializer: .pyTorch, threads: pool)
    network = require { try floats.reduced(to: request.weights) }
    state = network.zeroState(batchSize: request.batch)
    stream = try? network.makeStream()
    let size = (request.isStreaming ? request.together : request.steps) * request.input
    sequences = (0..<Self.batchCount).map { turn in (0..<size).map { values[(turn * size + $0) % values.count] } }
    outputs = Array(repeating: 0, count: request.together * (stream?.outputSize ?? 0))
  }

  /// Random tokens, with random tokens as targets.
  private static func characters(
    _ request: WorkloadRequest, count: Int, using generator: inout SplitMix64
  ) throws -> SequenceDataset {
    func tokens() -> [Int32] {
      (0..<count * request.steps).map { _ in Int32(generator.next() % UInt64(request.input)) }
    }
    return try SequenceDataset(
      .tokens(tokens(), count: request.input), targets: .classes(tokens(), count: request.input, everyStep: true),
      stepCount: request.steps, count: count, lengths: request.trueLengths)
  }

  /// The values of the features, with a random number per time step as target.
  private static func regression(
    _ request: WorkloadRequest, _ values: [Float], count: Int, using generator: inout SplitMix64
  ) throws -> SequenceDataset {
    let targets = (0..<count * request.steps).map { _ in generator.uniform() }
    return try SequenceDataset(
      .floats(values, features: request.input), targets: .values(targets, size: 1, everyStep: true),
      stepCount: request.steps, count: count, lengths: request.trueLengths)
  }

  /// Times each of the repetitions, in milliseconds; those of a stream per step, on a thread that flushes denormal numbers
  /// to zero already, as one that plays audio does.
  package func run() -> [Double] {
    var times: [Double] = []
    if request.isStreaming { flushingDenormals { times = timed() } } else { times = timed() }
    return times
  }

  private func timed() -> [Double] {
    let clock = ContinuousClock()
    return (0..<request.repetitions).map { _ in
      let start = clock.now
      repetition()
      return (clock.now - start) / .milliseconds(1) / (request.isStreaming ? Double(request.together) : 1)
    }
  }

  private func repetition() {
    turn = (turn + 1) % Self.batchCount
    switch request.mode {
    case .train, .values:
      result = Double(require { try network.train(on: batches[turn], with: &optimizer) }.loss)
    case .characters:
      let step = require { try network.train(on: batches[turn], from: &state, with: &optimizer) }
      result = Double(step.loss)
    case .infer where request.batch == 1 && request.lengths == .full && stream != nil:
      stream?.reset()
      advance {
        try $0.run(sequences[turn])
        return $0.withValues { $0[0] }
      }
    case .infer:
      result = Double(require { try network.logits(for: batches[turn]) }.values[0])
    case .stream:
      let (sequence, size) = (sequences[turn], request.input)
      advance { stream in
        let steps = sequence.span
        var sum: Float = 0
        for first in stride(from: 0, to: steps.count, by: size) {
          try stream.step(steps.extracting(first..<first + size))
          sum += stream.withValues { $0[0] }
        }
        return sum
      }
    case .blocks:
      advance {
        try $0.run(sequences[turn], into: &outputs)
        return outputs[0]
      }
    case .peak:
      break
    }
  }

  /// Runs the stream; `body` returns something that depends on its outputs.
  private func advance(_ body: (inout SequenceStream) throws -> Float) {
    guard var stream = stream.take() else { return }
    result = Double(require { try body(&stream) })
    self.stream = stream
  }
}
