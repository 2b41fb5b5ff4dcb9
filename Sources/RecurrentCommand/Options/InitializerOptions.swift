import ArgumentParser
import Recurrent

/// The initialization of a network's parameters.
struct InitializerOptions: RecordableArguments {
  /// The conventions of three frameworks, and rules that apply to all weights.
  enum Kind: String, CaseIterable, ExpressibleByArgument, RecordableValue {
    case tensorflow1, pytorch, keras
    case glorotUniform = "glorot-uniform"
    case glorotNormal = "glorot-normal"
    case heUniform = "he-uniform"
    case heNormal = "he-normal"
    case lecunUniform = "lecun-uniform"
    case lecunNormal = "lecun-normal"
    case orthogonal, uniform, normal, identity, chrono
  }

  // These have no defaults, because --from excludes them: nil means that they are not given.
  @Option(
    help: ArgumentHelp(
      "Initialization by the convention of a framework, by default that of the task, or by one rule for all weights.",
      valueName: "name"))
  var initializer: Kind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Limit of uniform, standard deviation of normal, factor of identity. (default: 0.1, 0.1, 1)", valueName: "x"),
    transform: OptionValue.positive)
  var initializerScale: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Initial bias of the forget gate; by default 1 for tensorflow1 and keras, else 0.", valueName: "x"),
    transform: OptionValue.number)
  var forgetBias: Float?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("initializer", \.initializer),
      .init("initializer-scale", \.initializerScale),
      .init("forget-bias", \.forgetBias),
    ]
  }

  func validate() throws {
    if initializerScale != nil, ![.uniform, .normal, .identity].contains(initializer) {
      throw ValidationError(
        "--initializer-scale: found "
          + (initializer.map { "with --initializer \($0.rawValue)" } ?? "without --initializer")
          + ", expected --initializer uniform, normal or identity")
    }
    if forgetBias != nil, initializer == .chrono {
      throw ValidationError(
        "--forget-bias: found with --initializer chrono, which sets this bias; expected one of the two")
    }
  }

  /// These options with their defaults filled in.
  func resolved(_ defaults: TrainingDefaults) -> InitializerOptions {
    var options = self
    options.initializer = initializer ?? defaults.initializer
    return options
  }

  /// The rule of resolved options, for sequences of `steps` time steps.
  func rule(steps: Int) -> Initializer {
    let scale = initializerScale
    var rule: Initializer =
      switch initializer ?? .tensorflow1 {
      case .tensorflow1: .tensorFlow1
      case .pytorch: .pyTorch
      case .keras: .keras
      case .glorotUniform: .weights(.glorotUniform)
      case .glorotNormal: .weights(.glorotNormal)
      case .heUniform: .weights(.heUniform)
      case .heNormal: .weights(.heNormal)
      case .lecunUniform: .weights(.lecunUniform)
      case .lecunNormal: .weights(.lecunNormal)
      case .orthogonal: .weights(.orthogonalBlocks)
      case .uniform: .weights(.uniform(limit: scale ?? 0.1))
      case .normal: .weights(.normal(deviation: scale ?? 0.1))
      case .identity: .identity(scale: scale ?? 1)
      case .chrono: .chrono(longestTime: steps)
      }
    if let forgetBias { rule.forgetBias = forgetBias }
    return rule
  }
}
