import Recurrent
import RecurrentSupport

/// A measurement: a network, the shape of its data, and what is timed.
///
/// Its JSON is a line of `recurrent benchmark --interactive`; the same format drives the other frameworks in
/// `Benchmarks/`.
struct WorkloadRequest: Codable, Hashable {
  enum Mode: String, Codable {
    /// Forward, loss, backward and an Adam update.
    case train
    /// The same with tokens as inputs, one class per token at every time step, and states carried from batch to batch.
    case characters
    /// Logits of a batch.
    case infer
    /// One time step of one sequence, with its state carried from step to step.
    case stream
    /// The peak rate of multiply-adds of the processor.
    case peak
  }

  enum Lengths: String, Codable {
    case full, uniform
  }

  var mode = Mode.train
  var cell = "lstm"
  var input = 28
  var steps = 28
  var hidden = 20
  var layers = 3
  var batch = 100
  var lengths = Lengths.full
  var weights = WeightPrecision.float
  var threads = 0
  var repetitions = 20

  enum CodingKeys: String, CodingKey {
    case mode, cell, input, steps, hidden, layers, batch, lengths, weights, threads
    case repetitions = "repeat"
  }

  /// The most repetitions of a request.
  static let mostRepetitions = 1_000_000
  /// The most layers of a request.
  static let mostLayers = 1000
  /// The most bytes of memory of a request.
  static let mostBytes = 5e8
  /// The most operations of all repetitions of a request: some minutes on one processor.
  static let mostOperations = 2e13

  init() {}

  /// Whether weights are updated.
  var isTraining: Bool { mode == .train || mode == .characters }

  /// The network; nil if ``cell`` is not valid.
  var configuration: ModelConfiguration? {
    guard let layers = stackLayers else { return nil }
    if mode == .characters {
      return ModelConfiguration(input: .tokens(input), layers: layers, readout: .everyStep, output: .classes(input))
    }
    return ModelConfiguration(input: .features(input), layers: layers, output: .classes(10))
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    mode = try values.decodeIfPresent(Mode.self, forKey: .mode) ?? mode
    cell = try values.decodeIfPresent(String.self, forKey: .cell) ?? cell
    input = try values.decodeIfPresent(Int.self, forKey: .input) ?? input
    steps = try values.decodeIfPresent(Int.self, forKey: .steps) ?? steps
    hidden = try values.decodeIfPresent(Int.self, forKey: .hidden) ?? hidden
    layers = try values.decodeIfPresent(Int.self, forKey: .layers) ?? layers
    batch = try values.decodeIfPresent(Int.self, forKey: .batch) ?? batch
    lengths = try values.decodeIfPresent(Lengths.self, forKey: .lengths) ?? lengths
    weights = try values.decodeIfPresent(WeightPrecision.self, forKey: .weights) ?? weights
    threads = try values.decodeIfPresent(Int.self, forKey: .threads) ?? threads
    repetitions = try values.decodeIfPresent(Int.self, forKey: .repetitions) ?? repetitions
  }

  /// The layers; nil unless ``cell`` is the text of a layer, such as `lstm`, `lstm peepholes` or
  /// `gru & gru | merge=sum zoneout=0.1;0.1`.
  var stackLayers: [LayerConfiguration]? {
    guard let text = FirstEditionLayer(cell) else { return nil }
    let cells = text.kinds.compactMap { kind -> (any RecurrentCell)? in
      kind == OwnLSTMCell.name
        ? OwnLSTMCell(hiddenSize: hidden) : SizelessCell(firstEdition: kind)?.make(hidden, nil)
    }
    if cells.count < text.kinds.count || text.fault(cells, inputSize: input) != nil { return nil }
    let layer = text.make(cells)
    if layers > 1 && text.fault(cells, inputSize: layer.outputSize) != nil { return nil }
    return Array(repeating: layer, count: layers)
  }

  /// About how many bytes the request needs: four batches of inputs; weights, their gradients and the state of the
  /// optimizer; in training the tape of all time steps, else that of a few.
  var bytes: Double {
    let (width, layers, positions) = (Double(hidden), Double(layers), Double(batch) * Double(steps))
    let weights = 4 * width * (Double(input) + width + 2 * width * (layers - 1))
    let tape = (isTraining ? 8 : 2) * positions * layers * width
    return 4 * (5 * positions * Double(input) + 5 * weights + tape)
  }

  /// About how many operations all repetitions need.
  private var estimatedOperations: Double {
    let (width, layers) = (Double(hidden), Double(layers))
    let weights = 4 * width * (Double(input) + width + 2 * width * (layers - 1))
    let positions = mode == .stream ? 1 : Double(batch) * Double(steps)
    return 2 * weights * positions * (isTraining ? 3 : 1) * Double(repetitions)
  }

