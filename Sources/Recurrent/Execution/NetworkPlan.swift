import RecurrentSupport

/// Where everything of a network lies: its parameters, their transposes and the gradient that one tile makes.
///
/// A plan depends on the cells and the head alone, and is made once.
struct NetworkPlan: Sendable {
  /// The directions of all layers, from the bottom up, forward before reverse.
  let layers: [LayerPlan]
  /// What becomes of the outputs of each layer, from the bottom up.
  let joints: [JointPlan]
  /// What the topmost layer gives: the network's outputs.
  let outputs: [Source]
  /// The dense layer on the last output; nil for a bare stack.
  let head: HeadPlan?
  let parameterCount: Int
  /// Whether all threads work on one tile together, each on its share of the gate rows, or each on tiles of its own.
  ///
  /// Tiles of one's own need a single fork and join for a whole training step. Sharing pays when a layer's weights
  /// outgrow the first cache levels: each thread then reads only its part of them, and no tile is left over at the end.
  /// A cell that takes sums over units would have to be handed from core to core and back in every step.
  let sharesTiles: Bool
  /// Floats in the transposed weights that backward reads.
  let transposedCount: Int
  /// Floats in the gradient of one tile.
  let gradientCount: Int

  static let widestHiddenSizeOfOwnTiles = 95

  var inputSize: Int { layers[0].inputSize }
  var outputSize: Int { outputs.reduce(0) { $0 + $1.size } }
  var readsInReverse: Bool { layers.contains(where: \.isReverse) }
  /// Whether a training pass leaves out some of the recurrent weights.
  var dropsWeights: Bool { layers.contains { $0.regularization.weightDrop > 0 } }

  /// A part of what a layer or the head reads: rows of the network's input, or of what a layer below gives.
  struct Source: Sendable {
    /// The place among `layers` of the one below that gives these rows; nil for the input.
    let layer: Int?
    let size: Int
    /// The first of its columns in the weights.
    let column: Int
  }

  init(layers stack: [StackLayer], classCount: Int?) {
    require(!stack.isEmpty, "a network needs at least one layer")
    var parameters = 0
    var transposed = 0
    var gradient = 0
    var layers: [LayerPlan] = []
    var joints: [JointPlan] = []
    var sources = [Source(layer: nil, size: stack[0].inputSize, column: 0)]
    for (level, layer) in stack.enumerated() {
      let size = sources.reduce(0) { $0 + $1.size }
      require(
        layer.inputSize == size,
        "layer \(level) takes \(layer.inputSize) features; the layer below gives \(size)")
      var outputs: [Source] = []
      let first = layers.count
      for (direction, cell) in layer.cells.enumerated() {
        outputs.append(
          Source(layer: layers.count, size: cell.outputSize, column: outputs.reduce(0) { $0 + $1.size }))
        layers.append(
          LayerPlan(
            cell, number: layers.count, level: level, sources: sources, regularization: layer.regularization,
            isTop: level == stack.count - 1, isReverse: layer.isReverse || direction == 1,
            beginsInputGradient: direction == layer.cells.count - 1 && !layer.isResidual, parameters: &parameters,
            transposed: &transposed,
            gradient: &gradient))
      }
      joints.append(
        JointPlan(
          layers: first..<layers.count, parts: outputs, inputs: sources, size: layer.outputSize, merge: layer.merge,
          isResidual: layer.isResidual, regularization: layer.regularization))
      sources = joints[level].outputs
    }
    self.joints = joints
    outputs = sources
    head = classCount.map {
      HeadPlan(
        inputSize: stack[stack.count - 1].outputSize, classCount: $0, parameters: &parameters,
        transposed: &transposed, gradient: &gradient)
    }
    self.layers = layers
    sharesTiles =
      layers.contains { $0.hiddenSize > Self.widestHiddenSizeOfOwnTiles } && !layers.contains { $0.normalizes }
    parameterCount = parameters
    transposedCount = transposed
    gradientCount = gradient
  }
}

