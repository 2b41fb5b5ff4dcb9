/// A layer as a file's metadata tells of it, beyond what names and shapes of tensors say.
///
/// The text of a layer is its cell, or the two of a bidirectional one with an ampersand between them, and behind a bar
/// whatever else there is to say. Layers stand one after the other with commas between them:
///
/// ```
/// lstm,gru-reset-before & lstm,gru & gru | merge=sum residual zoneout=0.1;0.05,lstm | reverse
/// ```
package struct StoredLayer: Equatable {
  /// Under this name the metadata has the texts of all layers.
  static let key = "recurrent.cells"

  /// The kind of each direction's cell.
  package var kinds: [String]
  var merge = Merge.concatenate
  var isReverse = false
  var isResidual = false
  var hiddenZoneout: Float = 0
  var stateZoneout: Float = 0

  /// Whether any of the cells reads in reverse.
  package var readsInReverse: Bool { isReverse || kinds.count == 2 }

  /// What there is to say of a layer.
  package init(_ layer: StackLayer) {
    kinds = layer.cells.map(\.kind)
    merge = layer.merge
    isReverse = layer.isReverse
    isResidual = layer.isResidual
    hiddenZoneout = layer.regularization.hiddenZoneout
    stateZoneout = layer.regularization.stateZoneout
  }

  /// The layer of a text; nil where it is no such text.
  package init?(_ text: some StringProtocol) {
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

  /// The text of the layer.
  package var text: String {
    var words: [String] = []
    if merge != .concatenate { words.append("merge=\(merge.rawValue)") }
    if isReverse { words.append("reverse") }
    if isResidual { words.append("residual") }
    if hiddenZoneout > 0 || stateZoneout > 0 { words.append("zoneout=\(hiddenZoneout);\(stateZoneout)") }
    return kinds.joined(separator: " & ") + (words.isEmpty ? "" : " | " + words.joined(separator: " "))
  }

  /// Whether PyTorch's own layers compute the same from the same tensors.
  var existsInPyTorch: Bool {
    [LSTMCell.name, GRUCell.name, ElmanCell.name].contains(kinds[0]) && kinds.allSatisfy { $0 == kinds[0] }
      && merge == .concatenate && !isReverse && !isResidual && hiddenZoneout == 0 && stateZoneout == 0
  }

  /// The layer that these cells make.
  ///
  /// - Precondition: the cells fit together as the text has it.
  package func make(_ cells: [any RecurrentCell]) -> StackLayer {
    let layer: StackLayer =
      cells.count == 2
      ? .bidirectional(cells[0], cells[1], merge: merge) : isReverse ? .reverse(cells[0]) : StackLayer(cells[0])
    return (isResidual ? layer.residual() : layer).regularized(
      Regularization(hiddenZoneout: hiddenZoneout, stateZoneout: stateZoneout))
  }

  /// What keeps these cells from making the layer, or nil.
  package func fault(_ cells: [any RecurrentCell]) -> String? {
    let widths = cells.map(\.outputSize)
    if merge != .concatenate && widths[0] != widths[1] { return "directions of \(widths[0]) and \(widths[1]) units" }
    let outputSize = merge == .concatenate ? widths.reduce(0, +) : widths[0]
    if isResidual && outputSize != cells[0].inputSize { return "\(outputSize) outputs of \(cells[0].inputSize) inputs" }
    return nil
  }
}

extension StringProtocol {
  /// Without blanks at both ends.
  fileprivate var trimmed: SubSequence {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? start
    return self[start..<end]
  }
}
