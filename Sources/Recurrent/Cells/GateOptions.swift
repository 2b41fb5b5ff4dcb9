import RecurrentSupport

/// What the options of gated cells have in common: other functions, and a limit of what these are given.
protocol GateOptions: Equatable {
  /// The limit of all pre-activations; nil for none.
  var preactivationClip: Float? { get set }
  /// The function of the gates.
  var gateActivation: Activation { get set }
  /// The function of the candidate.
  var candidateActivation: Activation { get set }

  /// Those of the plain cell.
  static var plain: Self { get }
  /// Takes a word of a cell's kind that only these options have; false where it is none of theirs.
  mutating func takeOwn(_ word: OptionWord) -> Bool
}

extension GateOptions {
  /// The options of such words; nil where one is none of them.
  init?(allOf words: some Sequence<some StringProtocol>) {
    self = .plain
    for word in words.lazy.map({ OptionWord($0) }) where !take(word) && !takeOwn(word) { return nil }
  }

  mutating func takeOwn(_ word: OptionWord) -> Bool { false }

  private mutating func take(_ word: OptionWord) -> Bool {
    switch (word.name, word.limit, word.activation) {
    case ("input-clip", let limit?, _): preactivationClip = limit
    case ("gate", _, let activation?): gateActivation = activation
    case ("candidate", _, let activation?): candidateActivation = activation
    default: return false
    }
    return true
  }

  /// Whether the gates' functions are the usual ones, of whatever they are given: backward then finds their slopes in
  /// their values.
  var hasUsualGates: Bool {
    preactivationClip == nil && gateActivation == Self.plain.gateActivation
      && candidateActivation == Self.plain.candidateActivation
  }

  /// What is not as in the plain cell, in words with blanks before them.
  var gateWords: String {
    OptionWord.text("input-clip", preactivationClip, unless: nil)
      + OptionWord.text("gate", gateActivation, unless: Self.plain.gateActivation)
      + OptionWord.text("candidate", candidateActivation, unless: Self.plain.candidateActivation)
  }
}

/// A word in a cell's kind behind its name: what the cell has besides the plain equations, as `peepholes` or
/// `cell-clip=10.0`.
struct OptionWord {
  /// What stands before the equals sign, or the whole word.
  let name: String
  /// What stands behind it; nil where there is none.
  let value: String?

  init(_ word: some StringProtocol) {
    let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(pair[0])
    value = pair.count == 2 ? String(pair[1]) : nil
  }

  /// The value as a number above 0; nil where it is none.
  var limit: Float? { value.flatMap(Float.init).flatMap { $0 > 0 ? $0 : nil } }
  /// The value as a function; nil where it is none.
  var activation: Activation? { value.flatMap(Activation.init) }

  /// The word for a value, with a blank before it; nothing for the usual value, or where there is none.
  static func text<Value: Equatable>(_ name: String, _ value: Value?, unless usual: Value?) -> String {
    guard let value, value != usual else { return "" }
    return " \(name)=\(value)"
  }

  /// Refuses limits that are not positive.
  static func check(_ limits: (name: String, limit: Float?)...) {
    for case (let name, let limit?) in limits {
      require(limit > 0, "\(name) must be positive; found \(limit)")
    }
  }
}
