import ArgumentParser
import Recurrent
import RecurrentSupport

/// The schedule of the learning rate.
struct ScheduleOptions: RecordableArguments {
  /// The schedules that can be chosen.
  enum Kind: String, CaseIterable, ExpressibleByArgument, RecordableValue {
    case constant, step, exponential, cosine, plateau
  }

  @Option(help: ArgumentHelp("Schedule of the learning rate; by default that of the task.", valueName: "name"))
  var schedule: Kind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Factor of the learning rate, applied every --schedule-every epochs by step, every epoch by exponential, and "
        + "when validation stops improving by plateau. (default: 0.1 for step and plateau, 0.9 for exponential)",
      valueName: "x"),
    transform: OptionValue.fraction)
  var scheduleFactor: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Epochs between two reductions by step; patience of plateau, in validations. (default: 10)", valueName: "n"),
    transform: OptionValue.count)
  var scheduleEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epochs of linear warm-up before cosine. (default: 0)", valueName: "n"),
    transform: OptionValue.index)
  var warmUp: Int?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("schedule", \.schedule),
      .init("schedule-factor", \.scheduleFactor),
      .init("schedule-every", \.scheduleEvery),
      .init("warm-up", \.warmUp),
    ]
  }

  func validate() throws {
    let found = schedule.map { "found with --schedule \($0.rawValue)" } ?? "found without --schedule"
    if scheduleFactor != nil, ![.step, .exponential, .plateau].contains(schedule) {
      throw ValidationError("--schedule-factor: \(found), expected --schedule step, exponential or plateau")
    }
    if scheduleEvery != nil, ![.step, .plateau].contains(schedule) {
      throw ValidationError("--schedule-every: \(found), expected --schedule step or plateau")
    }
    if warmUp != nil, schedule != .cosine {
      throw ValidationError("--warm-up: \(found), expected --schedule cosine")
    }
  }

  /// These options with their defaults filled in.
  func resolved(_ defaults: TrainingDefaults) -> ScheduleOptions {
    var options = self
    options.schedule = schedule ?? defaults.schedule
    return options
  }

  /// Sets the schedule of a training loop, from resolved options: cosine changes the rate after each step, the others after each epoch.
  func apply(to options: inout TrainingLoop.Options, epochs: Int, stepsPerEpoch: Int, maximumSteps: Int?) {
    switch schedule ?? .constant {
    case .constant: options.schedule = .constant
    case .step: options.schedule = .step(every: scheduleEvery ?? 10, factor: scheduleFactor ?? 0.1)
    case .exponential: options.schedule = .exponential(factor: scheduleFactor ?? 0.9)
    case .plateau:
      options.schedule = .plateau(
        PlateauSchedule(factor: scheduleFactor ?? 0.1, patience: scheduleEvery ?? 10))
    case .cosine:
      let total = max(1, min(epochs.saturatingProduct(stepsPerEpoch), maximumSteps ?? .max))
      let steps = (warmUp ?? 0).saturatingProduct(stepsPerEpoch)
      options.schedule = .cosine(total: total, warmUp: min(steps, total - 1))
      options.scheduleUnit = .step
    }
  }
}
