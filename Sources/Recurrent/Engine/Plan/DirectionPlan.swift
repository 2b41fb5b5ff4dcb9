import RecurrentSupport

/// Sizes and offsets of one direction of a layer: a cell and its weights.
///
/// A class, since it never changes and is passed on at every time step: a copy of its fields would cost a dozen
/// retains.
///
/// Legend: I input features, H hidden units, G gates, R = G · H pre-activations, P features of the hidden state: H, or
/// fewer if it is projected.
///
/// A state has one row per element: the hidden state, P rows, then the other components. If the hidden state is
/// projected, the H rows that the cell writes, h̃, are between them:
///
/// ```
/// [h | c …]      or, projected, [h | h̃ | c …] with h = W_hr h̃
/// ```
///
/// So a state always begins with the hidden state, and a cell that receives the rows from h̃ on works the same either
/// way.
final class DirectionPlan: Sendable {
  /// Adjacent gates whose pre-activations have the same sources, computed by one product.
  struct Segment: Sendable {
    let firstGate: Int
    let gateCount: Int
    /// The first of the gates' rows in `weight_ih`, or nil if they do not read the input.
    let inputRow: Int?
    /// The first of the gates' rows in `weight_hh`, or nil if they have none.
    let hiddenRow: Int?
    /// Whether `weight_hh` reads what the cell wrote in its first phase, rather than the hidden state.
    let isGated: Bool

    /// The phase in which the pre-activations are complete.
    var phase: Int { isGated ? 1 : 0 }
  }

  /// The operand of a column of the weight gradient.
  enum Operand: Sendable {
    case both, input, hidden, unprojected
  }

  /// Columns of the weight gradient that are computed together; a panel of the transposed inputs is a separate narrow
  /// matrix.
  struct Panel: Sendable {
    let operand: Operand
    let column: Int
    let width: Int
  }

  let cell: any RecurrentCell
  /// Its position among the plan's directions, and the layer of the stack it belongs to.
  let index: Int
  let level: Int
  /// The rows that the direction reads.
  let sources: [NetworkPlan.Source]
  let isTop: Bool
  let isReverse: Bool
  /// Whether this direction is the first to write the gradient of its input in the backward pass.
  let beginsInputGradient: Bool
  let regularization: Regularization
  /// The columns of `weight_ih`: features, or tokens.
  let inputSize: Int
  /// Whether a token selects a column of `weight_ih`, instead of a product with features.
  let readsTokens: Bool
  let hiddenSize: Int
  let outputSize: Int
  let gateRows: Int
  let inputRows: Int
  let hiddenRows: Int
  let stateCount: Int
  let tapeSize: Int
  let segments: [Segment]
  let phaseCount: Int
  let unitParameterCount: Int
  let hasDirectStatePath: Bool
  let isProjected: Bool
  /// Rows of a state, and the first row that the cell sees.
  let stateRows: Int
  let cellRow: Int
  /// The number of values of a state per sample, without h̃, and their offset among those of all directions.
  let stateSize: Int
  let stateOffset: Int
  /// Whether the cell normalizes over its units, see ``NormalizingCell``; its biases are then the first of its per-unit
  /// parameters.
  let normalizes: Bool
  let scratchSize: Int
  let forwardStages: ForwardStages
  let backwardStages: BackwardStages

  let inputWeights: Int
  let hiddenWeights: Int
  let bias: Int
  /// The cell's per-unit parameters, `[count · H]`, including the biases if the cell adds them itself.
  let unitParameters: Int
  /// W_hr, `[P, H]`.
  let projection: Int
  /// The initial state, `[P + (components - 1) · H]`; nil if it is not learned.
  let initialState: Int?

  /// W transposed, `[I, inputRows]`, U transposed, `[P, hiddenRows]`, and W_hr transposed, `[H, P]`; the rows of the first two
  /// lie `inputStride` and `hiddenStride` floats apart.
  ///
  /// If tokens select columns of W, its transpose is the lookup table and includes the biases, unless the cell adds
  /// them itself.
  let transposedInput: Int
  let transposedHidden: Int
  let transposedProjection: Int
  let inputStride: Int
  let hiddenStride: Int

