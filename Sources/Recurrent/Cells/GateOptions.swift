/// What the options of gated cells have in common: other functions, and a limit of what these are given.
protocol GateOptions: Hashable {
  /// The limit of all pre-activations; nil for none.
  var preactivationClip: Float? { get set }
  /// The function of the gates.
  var gateActivation: Activation { get set }
  /// The function of the candidate.
  var candidateActivation: Activation { get set }

  /// Those of the plain cell.
  static var plain: Self { get }
}

extension GateOptions {
  /// Whether the gates' functions are the usual ones, of whatever they are given: backward then finds their slopes in
  /// their values.
  var hasUsualGates: Bool {
    preactivationClip == nil && gateActivation == Self.plain.gateActivation
      && candidateActivation == Self.plain.candidateActivation
  }

  /// What is not as in the plain cell, in words with blanks before them.
  var gateWords: String {
    KindWord.text("input-clip", preactivationClip, unless: nil)
      + KindWord.text("gate", gateActivation, unless: Self.plain.gateActivation)
      + KindWord.text("candidate", candidateActivation, unless: Self.plain.candidateActivation)
  }
}

/// A word in a cell's kind behind its name, such as `cell-clip=10.0`.
enum KindWord {
  /// The word for a value, with a blank before it; nothing for the usual value, or where there is none.
  static func text<Value: Equatable>(_ name: String, _ value: Value?, unless usual: Value?) -> String {
    guard let value, value != usual else { return "" }
    return " \(name)=\(value)"
  }
}
