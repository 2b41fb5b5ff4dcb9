/// What the options of gated cells have in common: other activation functions, and pre-activation clipping.
protocol GateOptions: Hashable {
  /// The clip of all pre-activations; nil for none.
  var preactivationClip: Float? { get set }
  /// The function of the gates.
  var gateActivation: Activation { get set }
  /// The function of the candidate.
  var candidateActivation: Activation { get set }

  /// The options of the plain cell.
  static var plain: Self { get }
}

extension GateOptions {
  /// Whether gates use the default functions without clipping; backward can then compute derivatives from activations.
  var hasUsualGates: Bool {
    preactivationClip == nil && gateActivation == Self.plain.gateActivation
      && candidateActivation == Self.plain.candidateActivation
  }

  /// The options that differ from the plain cell, a space before each.
  var gateWords: String {
    KindWord.text("input-clip", preactivationClip, unless: nil)
      + KindWord.text("gate", gateActivation, unless: Self.plain.gateActivation)
      + KindWord.text("candidate", candidateActivation, unless: Self.plain.candidateActivation)
  }
}

/// A word after the name in a cell's kind, such as `cell-clip=10.0`.
enum KindWord {
  /// The word for a value, with a space before it; empty if the value is nil or the default.
  static func text<Value: Equatable>(_ name: String, _ value: Value?, unless usual: Value?) -> String {
    guard let value, value != usual else { return "" }
    return " \(name)=\(value)"
  }
}