/// Sizes and places of one recurrent layer, or of one direction of it.
///
/// Legend: I input features, H hidden units, G gates, R = G · H pre-activations, P features of the hidden state: H, or
/// less where it is projected.
///
/// A state has a row per element and lane: the hidden state, P rows, then the other components. Where it is projected,
/// the H rows that the cell writes as its hidden state, h̃, lie between them:
///
/// ```
/// [h | c …]      or, projected, [h | h̃ | c …] with h = W_hr h̃
/// ```
///
/// So the hidden state begins a state in any case, and a cell that is shown what lies from h̃ on sees no difference.
struct LayerPlan: Sendable {
  /// Neighbouring gates whose pre-activations are made of the same sources: one product.
  struct Segment: Sendable {
    let firstGate: Int
    let gateCount: Int
    /// The first of the gates' rows in `weight_ih`, or nil where they do not read the input.
    let inputRow: Int?
    /// The first of the gates' rows in `weight_hh`, or nil where they have none.
    let hiddenRow: Int?
    /// Whether `weight_hh` meets what the cell wrote in its first phase, rather than the hidden state.
    let isGated: Bool

    /// The phase in which the pre-activations are complete.
    var phase: Int { isGated ? 1 : 0 }
  }

  /// What a column of the weight gradient belongs to.
  enum Operand: Sendable {
    case both, input, hidden, unprojected
  }

  /// Columns of the weight gradient that are computed together; in memory a panel is a narrow matrix of its own.
  struct Panel: Sendable {
    let operand: Operand
    let column: Int
    let width: Int
  }

  let cell: any RecurrentCell
  /// Its place among the plan's layers, and which layer of the stack it belongs to.
  let number: Int
  let level: Int
  /// What it reads.
  let sources: [NetworkPlan.Source]
  let isTop: Bool
  let isReverse: Bool
  /// Whether nothing has written the gradient of its input before it on the way back.
  let beginsInputGradient: Bool
  let regularization: Regularization
  let inputSize: Int
  let hiddenSize: Int
  let outputSize: Int
  let gateRows: Int
  let inputRows: Int
  let hiddenRows: Int
  let stateCount: Int
  let tapeSize: Int
  let segments: [Segment]
  let phaseCount: Int
  let vectorCount: Int
  let hasDirectStatePath: Bool
  let isProjected: Bool
  /// Rows of a state, and where those that the cell sees begin.
  let stateRows: Int
  let cellRow: Int
  /// Whether the cell normalises over its units, see ``NormalizingCell``; its biases are then the first of its vectors.
  let normalizes: Bool
  let scratchSize: Int

  let inputWeights: Int
  let hiddenWeights: Int
  let bias: Int
  /// The cell's own parameters, `[vectors · H]`; biases are among them where the cell itself adds those.
  let vectors: Int
  /// W_hr, `[P, H]`.
  let projection: Int

  /// W transposed, `[I, inputRows]`, U transposed, `[P, hiddenRows]`, and W_hr transposed, `[H, P]`.
  let transposedInput: Int
  let transposedHidden: Int
  let transposedProjection: Int

  /// The gradient of [W U], `[R, columns]`: the columns of W from 0, those of U from `hiddenColumn`.
  let weightGradient: Int
  let biasGradient: Int
  let vectorGradient: Int
  let hiddenColumn: Int
  let columns: Int
  let panels: [Panel]
  /// The gradient of W_hr, `[P, projectionColumns]`.
  let projectionGradient: Int
  let projectionColumns: Int
  let projectionPanels: [Panel]
  /// Columns of the transposed inputs of a step: `columns`, those of the gated rows where there are any, and for a
  /// projection h̃ transposed and, as rows, dh.
  let scratchColumns: Int

  static let widestPanel = 64

