import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent evaluate --task`: accuracy by length of a model of a task.
struct TaskTestOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Measure a model of 'train task' on fresh sequences of its task; --seed draws them, by default those of the "
        + "model's run."))
  var task = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Steps of the sequences of --task; by default those that the model's run was tested on.", valueName: "n"),
    transform: OptionValue.length)
  var length: [Int] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sequences of each length of --task. (default: \(TaskOptions.defaultTestSequences))", valueName: "n"),
    transform: OptionValue.length)
  var sequences: Int?

  func validate() throws {
    if task { return }
    if !length.isEmpty { throw ValidationError("--length: found without --task, expected both") }
    if sequences != nil { throw ValidationError("--sequences: found without --task, expected both") }
  }

  /// Measures a model and prints the results.
  ///
  /// - Parameters:
  ///   - path: the model.
  ///   - seed: what the sequences follow from, as the seed of a run; nil for that of the model's run.
  ///   - threads: the thread pool of the model.
  func evaluate(_ path: String, seed: UInt64?, threads: ThreadPool) throws(CommandFailure) {
    let model = try TaskModel(path, threads: threads)
    let run = RunConfiguration.forModel(path)
    let ofRun = run.flatMap { try? $0.options.group(TaskOptions.self) }
    var lengths = length.isEmpty ? ofRun?.testLength ?? [] : length
    if lengths.isEmpty { lengths = [TaskRecipe(for: model.task).longestLength] + TaskOptions.defaultTestLengths }
    for length in lengths {
      if let fault = model.task.fault(ofLength: length) { throw CommandFailure("--length: \(fault)", .usage) }
    }
    let count = sequences ?? ofRun?.testSequences ?? TaskOptions.defaultTestSequences
    let scores = require {
      let course = try TaskTraining(
        model.task, recipe: TaskRecipe(for: model.task), seed: seed ?? run?.seed ?? 0)
      return try LengthAccuracy(
        of: model.network, on: model.task, lengths: lengths, count: count, seed: course.testSeed
      ).scores
    }
    Terminal.note("the task \(model.task.rawValue): \(count.grouped) sequences of each length")
    for line in TaskReport(task: model.task, scores: scores).lines { Terminal.print(line) }
  }
}
