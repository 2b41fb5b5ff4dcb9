import RecurrentSupport

/// One layer of a stack: a cell that reads forward in time or in reverse, or two cells, one per direction.
///
/// ```swift
/// let stack = RecurrentStack(
///   inputSize: 28,
///   layers: [
///     .bidirectional(LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 20)),
///     LayerConfiguration(GRUCell(hiddenSize: 10)),
///   ])
/// ```
///
/// In a bidirectional layer, the output at step t is the forward cell's output after reading steps 1…t, followed by the
/// reverse cell's after reading the sequence from its own last step back to t:
///
/// ```
/// y(t) = [h→(t); h←(t)]      h→(t) = cell→(x(t), h→(t-1))      h←(t) = cell←(x(t), h←(t+1))
/// ```
///
/// Neither reads padding. The reverse cell's final state is that at the first step. The two cells may differ in
/// everything but their input; ``reverse(_:)`` makes a layer that reads in reverse only.
///
/// A layer configuration holds no weights and does not know its number of input features, which the network's input and
/// the layers below determine.
///
/// Source: Schuster and Paliwal, *Bidirectional Recurrent Neural Networks*, 1997.
public struct LayerConfiguration: Sendable, Hashable {
  /// The forward cell, then the reverse cell if there are two; or the only cell.
  public let cells: [any RecurrentCell]
  /// Whether the only cell reads in reverse.
  public private(set) var isReverse = false
  /// How the outputs of two directions are merged.
  public private(set) var merge = Merge.concatenate
  /// Whether the layer's input is added to its output, so that the layer learns the residual.
  ///
  /// Source: He et al., *Deep Residual Learning*, 2015; in recurrent stacks Wu et al., 2016.
  public private(set) var isResidual = false
  /// The layer's regularization during training.
  public var regularization = Regularization()

  /// A layer that reads forward in time.
  ///
  /// - Parameter cell: the cell to run over time.
  public init(_ cell: any RecurrentCell) { cells = [cell] }

  /// A layer that reads in both directions.
  ///
  /// - Parameters:
  ///   - forward: reads from the first step to the last.
  ///   - reverse: reads from a sequence's own last step to the first.
  ///   - merge: how their outputs are merged.
  /// - Precondition: the cells have the same width unless outputs are concatenated; their kinds may differ.
  public static func bidirectional(
    _ forward: any RecurrentCell, _ reverse: any RecurrentCell, merge: Merge = .concatenate
  ) -> LayerConfiguration {
    let layer = LayerConfiguration(cells: [forward, reverse], merge: merge)
    require { () throws(ConfigurationError) in try layer.check() }
    return layer
  }

  /// A layer that reads in reverse only, from a sequence's own last step to the first: `h(t) = cell(x(t), h(t+1))`.
  ///
  /// Its parameters have the names of a forward layer's. Its final state is that at the first step.
  ///
  /// - Parameter cell: the cell to run over time.
  public static func reverse(_ cell: any RecurrentCell) -> LayerConfiguration {
    var layer = LayerConfiguration(cell)
    layer.isReverse = true
    return layer
  }

  init(
    cells: [any RecurrentCell], isReverse: Bool = false, merge: Merge = .concatenate, isResidual: Bool = false,
    regularization: Regularization = Regularization()
  ) {
    self.cells = cells
    self.isReverse = isReverse
    self.merge = merge
    self.isResidual = isResidual
    self.regularization = regularization
  }

  /// The same layer with its input added to its output.
  ///
  /// Both must have the same number of features; building a network checks it.
  public func residual() -> LayerConfiguration {
    var layer = self
    layer.isResidual = true
    return layer
  }

  /// The same layer with regularization.
  ///
  /// - Parameter regularization: replaces the layer's regularization.
  public func regularized(_ regularization: Regularization) -> LayerConfiguration {
    var layer = self
    layer.regularization = regularization
    return layer
  }

  /// The number of features of an output step: the sum of both directions if they are concatenated, else that of one.
  ///
  /// - Complexity: O(1).
  public var outputSize: Int {
    merge == .concatenate ? cells.reduce(0) { $0 + $1.outputSize } : cells[0].outputSize
  }
  /// Whether the layer reads in both directions.
  public var isBidirectional: Bool { cells.count == 2 }
  /// Whether any of its cells reads in reverse, so that no output is known before the sequence has ended.
  public var readsInReverse: Bool { isReverse || isBidirectional }
}

extension LayerConfiguration {
  /// Whether two layers have equal cells and options.
  ///
  /// - Parameters:
  ///   - left: a layer.
  ///   - right: another.
  public static func == (left: LayerConfiguration, right: LayerConfiguration) -> Bool {
    left.cells.count == right.cells.count && zip(left.cells, right.cells).allSatisfy { $0.isEqual(to: $1) }
      && left.isReverse == right.isReverse && left.merge == right.merge && left.isResidual == right.isResidual
      && left.regularization == right.regularization
  }

  /// Feeds cells and options into a hasher.
  ///
  /// - Parameter hasher: takes them.
  public func hash(into hasher: inout Hasher) {
    for cell in cells { hasher.combine(cell) }
    hasher.combine(isReverse)
    hasher.combine(merge)
    hasher.combine(isResidual)
    hasher.combine(regularization)
  }

  /// Throws if the layer is invalid for any input.
  func check() throws(ConfigurationError) {
    let widths = cells.map(\.outputSize)
    if merge != .concatenate && widths.first != widths.last {
      throw ConfigurationError(
        "merge", found: "'\(merge)' of \(widths.map(String.init).joined(separator: " and ")) units",
        expected: "directions of one width, or '\(Merge.concatenate)'")
    }
    if regularization.recurrentDropout > 0 || regularization.weightDrop > 0,
      let cell = cells.first(where: { !$0.gates.contains(where: \.hasHiddenWeights) })
    {
      throw ConfigurationError(
        "regularization", found: "recurrent dropout or weight drop of a layer of \(cell.kind) cells",
        expected: "neither, since such cells have no recurrent matrix")
    }
  }
}

extension LayerConfiguration: CustomStringConvertible {
  /// Cells and options in one line, such as `lstm 20` or `gru 5 & gru 5, merge sum, residual`.
  public var description: String {
    cells.map { cell in "\(cell.kind) \(cell.hiddenSize)" + (cell.isProjected ? "→\(cell.outputSize)" : "") }
      .joined(separator: " & ") + options
  }

  /// Cells and options without sizes.
  var kind: String { cells.map(\.kind).joined(separator: " & ") + options }

  private var options: String {
    (merge == .concatenate ? "" : ", merge \(merge)") + (isReverse ? ", reverse" : "")
      + (isResidual ? ", residual" : "")
  }
}
