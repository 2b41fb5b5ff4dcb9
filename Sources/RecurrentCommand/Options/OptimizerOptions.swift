import ArgumentParser
import Recurrent

/// The rule that turns gradients into steps.
struct OptimizerOptions: ParsableArguments {
  /// The optimisers that can be asked for.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case adam, adamw, nadam, sgd, rmsprop, adagrad, lion
  }

  private static let notebookRate: Float = 0.01

  @Option(help: ArgumentHelp("The rule that turns gradients into steps.", valueName: "name"))
  var optimizer: Kind = .adam

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How far a training step goes. (default: \(notebookRate))", valueName: "x"),
    transform: OptionValue.rate)
  var learningRate = notebookRate

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The part of its last step that sgd takes again. (default: 0)", valueName: "x"),
    transform: OptionValue.probability)
  var momentum: Float = 0

  @Flag(inversion: .prefixedNo, help: "Let sgd look ahead along its momentum.")
  var nesterov = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How strongly weights are drawn to zero; 0.01 for adamw, else 0, unless told otherwise.", valueName: "x"),
    transform: OptionValue.amount)
  var weightDecay: Float?

  func validate() throws {
    if momentum > 0 && optimizer != .sgd {
      throw ValidationError(
        "--momentum: found beside --optimizer \(optimizer.rawValue), which has its own; expected --optimizer sgd")
    }
    if nesterov && momentum == 0 {
      throw ValidationError("--nesterov: found without --momentum, expected sgd with a momentum above 0")
    }
  }

  /// The optimiser.
  var rule: any Optimizer {
    let (rate, decay) = (learningRate, weightDecay ?? 0)
    return switch optimizer {
    case .adam: Adam(learningRate: rate, weightDecay: decay)
    case .adamw: AdamW(learningRate: rate, weightDecay: weightDecay ?? 0.01)
    case .nadam: Nadam(learningRate: rate, weightDecay: decay)
    case .sgd: SGD(learningRate: rate, momentum: momentum, isNesterov: nesterov, weightDecay: decay)
    case .rmsprop: RMSProp(learningRate: rate, weightDecay: decay)
    case .adagrad: Adagrad(learningRate: rate, weightDecay: decay)
    case .lion: Lion(learningRate: rate, weightDecay: decay)
    }
  }
}