  /// Why the request is not valid; nil if it is.
  var fault: String? {
    let sizes = [("input", input), ("steps", steps), ("hidden", hidden), ("layers", layers), ("batch", batch)]
    for (name, size) in sizes + [("repeat", repetitions)] where size < 1 {
      return "\(name): found \(size), expected at least 1"
    }
    for (name, size, most) in [("layers", layers, Self.mostLayers), ("repeat", repetitions, Self.mostRepetitions)]
    where size > most {
      return "\(name): found \(size), expected at most \(most)"
    }
    if bytes > Self.mostBytes {
      return "input, steps, hidden, layers and batch: found \(bytes.sixDigits) bytes of memory, expected at most "
        + Self.mostBytes.sixDigits
    }
    if estimatedOperations > Self.mostOperations {
      return "repeat: found \(repetitions), \(estimatedOperations.sixDigits) operations in total, expected at most "
        + Self.mostOperations.sixDigits
    }
    if mode == .characters, input < 2 { return "input: found \(input), expected at least 2 tokens" }
    if mode == .stream || mode == .characters, stackLayers?.contains(where: \.readsInReverse) == true {
      return "mode: found '\(mode.rawValue)' for a network that reads in reverse, expected train or infer"
    }
    if let reductionFault { return "weights: \(reductionFault)" }
    if stackLayers == nil { return "cell: found '\(cell.shown())', expected \(CellKind.list)" }
    return threads < 0 || threads > 1024 ? "threads: found \(threads), expected 1 to 1024, or 0 for all" : nil
  }

  /// Why the network has no such weights; nil if it has.
  private var reductionFault: String? {
    if weights == .float { return nil }
    if isTraining { return "found '\(weights)' in training, expected float" }
    var small = self
    (small.input, small.hidden) = (1, 1)
    guard let configuration = small.configuration else { return nil }
    do throws(InputError) { _ = try SequenceModel(configuration).reduced(to: weights) } catch {
      return error.description
    }
    return nil
  }

  /// The length of each sequence: evenly distributed from 1 to all time steps, in a scrambled order.
  var trueLengths: [Int32]? {
    lengths == .full ? nil : (0..<batch * Workload.batchCount).map { Int32(1 + ($0 % batch * 7919 + 13) % steps) }
  }

  /// The floating-point operations of the matrix products in one repetition, over the true lengths, without the gradient
  /// of the input, which training does not need.
  var operations: Double {
    let sequenceSteps =
      mode == .stream ? 1 : Double(trueLengths?.prefix(batch).reduce(0) { $0 + Int($1) } ?? batch * steps)
    var products = 0.0
    var width = input
    for (level, layer) in (stackLayers ?? []).enumerated() {
      defer { width = layer.outputSize }
      for cell in layer.cells {
        let shapes = cell.parameterShapes(inputSize: width, layer: 0).map(\.shape).filter { $0.count == 2 }
        let forward = Double(shapes.reduce(0) { $0 + $1[0] * $1[1] })
        let inputGradient = Double(shapes[0][0] * shapes[0][1])
        let isLookup = mode == .characters && level == 0
        products += isTraining ? 3 * forward - (level == 0 ? (isLookup ? 3 : 1) * inputGradient : 0) : forward
      }
    }
    if mode == .characters, let top = stackLayers?.last { products += 3 * Double(top.outputSize * input) }
    return 2 * products * sequenceSteps
  }
}

/// A network and data, ready to be timed.
final class Workload {
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
  private let sequences: [[Float]]
  private var turn = 0
  /// A sum that depends on every result, so that the compiler cannot remove a computation.
  private(set) var consumed = 0.0

  init(_ request: WorkloadRequest) {
    self.request = request
    pool = request.threads == 0 ? .shared : ThreadPool(threads: request.threads)
    var generator = SplitMix64(seed: 1)
    let count = request.batch * Self.batchCount
    let values = (0..<count * request.steps * request.input).map { _ in generator.uniform() }
    let configuration = request.configuration ?? .init(input: .features(1), layers: .lstm(1), output: .classes(10))
    let data = require {
      request.mode == .characters
        ? try Self.characters(request, count: count, using: &generator)
        : try SequenceDataset(
          floats: values, stepCount: request.steps, inputSize: request.input,
          labels: (0..<count).map { Int32($0 % 10) }, lengths: request.trueLengths, classCount: 10)
    }
    batches = Array(data.batches(of: request.batch))
    let floats = SequenceModel(configuration, threads: pool)
    network = require { try floats.reduced(to: request.weights) }
    state = network.zeroState(batchSize: request.batch)
    stream = try? network.makeStream()
    let size = request.steps * request.input
    sequences = (0..<Self.batchCount).map { Array(values[$0 * size..<($0 + 1) * size]) }
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

  /// Times each of the repetitions, in milliseconds.
  func run() -> [Double] {
    let clock = ContinuousClock()
    return (0..<request.repetitions).map { _ in
      let start = clock.now
      repetition()
      return (clock.now - start).milliseconds
    }
  }

  private func repetition() {
    turn = (turn + 1) % Self.batchCount
    switch request.mode {
    case .train:
      consumed += Double(require { try network.train(on: batches[turn], with: &optimizer) }.loss)
    case .characters:
      let step = require { try network.train(on: batches[turn], from: &state, with: &optimizer) }
      consumed += Double(step.loss)
    case .infer where request.batch == 1 && request.lengths == .full && stream != nil:
      stream?.reset()
      advance { try $0.run(sequences[turn]) }
    case .infer:
      consumed += Double(require { try network.logits(for: batches[turn]) }.values[0])
    case .stream:
      let sequence = sequences[turn]
      advance { try $0.step(sequence.span.extracting(first: request.input)) }
    case .peak:
      break
    }
  }

  /// Runs the stream.
  private func advance(_ body: (inout SequenceStream) throws -> Void) {
    guard var stream = stream.take() else { return }
    require { try body(&stream) }
    consumed += Double(stream.values[0])
    self.stream = stream
  }
}