  /// The gradient of [W U], `[R, columns]`: the columns of W from 0, those of U from `hiddenColumn`.
  let weightGradient: Int
  let biasGradient: Int
  let unitParameterGradient: Int
  let hiddenColumn: Int
  let columns: Int
  let panels: [Panel]
  /// The gradient of W_hr, `[P, projectionColumns]`.
  let projectionGradient: Int
  let projectionColumns: Int
  let projectionPanels: [Panel]
  /// The gradient of W transposed, `[I, inputRows]`, if tokens select its columns.
  let tokenGradient: Int
  let initialStateGradient: Int
  /// Columns of the transposed inputs of a step: `columns`, those of the gated rows if there are any, and, for a
  /// projection, h̃ transposed and dh as rows.
  let scratchColumns: Int

  static let widestPanel = 64

  init(
    _ cell: any RecurrentCell, inputSize: Int, index: Int, level: Int, sources: [NetworkPlan.Source],
    readsTokens: Bool, regularization: Regularization, isTop: Bool, isReverse: Bool, isSecond: Bool,
    beginsInputGradient: Bool, learnsInitialState: Bool, cursor: inout PlanCursor
  ) {
    let gates = cell.gates
    self.cell = cell
    self.inputSize = inputSize
    self.sources = sources
    self.readsTokens = readsTokens
    self.isTop = isTop
    self.isReverse = isReverse
    self.beginsInputGradient = beginsInputGradient
    self.index = index
    self.level = level
    self.regularization = regularization
    hiddenSize = cell.hiddenSize
    stateCount = type(of: cell).stateComponentCount
    tapeSize = cell.tapeSize
    gateRows = gates.count * hiddenSize
    inputRows = gates.count { $0.readsInput } * hiddenSize
    hiddenRows = gates.count { $0.hasHiddenWeights } * hiddenSize
    require(
      hiddenRows > 0 || (regularization.recurrentDropout == 0 && regularization.weightDrop == 0),
      "a layer of \(cell.kind) cells has no recurrent matrix for dropout to act on")
    segments = Self.segments(gates, hiddenSize: hiddenSize)
    phaseCount = gates.contains(.inputAndGated) ? 2 : 1
    hasDirectStatePath = cell.hasDirectStatePath
    outputSize = cell.outputSize
    isProjected = cell.isProjected
    require(
      !isProjected || ((1..<hiddenSize).contains(outputSize) && !hasDirectStatePath && phaseCount == 1),
      "only a cell of \(hiddenSize) units without a direct state path and without gated gates may have fewer outputs; "
        + "found \(type(of: cell).name) with \(outputSize)")
    cellRow = isProjected ? outputSize : 0
    stateRows = cellRow + stateCount * hiddenSize
    let normalizing = (cell as? any NormalizingCell).flatMap { $0.normalizes ? $0 : nil }
    normalizes = normalizing != nil
    scratchSize = normalizing?.scratchSize ?? 0
    unitParameterCount = cell.unitParameterNames.count + (normalizes ? gates.count : 0)

    inputWeights = cursor.parameters
    for (name, shape) in cell.parameterShapes(inputSize: inputSize, layer: level, isReverse: isSecond) {
      _ = cursor.parameter(name, shape)
    }
    hiddenWeights = inputWeights + inputRows * inputSize
    bias = hiddenWeights + hiddenRows * outputSize
    unitParameters = normalizes ? bias : bias + gateRows
    projection = bias + (gates.count + cell.unitParameterNames.count) * hiddenSize
    let projectionCount = isProjected ? outputSize * hiddenSize : 0
    stateSize = cell.stateSize
    stateOffset = cursor.state(stateSize)
    let ending = "_l\(level)" + (isSecond ? "_reverse" : "")
    initialState = learnsInitialState ? cursor.parameter("initial_state" + ending, [stateSize]) : nil

    inputStride = Self.stride(ofRows: inputRows)
    hiddenStride = Self.stride(ofRows: hiddenRows)
    transposedInput = cursor.transposed(inputStride * inputSize)
    transposedHidden = cursor.transposed(hiddenStride * outputSize)
    transposedProjection = cursor.transposed(projectionCount)

    forwardStages = ForwardStages(
      phaseCount: phaseCount, isProjected: isProjected, normalizes: normalizes, regularization: regularization)
    backwardStages = BackwardStages(
      phaseCount: phaseCount, isProjected: isProjected, normalizes: normalizes, isReverse: isReverse,
      regularization: regularization)

    // If every gate reads both input and hidden state, the columns of W and U are adjacent without padding.
    let areAllAlike = gates.allSatisfy { $0 == .inputAndHidden }
    let columnCount = sources.reduce(0) { $0 + $1.size }
    hiddenColumn = areAllAlike ? columnCount : padded(columnCount)
    columns = padded(hiddenColumn + outputSize)
    panels =
      areAllAlike
      ? Self.panels(.both, 0..<columns)
      : Self.panels(.input, 0..<hiddenColumn) + Self.panels(.hidden, hiddenColumn..<columns)
    projectionColumns = isProjected ? padded(hiddenSize) : 0
    projectionPanels = Self.panels(.unprojected, 0..<projectionColumns)
    scratchColumns =
      columns + (phaseCount == 2 ? columns - hiddenColumn : 0) + (isProjected ? projectionColumns + outputSize : 0)
    weightGradient = cursor.gradient(gateRows * columns)
    biasGradient = cursor.gradient(normalizes ? 0 : padded(gateRows))
    unitParameterGradient = cursor.gradient(padded(unitParameterCount * hiddenSize))
    projectionGradient = cursor.gradient(outputSize * projectionColumns)
    tokenGradient = cursor.gradient(readsTokens ? padded(inputRows * inputSize) : 0)
    initialStateGradient = cursor.gradient(learnsInitialState ? padded(stateSize) : 0)
  }

