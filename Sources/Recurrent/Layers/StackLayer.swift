import RecurrentSupport

/// One layer of a stack: a cell that reads forward in time or in reverse, or two that read in both directions.
///
/// ```swift
/// let stack = RecurrentStack(layers: [
///   .bidirectional(LSTMCell(inputSize: 28, hiddenSize: 20), LSTMCell(inputSize: 28, hiddenSize: 20)),
///   StackLayer(GRUCell(inputSize: 40, hiddenSize: 10)),
/// ])
/// ```
///
/// In both directions, the output at step t is what the forward cell gives after reading steps 1…t, followed by what the
/// reverse cell gives after reading the sequence from its own last step back to t:
///
/// ```
/// y(t) = [h→(t); h←(t)]      h→(t) = cell→(x(t), h→(t-1))      h←(t) = cell←(x(t), h←(t+1))
/// ```
///
/// Padding is read by neither. What the reverse cell ends with is its output at the first step. The two may differ in
/// all but what they read; a cell that reads in reverse may also be alone, ``reverse(_:)``.
///
/// Source: Schuster and Paliwal, *Bidirectional Recurrent Neural Networks*, 1997.
public struct StackLayer: Sendable {
  /// The cell that reads forward, and the one that reads in reverse where there are two; or one that reads in the only
  /// direction there is.
  public let cells: [any RecurrentCell]
  /// Whether the only cell reads in reverse.
  public private(set) var isReverse = false
  /// How the outputs of two directions become one.
  public private(set) var merge = Merge.concatenate
  /// Whether the layer's input is added to its output, so that it learns the difference of the two.
  ///
  /// Source: He et al., *Deep Residual Learning*, 2015; in recurrent stacks Wu et al., 2016.
  public private(set) var isResidual = false
  /// The noise the layer is trained with.
  public var regularization = Regularization()

  /// A layer that reads forward in time.
  ///
  /// - Parameter cell: what is run over time.
  public init(_ cell: any RecurrentCell) { cells = [cell] }

  /// A layer that reads in both directions.
  ///
  /// - Parameters:
  ///   - forward: reads from the first step to the last.
  ///   - reverse: reads from a sequence's own last step to the first.
  ///   - merge: how their outputs become one.
  /// - Precondition: both cells read the same number of features; they may differ in kind, and in width where outputs
  ///   are concatenated.
  public static func bidirectional(
    _ forward: any RecurrentCell, _ reverse: any RecurrentCell, merge: Merge = .concatenate
  ) -> StackLayer {
    require(
      forward.inputSize == reverse.inputSize,
      "both directions read the same input; found \(forward.inputSize) and \(reverse.inputSize) features")
    require(
      merge == .concatenate || forward.outputSize == reverse.outputSize,
      "outputs of one width are merged by \(merge); found \(forward.outputSize) and \(reverse.outputSize)")
    return StackLayer(cells: [forward, reverse], merge: merge)
  }

  /// A layer that reads in reverse only, from a sequence's own last step to the first: `h(t) = cell(x(t), h(t+1))`.
  ///
  /// Its parameters are named as those of a layer that reads forward. The state it ends with is that at the first step.
  ///
  /// - Parameter cell: what is run over time.
  public static func reverse(_ cell: any RecurrentCell) -> StackLayer {
    var layer = StackLayer(cell)
    layer.isReverse = true
    return layer
  }

  private init(cells: [any RecurrentCell], merge: Merge) {
    self.cells = cells
    self.merge = merge
  }

  /// The same layer with its input added to its output.
  ///
  /// - Precondition: both have the same number of features.
  public func residual() -> StackLayer {
    require(
      inputSize == outputSize,
      "a residual layer gives as many features as it reads; found \(outputSize) of \(inputSize)")
    var layer = self
    layer.isResidual = true
    return layer
  }

  /// The same layer, trained with noise.
  ///
  /// - Parameter regularization: the noise, in place of what there was.
  public func regularized(_ regularization: Regularization) -> StackLayer {
    var layer = self
    layer.regularization = regularization
    return layer
  }

  /// The number of features of an input step.
  public var inputSize: Int { cells[0].inputSize }
  /// The number of features of an output step: of both directions together where they are concatenated, else of one.
  ///
  /// - Complexity: O(1): there are two directions at most.
  public var outputSize: Int {
    merge == .concatenate ? cells.reduce(0) { $0 + $1.outputSize } : cells[0].outputSize
  }
  /// Whether the layer reads in both directions.
  public var isBidirectional: Bool { cells.count == 2 }
  /// Whether any of its cells reads in reverse, so that nothing is known before a sequence has ended.
  public var readsInReverse: Bool { isReverse || isBidirectional }
}

extension [StackLayer] {
  /// The shapes of the parameters of all layers, in their order.
  var parameterShapes: [(name: String, shape: [Int])] {
    enumerated().flatMap { level, layer in
      layer.cells.enumerated().flatMap { $1.parameterShapes(layer: level, isReverse: $0 == 1) }
    }
  }

  /// Draws the parameters of all layers.
  func draw(_ initializer: Initializer, into parameters: inout Parameters, using generator: inout SplitMix64) {
    for (level, layer) in enumerated() {
      for (direction, cell) in layer.cells.enumerated() {
        initializer.draw(cell, layer: level, isReverse: direction == 1, into: &parameters, using: &generator)
      }
    }
  }
}
