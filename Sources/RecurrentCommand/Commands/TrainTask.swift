import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent train task`: a task that makes its own data.
struct TrainTask: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "task",
    abstract: "Train on a task that makes its own data: short sequences to learn from, long ones to test on.",
    usage: "recurrent train task <task> [<options>]",
    discussion: """
      parity, mod5, s3 and s5 ask for a running sum modulo 2 or 5, or a running product of permutations of 3 or 5 \
      things; dyck for the bracket that has to close next, flipflop for the bit last written, copy for ten symbols after \
      a delay, adding for the sum of two marked numbers.

      Lengths begin at 4 steps and double when the accuracy on fresh sequences shows that they are mastered. At the \
      longest length the learning rate then falls, until sequences of --proving-length steps are predicted correctly \
      or --max-steps (20,000 by default) or --max-minutes, looks at fresh sequences included, are used up.

      The optimizer is Adam; options of epochs, schedules, other optimizers and losses are refused.
      """)

  @OptionGroup(title: "Task") var task: TaskOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.task) + group(\.options) }

  /// The options of training that a task does not have, because its own course determines what they do elsewhere.
  static let refused = Set(
    (TrainingOptions.recorded.map(\.name) + OptimizerOptions.recorded.map(\.name) + ScheduleOptions.recorded.map(\.name))
  ).subtracting(["seed", "max-steps", "max-minutes", "clip-norm", "learning-rate"])

  func validate() throws {
    let given = try options.training.given + options.optimizer.given + options.schedule.given
    // A task learns by Adam: who asks for just that is not refused.
    let isAdam = options.optimizer.optimizer == .adam
    if let name = given.first(where: { Self.refused.contains($0) && !($0 == "optimizer" && isAdam) }) {
      let instead =
        switch name {
        case "epochs": "--max-steps limits it"
        case "validation-every": "--check-every says when it looks at its accuracy"
        default: "leave the option out"
        }
      throw ValidationError(
        "--\(name): found with a task, which trains with Adam on lengths that grow until it is solved; \(instead)")
    }
    try options.check(task.defaults, inputSize: task.name.configuration(layers: []).layerInputSize)
  }

  func resolved(for source: TaskSource?) -> Self {
    var command = self
    command.task = task.resolved
    command.options = options.resolved(task.defaults)
    // A task has neither epochs nor a schedule that could be chosen.
    command.options.training.epochs = nil
    command.options.schedule = options.schedule
    return command
  }

  func start() throws(CommandFailure) -> SequenceModel {
    try options.makeNetwork(
      input: task.name.input, output: task.name.output, readout: task.name.readout, task.defaults,
      batch: .init(sequences: task.batchSize, steps: task.longestLength, options: "--batch-size")
    ) { path throws(CommandFailure) in
      let network = try ModelFile.read(path, activation: options.cells.activation, threads: options.run.threads.pool)
      try TaskModel.check(network, task.name, path: path)
      return network
    }
  }

  func source() throws(CommandFailure) -> TaskSource { TaskSource(task: task.name) }

  func run() async throws { try await train() }

  func run(
    on source: TaskSource, from start: SequenceModel, mode: RunMode, reporter: RunReporter
  ) throws(CommandFailure) {
    let run = TaskRun(
      task: task, options: options, recorded: RecordedOptions(of: self), start: start, mode: mode, reporter: reporter)
    try run()
  }
}