  init(
    _ cell: any RecurrentCell, number: Int, level: Int, sources: [NetworkPlan.Source],
    regularization: Regularization, isTop: Bool, isReverse: Bool, beginsInputGradient: Bool, parameters: inout Int,
    transposed: inout Int, gradient: inout Int
  ) {
    let gates = cell.gates
    self.cell = cell
    self.sources = sources
    self.isTop = isTop
    self.isReverse = isReverse
    self.beginsInputGradient = beginsInputGradient
    self.number = number
    self.level = level
    self.regularization = regularization
    inputSize = cell.inputSize
    hiddenSize = cell.hiddenSize
    stateCount = type(of: cell).stateComponentCount
    tapeSize = cell.tapeSize
    gateRows = gates.count * hiddenSize
    inputRows = gates.count { $0.readsInput } * hiddenSize
    hiddenRows = gates.count { $0.hasHiddenWeights } * hiddenSize
    require(
      hiddenRows > 0 || (regularization.recurrentDropout == 0 && regularization.weightDrop == 0),
      "a layer of \(cell.kind) cells has no recurrent matrix that dropout could thin out")
    segments = Self.segments(gates, hiddenSize: hiddenSize)
    phaseCount = gates.contains(.inputAndGated) ? 2 : 1
    hasDirectStatePath = cell.hasDirectStatePath
    outputSize = cell.outputSize
    isProjected = cell.isProjected
    require(
      !isProjected || ((1..<hiddenSize).contains(outputSize) && !hasDirectStatePath && phaseCount == 1),
      "a cell of \(hiddenSize) units that carries no hidden state and has no gated gates may have fewer outputs; found "
        + "\(type(of: cell).name) with \(outputSize)")
    cellRow = isProjected ? outputSize : 0
    stateRows = cellRow + stateCount * hiddenSize
    let normalizing = (cell as? any NormalizingCell).flatMap { $0.normalizes ? $0 : nil }
    normalizes = normalizing != nil
    scratchSize = normalizing?.scratchSize ?? 0
    vectorCount = cell.unitParameterNames.count + (normalizes ? gates.count : 0)

    inputWeights = parameters
    hiddenWeights = inputWeights + inputRows * inputSize
    bias = hiddenWeights + hiddenRows * outputSize
    vectors = normalizes ? bias : bias + gateRows
    projection = vectors + vectorCount * hiddenSize
    let projectionCount = isProjected ? outputSize * hiddenSize : 0
    parameters = projection + projectionCount

    transposedInput = transposed
    transposedHidden = transposedInput + inputRows * inputSize
    transposedProjection = transposedHidden + hiddenRows * outputSize
    transposed = transposedProjection + projectionCount

    // Where every gate reads both, the columns of W and U stand side by side without padding between them.
    let areAllAlike = gates.allSatisfy { $0 == .inputAndHidden }
    hiddenColumn = areAllAlike ? inputSize : padded(inputSize)
    columns = padded(hiddenColumn + outputSize)
    panels =
      areAllAlike
      ? Self.panels(.both, 0..<columns)
      : Self.panels(.input, 0..<hiddenColumn) + Self.panels(.hidden, hiddenColumn..<columns)
    projectionColumns = isProjected ? padded(hiddenSize) : 0
    projectionPanels = Self.panels(.unprojected, 0..<projectionColumns)
    scratchColumns =
      columns + (phaseCount == 2 ? columns - hiddenColumn : 0) + (isProjected ? projectionColumns + outputSize : 0)
    weightGradient = gradient
    biasGradient = gradient + gateRows * columns
    vectorGradient = normalizes ? biasGradient : biasGradient + padded(gateRows)
    projectionGradient = vectorGradient + padded(vectorCount * hiddenSize)
    gradient = projectionGradient + outputSize * projectionColumns
  }

  /// The first row of a component in a state.
  @inline(__always)
  func row(of component: Int) -> Int { component == 0 ? 0 : cellRow + component * hiddenSize }

  /// How many rows a component has.
  @inline(__always)
  func size(of component: Int) -> Int { component == 0 ? outputSize : hiddenSize }

  /// The slot of the state before step t; states have one slot more than there are steps.
  @inline(__always)
  func slot(before t: Int) -> Int { isReverse ? t + 1 : t }

  /// The slot of the state after step t, which is also the layer's output at that step.
  @inline(__always)
  func slot(after t: Int) -> Int { isReverse ? t : t + 1 }

  /// As few panels as can be, as equal as can be: a narrow one left over would use a part of each vector.
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

/// Sizes and places of the dense layer behind the last output.
struct HeadPlan: Sendable {
  let inputSize: Int
  let classCount: Int
  let weights: Int
  let bias: Int
  /// V transposed, `[H, classes]`.
  let transposed: Int
  /// The gradient of V, `[classes, columns]`.
  let weightGradient: Int
  let biasGradient: Int
  let columns: Int

  init(inputSize: Int, classCount: Int, parameters: inout Int, transposed: inout Int, gradient: inout Int) {
    self.inputSize = inputSize
    self.classCount = classCount
    columns = padded(inputSize)
    weights = parameters
    bias = weights + classCount * inputSize
    parameters = bias + classCount
    self.transposed = transposed
    transposed += classCount * inputSize
    weightGradient = gradient
    biasGradient = gradient + classCount * columns
    gradient = biasGradient + padded(classCount)
  }
}

extension RecurrentCell {
  static var stateComponentCount: Int { State.componentCount }
}
