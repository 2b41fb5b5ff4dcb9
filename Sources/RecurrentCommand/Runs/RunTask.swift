import Recurrent

/// What a run trains on, and what it makes of the results: what differs from task to task.
protocol RunTask {
  associatedtype Training: TrainingData
  /// What the trained network gives on data that neither training nor validation have seen.
  associatedtype Results

  /// The kind, as in `config.json` and in the names of run folders.
  var kind: TaskKind { get }
  /// What is learned from and measured on.
  var training: Training { get }
  /// The data, as in `config.json`.
  var record: RunConfiguration.Data { get }
  /// What is said of the data when the run begins.
  var summary: [String] { get }
  /// What the data consist of, such as images.
  var unit: CountedUnit { get }
  /// What model files hold besides the network, by key.
  var metadata: [String: String] { get }
  /// The results of a batch, before its update.
  func text(of batch: SequenceModel.StepResult) -> String
  /// The results of a validation.
  func text(of validation: SequenceModel.Evaluation) -> String
  /// What was best about the best validation, to follow `the best validation`.
  func text(ofBest validation: SequenceModel.Evaluation) -> String
  /// The curves that pictures show.
  var curves: RunCurves { get }
  /// Looks at the network after a validation.
  func look(at network: SequenceModel, steps: Int, log: TrainingLog) throws(CommandFailure)
  /// Measures the trained network, and prints and records the results.
  func test(_ network: SequenceModel, log: TrainingLog) throws(CommandFailure) -> Results
  /// Draws pictures of the results, besides the curves.
  func draw(_ results: Results, folder: RunFolder) throws(CommandFailure)
}

extension RunTask {
  var metadata: [String: String] { [:] }
  func look(at network: SequenceModel, steps: Int, log: TrainingLog) {}
  func draw(_ results: Results, folder: RunFolder) {}
}

/// The kind of task of a run, by its name.
enum TaskKind: String {
  case mnist, digits, text
  case series, task
}

/// What a run counts when it says how much it has trained on.
struct CountedUnit {
  /// The name of several.
  var name: String
  /// How many of them a sequence of a batch is.
  var perSequence = 1
}
