/// A layer as described in the metadata of first-edition files, beyond what names and shapes of tensors tell.
///
/// Such files are read but no longer written: ``ModelConfiguration`` has replaced this text form.
///
/// The text of a layer is its cell, or the two cells of a bidirectional layer separated by an ampersand, then a bar and
/// the options. Layers are separated by commas:
///
/// ```
/// lstm,gru-reset-before & lstm,gru & gru | merge=sum residual zoneout=0.1;0.05,lstm | reverse
/// ```
package struct FirstEditionLayer: Equatable {
  /// The metadata key of the texts of all layers.
  static let key = "recurrent.cells"

  /// The text itself.
  let text: String
  /// The kind of each direction's cell.
  package let kinds: [String]
  var merge = Merge.concatenate
  var isReverse = false
  var isResidual = false
  var hiddenZoneout: Float = 0
  var stateZoneout: Float = 0

  /// Parses a layer; nil if the text is invalid.
  package init?(_ text: some StringProtocol) {
    self.text = String(text)
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmed }
    kinds = parts[0].split(separator: "&", omittingEmptySubsequences: false).map { String($0.trimmed) }
    guard parts.count <= 2, kinds.count <= 2, kinds.allSatisfy({ !$0.isEmpty }) else { return nil }
    for word in parts.dropFirst().joined().split(separator: " ") {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      switch (pair[0], pair.count) {
      case ("reverse", 1) where kinds.count == 1: isReverse = true
      case ("residual", 1): isResidual = true
      case ("merge", 2):
        guard let merge = Merge(rawValue: String(pair[1])), kinds.count == 2 else { return nil }
        self.merge = merge
      case ("zoneout", 2):
        let rates = pair[1].split(separator: ";", omittingEmptySubsequences: false).compactMap { Float($0) }
        guard rates.count == 2, rates.allSatisfy({ (0..<1).contains($0) }) else { return nil }
        (hiddenZoneout, stateZoneout) = (rates[0], rates[1])
      default: return nil
      }
    }
  }

  /// The layer made of these cells.
  ///
  /// - Precondition: ``fault(_:inputSize:)`` returns nil.
  package func make(_ cells: [any RecurrentCell]) -> LayerConfiguration {
    let layer: LayerConfiguration =
      cells.count == 2
      ? .bidirectional(cells[0], cells[1], merge: merge) : isReverse ? .reverse(cells[0]) : LayerConfiguration(cells[0])
    return (isResidual ? layer.residual() : layer).regularized(
      Regularization(hiddenZoneout: hiddenZoneout, stateZoneout: stateZoneout))
  }

  /// Why the cells do not fit the layer; nil if they fit.
  ///
  /// - Parameter inputSize: the number of features that the layer reads.
  package func fault(_ cells: [any RecurrentCell], inputSize: Int) -> String? {
    let widths = cells.map(\.outputSize)
    if merge != .concatenate && widths[0] != widths[1] { return "directions of \(widths[0]) and \(widths[1]) units" }
    let outputSize = merge == .concatenate ? widths.reduce(0, +) : widths[0]
    if isResidual && outputSize != inputSize { return "\(outputSize) outputs and \(inputSize) inputs" }
    return nil
  }
}

extension StringProtocol {
  /// The text without spaces at both ends.
  fileprivate var trimmed: SubSequence {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? start
    return self[start..<end]
  }
}

extension SizelessCell {
  /// Parses a cell kind of the first edition; nil if it is unknown.
  ///
  /// The first word is the cell, the others are its options, such as `lstm peepholes cell-clip=10.0`.
  package init?(firstEdition kind: String) {
    let words = kind.split(separator: " ")
    guard let name = words.first else { return nil }
    let options = words.dropFirst().map { OptionWord($0) }
    let activation = words.dropFirst().first.flatMap { Activation(String($0)) }
    switch (name, options.count) {
    case ("lstm", _):
      guard let options = LSTMCell.Options(firstEdition: options) else { return nil }
      self.init { LSTMCell(hiddenSize: $0, projectionSize: $1, options: options) }
    case ("gru", _), ("gru-reset-before", _):
      var plain = GRUCell.Options()
      for word in options where !word.set(in: &plain) { return nil }
      let (resetAfter, options) = (name == "gru", plain)
      self.init { GRUCell(hiddenSize: $0, resetAfter: resetAfter, options: options) }
    case ("elman", _):
      let rest = options.dropFirst(activation == nil ? 0 : 1)
      guard rest.allSatisfy({ $0.name == "input-clip" && $0.limit != nil }) else { return nil }
      self.init { ElmanCell(hiddenSize: $0, activation: activation ?? .tanh, preactivationClip: rest.last?.limit) }
    case ("mgu", 0): self.init { MGUCell(hiddenSize: $0) }
    case ("mgu-reset-after", 0): self.init { MGUCell(hiddenSize: $0, resetAfter: true) }
    case ("indrnn", 0): self.init { IndRNNCell(hiddenSize: $0) }
    case ("indrnn", 1):
      guard let activation else { return nil }
      self.init { IndRNNCell(hiddenSize: $0, activation: activation) }
    default: return nil
    }
  }
}

extension LSTMCell.Options {
  fileprivate init?(firstEdition words: [OptionWord]) {
    self.init()
    for word in words where !word.set(in: &self) {
      switch (word.name, word.limit, word.activation) {
      case ("peepholes", _, _) where word.value == nil: hasPeepholes = true
      case ("coupled", _, _) where word.value == nil: couplesInputAndForgetGates = true
      case ("layer-norm", _, _) where word.value == nil: hasLayerNorm = true
      case ("norm-epsilon", let epsilon?, _): normEpsilon = epsilon
      case ("cell-clip", let limit?, _): cellClip = limit
      case ("cell", _, let activation?): cellActivation = activation
      default: return nil
      }
    }
    if hasLayerNorm ? isGeneral : normEpsilon != Self.plain.normEpsilon { return nil }
  }
}

/// A word after the name of a cell, such as `peepholes` or `cell-clip=10.0`.
private struct OptionWord {
  /// The text before the equals sign, or the whole word.
  let name: String
  /// The text after the equals sign; nil if there is none.
  let value: String?

  init(_ word: some StringProtocol) {
    let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(pair[0])
    value = pair.count == 2 ? String(pair[1]) : nil
  }

  /// The value as a number above 0; nil if it is not one.
  var limit: Float? { value.flatMap(Float.init).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
  /// The value as an activation function; nil if it is not one.
  var activation: Activation? { value.flatMap(Activation.init) }

  /// Sets an option that all gated cells have; false if it is another option.
  func set(in options: inout some GateOptions) -> Bool {
    switch (name, limit, activation) {
    case ("input-clip", let limit?, _): options.preactivationClip = limit
    case ("gate", _, let activation?): options.gateActivation = activation
    case ("candidate", _, let activation?): options.candidateActivation = activation
    default: return false
    }
    return true
  }
}
