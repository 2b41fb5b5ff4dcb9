import ArgumentParser
import Recurrent

/// The optimizer and its hyperparameters.
struct OptimizerOptions: RecordableArguments {
  /// The optimizers that can be chosen.
  enum Kind: String, CaseIterable, ExpressibleByArgument, RecordableValue {
    case adam, adamw, nadam, sgd, rmsprop, adagrad, lion
  }

  @Option(help: ArgumentHelp("The optimizer; by default that of the task.", valueName: "name"))
  var optimizer: Kind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The learning rate; by default that of the task.", valueName: "x"),
    transform: OptionValue.positive)
  var learningRate: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Momentum of sgd. (default: 0)", valueName: "x"),
    transform: OptionValue.probability)
  var momentum: Float = 0

  @Flag(inversion: .prefixedNo, help: "Use Nesterov momentum in sgd.")
  var nesterov = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Weight decay; by default that of the task with its optimizer, 0.01 for another adamw, else 0.", valueName: "x"),
    transform: OptionValue.amount)
  var weightDecay: Float?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("optimizer", \.optimizer),
      .init("learning-rate", \.learningRate),
      .init("momentum", \.momentum),
      .init("nesterov", \.nesterov),
      .init("weight-decay", \.weightDecay),
    ]
  }

  func validate() throws {
    if momentum > 0 && optimizer != .sgd {
      throw ValidationError("--momentum: found without --optimizer sgd, expected both")
    }
    if nesterov && momentum == 0 {
      throw ValidationError("--nesterov: found without --momentum, expected both")
    }
  }

  /// These options with their defaults filled in.
  func resolved(_ defaults: TrainingDefaults) -> OptimizerOptions {
    var options = self
    options.learningRate = learningRate ?? defaults.learningRate
    options.optimizer = optimizer ?? defaults.optimizer
    let byDefault = optimizer == nil ? defaults.weightDecay : optimizer == .adamw ? 0.01 : nil
    options.weightDecay = weightDecay ?? byDefault
    return options
  }

  /// The optimizer of resolved options.
  var rule: any Optimizer & Codable {
    let (rate, decay) = (learningRate ?? TrainingDefaults.notebook.learningRate, weightDecay ?? 0)
    return switch optimizer ?? TrainingDefaults.notebook.optimizer {
    case .adam: Adam(learningRate: rate, weightDecay: decay)
    case .adamw: AdamW(learningRate: rate, weightDecay: decay)
    case .nadam: Nadam(learningRate: rate, weightDecay: decay)
    case .sgd: SGD(learningRate: rate, momentum: momentum, isNesterov: nesterov, weightDecay: decay)
    case .rmsprop: RMSProp(learningRate: rate, weightDecay: decay)
    case .adagrad: Adagrad(learningRate: rate, weightDecay: decay)
    case .lion: Lion(learningRate: rate, weightDecay: decay)
    }
  }
}