  /// The first row of a state component.
  @inline(__always)
  func row(of component: Int) -> Int { component == 0 ? 0 : cellRow + component * hiddenSize }

  /// The number of rows of a component.
  @inline(__always)
  func size(of component: Int) -> Int { component == 0 ? outputSize : hiddenSize }

  /// The offset of a component among the values of a state per sample.
  @inline(__always)
  func offset(of component: Int) -> Int { component == 0 ? 0 : outputSize + (component - 1) * hiddenSize }

  /// The slot of the state before step t; states have one slot more than there are steps.
  @inline(__always)
  func slot(before t: Int) -> Int { isReverse ? t + 1 : t }

  /// The slot of the state after step t, which is also the layer's output at that step.
  @inline(__always)
  func slot(after t: Int) -> Int { isReverse ? t : t + 1 }

  /// The distance of rows of `count` floats that a product reads side by side.
  ///
  /// Rows whole pages apart would fight for the same few lines of the caches.
  static func stride(ofRows count: Int) -> Int {
    let page = 1024
    return count > 0 && count.isMultiple(of: page) ? count + wholeLines(1) : count
  }

  /// Divides columns into as few panels as possible, as equal as possible: a narrow remainder would use only a part of
  /// each vector.
  private static func panels(_ operand: Operand, _ columns: Range<Int>) -> [Panel] {
    let unit = padded(1)
    let units = columns.count / unit
    let count = (columns.count + widestPanel - 1) / widestPanel
    return (0..<count).map {
      let mine = share(of: units, worker: $0, workers: count)
      return Panel(operand: operand, column: columns.lowerBound + mine.lowerBound * unit, width: mine.count * unit)
    }
  }

  private static func segments(_ gates: [GateSource], hiddenSize: Int) -> [Segment] {
    var segments: [Segment] = []
    var inputRow = 0
    var hiddenRow = 0
    var first = 0
    while first < gates.count {
      let source = gates[first]
      let count = gates[first...].prefix { $0 == source }.count
      segments.append(
        Segment(
          firstGate: first, gateCount: count, inputRow: source.readsInput ? inputRow : nil,
          hiddenRow: source.hasHiddenWeights ? hiddenRow : nil, isGated: source == .inputAndGated))
      if source.readsInput { inputRow += count * hiddenSize }
      if source.hasHiddenWeights { hiddenRow += count * hiddenSize }
      first += count
    }
    return segments
  }
}

extension RecurrentCell {
  static var stateComponentCount: Int { State.componentCount }
}
