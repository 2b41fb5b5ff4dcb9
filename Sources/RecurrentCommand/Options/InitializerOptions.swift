import ArgumentParser
import Recurrent

/// How first weights are drawn.
struct InitializerOptions: ParsableArguments {
  /// The rules that can be asked for: three conventions, and one rule for all weights.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case tensorflow1, pytorch, keras
    case glorotUniform = "glorot-uniform"
    case glorotNormal = "glorot-normal"
    case heUniform = "he-uniform"
    case heNormal = "he-normal"
    case lecunUniform = "lecun-uniform"
    case lecunNormal = "lecun-normal"
    case orthogonal, uniform, normal, identity, chrono
  }

  // No defaults, so that it can be told whether --from stands beside them.
  @Option(
    help: ArgumentHelp(
      "How first weights are drawn: by the convention of a framework, tensorflow1 unless told otherwise, or all by one "
        + "rule.", valueName: "name"))
  var initializer: Kind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The limit of uniform, the deviation of normal, the factor of identity. (default: 0.1, 0.1, 1)", valueName: "x"),
    transform: OptionValue.rate)
  var initializerScale: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The first bias of the forget gate; 1 for tensorflow1 and keras, else 0, unless told otherwise.", valueName: "x"),
    transform: OptionValue.number)
  var forgetBias: Float?

  /// The options that were asked for, by their names.
  var given: [String] {
    let all: [(String, Bool)] = [
      ("initializer", initializer != nil), ("initializer-scale", initializerScale != nil),
      ("forget-bias", forgetBias != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  func validate() throws {
    if initializerScale != nil, ![.uniform, .normal, .identity].contains(initializer) {
      throw ValidationError(
        "--initializer-scale: found beside --initializer \((initializer ?? .tensorflow1).rawValue), expected uniform, "
          + "normal or identity there")
    }
    if forgetBias != nil, initializer == .chrono {
      throw ValidationError("--forget-bias: found beside --initializer chrono, which sets that bias itself")
    }
  }

  /// These options with the notebook's convention where none was asked for.
  var resolved: InitializerOptions {
    var options = self
    options.initializer = initializer ?? .tensorflow1
    return options
  }

  /// The rule, for sequences of so many steps.
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
