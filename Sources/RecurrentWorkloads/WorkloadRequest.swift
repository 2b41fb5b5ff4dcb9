import Recurrent
import RecurrentSupport

/// A measurement: a network, the shape of its data, and what is timed.
///
/// Its JSON is a line of `recurrent benchmark --interactive`; the same format drives the other frameworks in
/// `Benchmarks/`.
package struct WorkloadRequest: Codable, Hashable {
  package enum Mode: String, Codable, CaseIterable {
    /// Forward, loss, backward and an Adam update.
    case train
    /// The same with tokens as inputs, one class per token at every time step, and states carried from batch to batch.
    case characters
    /// The same as ``train`` with one number per time step as target: regression with the mean squared error.
    case values
    /// Logits of a batch.
    case infer
    /// One time step of one sequence, with its state carried from step to step; each step is a call.
    case stream
    /// The same with one call for all steps of a repetition, whose outputs are written.
    case blocks
    /// The peak rate of multiply-adds of the processor.
    case peak
  }

  package enum Lengths: String, Codable, CaseIterable {
    case full, uniform
  }

  package var mode = Mode.train
  package var cell = "lstm"
  package var input = 28
  package var steps = 28
  package var hidden = 20
  package var layers = 3
  package var batch = 100
  package var lengths = Lengths.full
  package var weights = WeightPrecision.float
  package var threads = 0
  /// The steps of a repetition of ``Mode/stream`` or ``Mode/blocks``, which together take long enough to be timed.
  package var together = 1
  package var repetitions = 20

  /// Why the JSON of a request cannot be read, in one line.
  package struct Fault: Error, CustomStringConvertible {
    package let description: String
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case mode, cell, input, steps, hidden, layers, batch, lengths, weights, threads, together
    case repetitions = "repeat"
  }

  /// The most repetitions of a request.
  package static let mostRepetitions = 1_000_000
  /// The most layers of a request.
  package static let mostLayers = 1000
  /// The most bytes of memory of a request.
  package static let mostBytes = 5e8
  /// The most operations of all repetitions of a request: some minutes on one processor.
  package static let mostOperations = 2e13

  package init() {}

  /// Whether weights are updated.
  package var isTraining: Bool { mode == .train || mode == .characters || mode == .values }

  /// Whether one sequence is read step by step.
  package var isStreaming: Bool { mode == .stream || mode == .blocks }

  /// The network; nil if ``cell`` is not valid.
  var configuration: ModelConfiguration? {
    guard let layers = stackLayers else { return nil }
    if mode == .characters {
      return ModelConfiguration(input: .tokens(input), layers: layers, readout: .everyStep, output: .classes(input))
    }
    if mode == .values {
      return ModelConfiguration(input: .features(input), layers: layers, readout: .everyStep, output: .values(1))
    }
    return ModelConfiguration(input: .features(input), layers: layers, output: .classes(10))
  }

  /// Reads a request; keys that are absent have defaults.
  ///
  /// - Throws: ``Fault`` for an unknown key or a value of another kind.
  package init(from decoder: any Decoder) throws {
    let fields = try WorkloadFields(decoder, names: CodingKeys.allCases.map(\.rawValue))
    mode = try fields.choice("mode") ?? mode
    cell = try fields.value("cell", expected: "a string") ?? cell
    input = try fields.count("input") ?? input
    steps = try fields.count("steps") ?? steps
    hidden = try fields.count("hidden") ?? hidden
    layers = try fields.count("layers") ?? layers
    batch = try fields.count("batch") ?? batch
    lengths = try fields.choice("lengths") ?? lengths
    weights = try fields.choice("weights") ?? weights
    threads = try fields.count("threads") ?? threads
    together = try fields.count("together") ?? together
    repetitions = try fields.count("repeat") ?? repetitions
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
  package var bytes: Double {
    let (width, layers) = (Double(hidden), Double(layers))
    let positions = Double(batch) * Double(steps) + Double(together)
    let weights = 4 * width * (Double(input) + width + 2 * width * (layers - 1))
    let tape = (isTraining ? 8 : 2) * positions * layers * width
    return 4 * (5 * positions * Double(input) + 5 * weights + tape)
  }

  /// About how many operations all repetitions need.
  private var estimatedOperations: Double {
    let (width, layers) = (Double(hidden), Double(layers))
    let weights = 4 * width * (Double(input) + width + 2 * width * (layers - 1))
    let positions = isStreaming ? Double(together) : Double(batch) * Double(steps)
    return 2 * weights * positions * (isTraining ? 3 : 1) * Double(repetitions)
  }

  /// Why the request is not valid; nil if it is.
  package var fault: String? {
    let sizes = [("input", input), ("steps", steps), ("hidden", hidden), ("layers", layers), ("batch", batch)]
    for (name, size) in sizes + [("together", together), ("repeat", repetitions)] where size < 1 {
      return "\(name): found \(size), expected at least 1"
    }
    for (name, size, most) in [
      ("layers", layers, Self.mostLayers), ("together", together, Self.mostRepetitions),
      ("repeat", repetitions, Self.mostRepetitions),
    ] where size > most {
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
    if isStreaming || mode == .characters, stackLayers?.contains(where: \.readsInReverse) == true {
      return "mode: found '\(mode.rawValue)' for a network that reads in reverse, expected train or infer"
    }
    if let reductionFault { return "weights: \(reductionFault)" }
    if stackLayers == nil { return "cell: found '\(cell.shown())', expected \(SizelessCell.kinds)" }
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

  /// The floating-point operations of the matrix products in one repetition, or in a step of a stream.
  ///
  /// True lengths count; a head counts if it runs at every step. The gradient of the input, which training does not
  /// need, does not count.
  package var operations: Double {
    let sequenceSteps =
      isStreaming ? 1 : Double(trueLengths?.prefix(batch).reduce(0) { $0 + Int($1) } ?? batch * steps)
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
    let outputs = mode == .characters ? input : mode == .values ? 1 : 0
    products += 3 * Double(width * outputs)
    return 2 * products * sequenceSteps
  }
}
