import Recurrent
import RecurrentSupport

/// A run, as the files in its folder record it: its configuration, and what its metrics come to.
///
/// The run may be complete, stopped, or still in progress. Memory is bounded however long the metrics are: curves are
/// thinned, and only some samples are kept.
struct RunRecord {
  /// What was measured on the validation or test data.
  struct Measures: Equatable {
    var loss: Double?
    /// Nil if the network predicts values, which have no accuracy.
    var accuracy: Double?
    var correct: Int?
    var count: Int?
    /// What the task measures besides, such as `perplexity`, by name.
    var others: [String: Double]
  }

  /// A text that the model wrote during training.
  struct Sample: Equatable {
    let steps: Int?
    let text: String
  }

  /// Loss and accuracy over the steps.
  struct Curves {
    fileprivate(set) var loss = DownsampledCurve()
    fileprivate(set) var accuracy = DownsampledCurve()
  }

  /// The most samples that are kept: the first one and the last ones.
  static let mostSamples = 8

  /// The folder, as it was named.
  let folder: String
  let configuration: RunConfiguration
  /// The number of finished epochs.
  private(set) var epochs = 0
  /// The number of training steps that are recorded.
  private(set) var steps = 0
  /// The time of training, without validation; nil before the first epoch has ended.
  private(set) var trainingSeconds: Double?
  /// The validation of the model: the best one if early stopping keeps it, otherwise the last one.
  private(set) var validation: Measures?
  private(set) var test: Measures?
  private(set) var lengths: [MetricsLine.LengthAccuracy] = []
  private(set) var samples: [Sample] = []
  /// Of the logged batches, before their updates.
  private(set) var trainingCurves = Curves()
  private(set) var validationCurves = Curves()
  /// Whether the run has come to its end: its last event is a result.
  private(set) var isComplete = false

  private var keepsBest = false
  /// The number of steps before the present epoch.
  private var earlierSteps = 0

  /// Reads the run in a folder; prints a notice about damaged lines of its metrics, and leaves them out.
  init(folder: String) throws(CommandFailure) {
    self.folder = folder
    configuration = try Self.configuration(in: folder)
    let path = folder + "/metrics.jsonl"
    var damaged = 0
    UntrustedFile.forEachLine(of: path) { bytes in
      if bytes?.isEmpty == true { return }
      if let bytes, let line = try? UntrustedFile.decode(MetricsLine.self, from: bytes) {
        add(line)
      } else {
        damaged += 1
      }
    }
    if damaged > 0 {
      Terminal.note("\(path.shown()): left out \(quantity(damaged, "damaged line"))")
    }
  }

  private static func configuration(in folder: String) throws(CommandFailure) -> RunConfiguration {
    let found: RunConfiguration?
    do { found = try RunConfiguration.read(from: folder) } catch {
      throw CommandFailure(
        "\(RunConfiguration.path(in: folder).shown()): \(RunConfiguration.found(error)), expected that of a run",
        .badData)
    }
    if let found { return found }
    let what =
      ModelFile.isFolder(folder)
      ? "a folder without config.json" : RunFolder.isThere(folder) ? "a file" : "no such folder"
    throw CommandFailure("\(folder.shown()): found \(what), expected the folder of a run", .missingInput)
  }

  private mutating func add(_ line: MetricsLine) {
    isComplete = line.event == "test" || line.event == "lengths"
    let measures = Measures(line, hasAccuracy: hasAccuracy)
    switch line.event {
    case "step":
      let step = earlierSteps + (line.count("step") ?? 0)
      trainingCurves.add(measures, step: step)
      steps = max(steps, step + 1)
    case "epoch", "validation":
      steps = line.count("steps") ?? steps
      if line.event == "epoch" {
        epochs += 1
        earlierSteps = steps
        trainingSeconds = (trainingSeconds ?? 0) + (line.numbers["milliseconds"] ?? 0) / 1000
      }
      // Without data for validation, nothing was measured.
      if measures.count == 0 { return }
      validationCurves.add(measures, step: steps)
      if !keepsBest { validation = measures }
    case "improved":
      keepsBest = true
      validation = measures
    case "test": test = measures
    case "lengths": lengths = line.accuracies
    case "sample":
      if samples.count == Self.mostSamples { samples.remove(at: 1) }
      samples.append(Sample(steps: line.count("steps"), text: line.text ?? ""))
    default: break
    }
  }

  /// Whether the network predicts classes or labels; those of the first edition did.
  private var hasAccuracy: Bool { if case .values = configuration.network?.output { false } else { true } }
}

extension RunRecord.Measures {
  /// The entries of an event that are not measured, or have a property of their own.
  private static let known: Set = ["epoch", "step", "steps", "loss", "accuracy", "correct", "count", "milliseconds"]

  fileprivate init(_ line: MetricsLine, hasAccuracy: Bool) {
    loss = line.numbers["loss"]
    count = line.count("count")
    accuracy = hasAccuracy ? line.numbers["accuracy"] : nil
    correct = hasAccuracy ? line.count("correct") : nil
    others = line.numbers.filter { !Self.known.contains($0.key) }
  }
}

extension RunRecord.Curves {
  fileprivate mutating func add(_ measures: RunRecord.Measures, step: Int) {
    if let value = measures.loss { loss.add(Double(step), value) }
    if let value = measures.accuracy { accuracy.add(Double(step), value) }
  }
}
