import ArgumentParser
import Recurrent
import RecurrentSupport

/// How the learning rate changes while training goes on.
struct ScheduleOptions: ParsableArguments {
  /// The schedules that can be asked for.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case constant, step, exponential, cosine, plateau
  }

  @Option(help: ArgumentHelp("How the learning rate changes.", valueName: "name"))
  var schedule: Kind = .constant

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What the rate is multiplied by: every --schedule-every epochs, every epoch, or when validation no longer "
        + "improves. (default: 0.1 for step and plateau, 0.9 for exponential)", valueName: "x"),
    transform: OptionValue.part)
  var scheduleFactor: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Epochs between two falls of step; validations without improvement that plateau puts up with. (default: 10)",
      valueName: "n"), transform: OptionValue.count)
  var scheduleEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epochs in which cosine rises to the full rate. (default: 0)", valueName: "n"),
    transform: OptionValue.position)
  var warmUp: Int?

  func validate() throws {
    let found = "--schedule \(schedule.rawValue)"
    if scheduleFactor != nil, ![.step, .exponential, .plateau].contains(schedule) {
      throw ValidationError("--schedule-factor: found beside \(found), expected step, exponential or plateau there")
    }
    if scheduleEvery != nil, ![.step, .plateau].contains(schedule) {
      throw ValidationError("--schedule-every: found beside \(found), expected step or plateau there")
    }
    if warmUp != nil, schedule != .cosine {
      throw ValidationError("--warm-up: found beside \(found), expected cosine there")
    }
  }

  /// Puts the schedule into the options of a loop: cosine step by step, the others epoch by epoch.
  func apply(to options: inout TrainingLoop.Options, epochs: Int, stepsPerEpoch: Int, maximumSteps: Int?) {
    switch schedule {
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
