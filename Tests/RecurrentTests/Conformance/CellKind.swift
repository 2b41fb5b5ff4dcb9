import Foundation
import Recurrent
import TestSupport
import Testing

/// A kind of cell under test, with its oracle.
///
/// A new cell joins the whole conformance suite by a line in `all`.
struct CellKind: Sendable {
  let name: String
  let reference: ReferenceCell
  /// Whether it has corners, at which no derivative exists.
  var hasCorners = false
  /// Two where the norm of a single unit would leave nothing of what it read.
  var leastHiddenSize = 1
  let make: @Sendable (_ hiddenSize: Int) -> any RecurrentCell

  static let elman = CellKind(name: "elman", reference: .elman) { ElmanCell(hiddenSize: $0) }
  /// For stored values; the conformance suite has other functions with corners.
  static let elmanReLU = elman("elman, relu", .relu)
  static let lstm = CellKind(name: "lstm", reference: .lstm) { LSTMCell(hiddenSize: $0) }
  static let gru = CellKind(name: "gru", reference: .gru) { GRUCell(hiddenSize: $0) }
  static let elmanClipped = elman("elman, clipped", leaky, preactivationClip: 0.5)
  static let gruOptions = gru(
    "gru, all options",
    .init(preactivationClip: 0.5, gateActivation: .hardSigmoid(alpha: 0.3, beta: 0.4), candidateActivation: .softsign))
  static let gruResetBeforeOptions = gru(
    "gru, reset before, all options",
    .init(preactivationClip: 0.6, gateActivation: .softsign, candidateActivation: leaky),
    resetAfter: false)
  static let gruResetBefore = CellKind(name: "gru, reset before", reference: .gruResetBefore) {
    GRUCell(hiddenSize: $0, resetAfter: false)
  }
  static let lstmProjected = lstm("lstm, projected", LSTMCell.Options(), isProjected: true)
  static let lstmPeepholes = lstm("lstm, peepholes", LSTMCell.Options(hasPeepholes: true))
  static let lstmCoupled = lstm("lstm, coupled", LSTMCell.Options(couplesInputAndForgetGates: true))
  static let lstmAllOptions = lstm(
    "lstm, all options",
    LSTMCell.Options(hasPeepholes: true, couplesInputAndForgetGates: true, cellClip: 0.4, preactivationClip: 0.5))
  static let lstmPeepholesProjected = lstm(
    "lstm, peepholes, projected", LSTMCell.Options(hasPeepholes: true), isProjected: true)
  static let lstmLayerNorm = lstm("lstm, layer normalisation", LSTMCell.Options(hasLayerNorm: true))
  static let lstmLayerNormOptions = lstm(
    "lstm, layer normalisation, peepholes, coupled",
    .init(hasPeepholes: true, couplesInputAndForgetGates: true, hasLayerNorm: true, normEpsilon: 0.2))
  static let lstmLayerNormProjected = lstm(
    "lstm, layer normalisation, projected", LSTMCell.Options(hasLayerNorm: true), isProjected: true)
  /// With a function that, unlike ReLU, lets something through everywhere: a dead unit would hide errors.
  static let indRNN = CellKind(name: "indrnn", reference: .indRNN(function(leaky)), hasCorners: true) {
    IndRNNCell(hiddenSize: $0, activation: leaky)
  }
  static let mgu = CellKind(name: "mgu", reference: .mgu) {
    MGUCell(hiddenSize: $0, resetAfter: true)
  }
  static let mguResetBefore = CellKind(name: "mgu, reset before", reference: .mguResetBefore) {
    MGUCell(hiddenSize: $0)
  }
  static let user = CellKind(name: "user", reference: .user) { UserCell(hiddenSize: $0) }

  static let all = distinct + variants

  static let distinct: [CellKind] = [
    .elman, .lstm, .lstmProjected, .lstmLayerNorm, .gru, .gruResetBefore, .indRNN, .user,
  ]
  static let variants: [CellKind] = [
    .lstmPeepholes, .lstmPeepholesProjected, .lstmCoupled, .lstmAllOptions, .lstmLayerNormOptions,
    .lstmLayerNormProjected, .mgu, .mguResetBefore, .elmanClipped, .gruOptions, .gruResetBeforeOptions,
  ]

  private static let leaky = Activation.leakyRelu(alpha: 0.3)

  /// An LSTM cell with options; projected, its hidden state has three quarters of the units, and these are two at least.
  static func lstm(_ name: String, _ options: LSTMCell.Options, isProjected: Bool = false) -> CellKind {
    var reference = ReferenceCell.LSTMOptions()
    reference.hasPeepholes = options.hasPeepholes
    reference.couplesInputAndForgetGates = options.couplesInputAndForgetGates
    reference.hasLayerNorm = options.hasLayerNorm
    reference.normEpsilon = Double(options.normEpsilon)
    reference.cellClip = options.cellClip.map(Double.init) ?? .infinity
    reference.preactivationClip = options.preactivationClip.map(Double.init) ?? .infinity
    reference.gate = function(options.gateActivation)
    reference.candidate = function(options.candidateActivation)
    reference.cell = function(options.cellActivation)
    let isClipped = options.cellClip != nil || options.preactivationClip != nil
    let hasCorners =
      isClipped
      || [options.gateActivation, options.candidateActivation, options.cellActivation].contains(where: isCornered)
    let plain = ReferenceCell.lstm(reference)
    return CellKind(
      name: name, reference: isProjected ? plain.projected : plain, hasCorners: hasCorners,
      leastHiddenSize: options.hasLayerNorm ? 2 : 1
    ) {
      let hiddenSize = isProjected ? max($0, 2) : $0
      return LSTMCell(
        hiddenSize: hiddenSize, projectionSize: isProjected ? (3 * hiddenSize + 1) / 4 : nil, options: options)
    }
  }

  /// An Elman cell with any function and limit.
  static func elman(_ name: String, _ activation: Activation, preactivationClip: Float? = nil) -> CellKind {
    CellKind(
      name: name,
      reference: .elman(function(activation), preactivationClip: preactivationClip.map(Double.init) ?? .infinity),
      hasCorners: preactivationClip != nil || isCornered(activation)
    ) { ElmanCell(hiddenSize: $0, activation: activation, preactivationClip: preactivationClip) }
  }

  /// A GRU cell with options.
  static func gru(
    _ name: String, _ options: GRUCell.Options, resetAfter: Bool = true
  ) -> CellKind {
    var reference = ReferenceCell.GRUOptions()
    reference.resetsBefore = !resetAfter
    reference.preactivationClip = options.preactivationClip.map(Double.init) ?? .infinity
    reference.gate = function(options.gateActivation)
    reference.candidate = function(options.candidateActivation)
    return CellKind(
      name: name, reference: .gru(reference),
      hasCorners: options.preactivationClip != nil || isCornered(options.gateActivation)
        || isCornered(options.candidateActivation)
    ) { GRUCell(hiddenSize: $0, resetAfter: resetAfter, options: options) }
  }

  /// An activation as the ONNX specification writes it, in double precision.
  static func function(_ activation: Activation) -> @Sendable (Double) -> Double {
    switch activation {
    case .tanh: return { tanh($0) }
    case .sigmoid: return { 1 / (1 + exp(-$0)) }
    case .relu: return { max(0, $0) }
    case .affine(let alpha, let beta): return { Double(alpha) * $0 + Double(beta) }
    case .leakyRelu(let alpha): return { $0 < 0 ? Double(alpha) * $0 : $0 }
    case .thresholdedRelu(let alpha): return { $0 > Double(alpha) ? $0 : 0 }
    case .scaledTanh(let alpha, let beta): return { Double(alpha) * tanh(Double(beta) * $0) }
    case .hardSigmoid(let alpha, let beta): return { max(0, min(1, Double(alpha) * $0 + Double(beta))) }
    case .elu(let alpha): return { $0 < 0 ? Double(alpha) * (exp($0) - 1) : $0 }
    case .softsign: return { $0 / (1 + abs($0)) }
    case .softplus: return { log(1 + exp($0)) }
    }
  }

  private static func isCornered(_ activation: Activation) -> Bool {
    switch activation {
    case .tanh, .sigmoid, .affine, .scaledTanh, .softsign, .softplus: false
    case .relu, .leakyRelu, .thresholdedRelu, .hardSigmoid, .elu: true
    }
  }
}

/// Kinds of cells in sizes that exist for a reason.
///
/// Legend: B batch, T steps, I input features, H hidden units of each layer. All sizes of a case differ, so that none
/// can stand in for another unnoticed.
struct StackCase: Sendable, CustomTestStringConvertible {
  let kinds: [CellKind]
  let sizes: Sizes
  var isBidirectional = false
  /// The layers whose only cell reads in reverse.
  var reverseLayers: Set<Int> = []

  var readsInReverse: Bool { isBidirectional || !reverseLayers.isEmpty }

  var testDescription: String {
    "\(kinds.map(\.name).joined(separator: ", "))\(isBidirectional ? ", both directions" : "")"
      + "\(reverseLayers.isEmpty ? "" : ", layers \(reverseLayers.sorted()) in reverse"): \(sizes.reason) "
      + sizes.summary
  }

  /// h of central differences of the whole stack.
  var differenceStep: Double {
    allKinds.contains { $0.hasCorners } ? Tolerance.differenceStepBetweenCorners : Tolerance.differenceStep
  }

  /// The kind of a layer, or of a direction of one: kinds take turns where there are fewer of them.
  func kind(_ layer: Int) -> CellKind { kinds[layer % kinds.count] }

  /// The kinds of all directions of all layers, from the bottom up, forward before reverse.
  var allKinds: [CellKind] { (0..<sizes.hidden.count * (isBidirectional ? 2 : 1)).map(kind) }

  /// The layers.
  ///
  /// The two directions differ in width, too.
  var layers: [LayerConfiguration] {
    sizes.hidden.indices.map { level in
      let hiddenSize = sizes.hidden[level]
      if isBidirectional {
        return .bidirectional(kind(2 * level).make(hiddenSize), kind(2 * level + 1).make(hiddenSize + 1))
      }
      let cell = kind(level).make(hiddenSize)
      return reverseLayers.contains(level) ? .reverse(cell) : LayerConfiguration(cell)
    }
  }

  /// What the names of a direction's parameters and states end in.
  func ending(_ layer: Int) -> String { ReferenceNetwork.ending(layer, isBidirectional: isBidirectional) }

  /// The same case reading in both directions.
  var bidirectional: StackCase { StackCase(kinds: kinds, sizes: sizes, isBidirectional: true) }

  struct Sizes: Sendable {
    let reason: String
    let batch: Int
    let steps: Int
    let input: Int
    var hidden: [Int]

    init(_ reason: String, _ batch: Int, _ steps: Int, _ input: Int, _ hidden: Int...) {
      self.reason = reason
      self.batch = batch
      self.steps = steps
      self.input = input
      self.hidden = hidden
    }

    var summary: String { "(B \(batch), T \(steps), I \(input), H \(hidden))" }
  }

  /// Every cell in every size, and stacks of different cells.
  ///
  /// Variants of a cell differ in arithmetic alone: of the sizes, which the engine cares for, they see a few.
  static let all =
    of(Sizes.small + Sizes.tiles + Sizes.shared, kinds: CellKind.distinct)
    + of(Sizes.few, kinds: CellKind.variants) + of(Sizes.small, kinds: CellKind.variants)
    + of(Sizes.small + Sizes.few, kinds: CellKind.distinct).map(\.bidirectional) + inReverse
  /// Layers that read in reverse only: all, or between others, alone and sharing tiles.
  static let inReverse = [
    StackCase(kinds: [.lstm], sizes: Sizes.small[2], reverseLayers: [0]),
    StackCase(kinds: [.gruResetBefore, .lstmProjected, .gru], sizes: Sizes.small[3], reverseLayers: [0, 2]),
    StackCase(kinds: [.elman, .lstmLayerNorm, .gru], sizes: Sizes.small[3], reverseLayers: [1]),
  ]
  /// Sizes in which every element of every gradient can be checked in `Double`.
  static let small = of(Sizes.small) + of(Sizes.small).map(\.bidirectional) + inReverse
  /// Sizes for tests that run each case many times.
  static let few =
    of(Sizes.few) + [mixed(Sizes.few[0]).bidirectional, mixed(Sizes.few[3]).bidirectional] + [
      StackCase(kinds: [.gru, .lstm, .elman], sizes: Sizes.few[0], reverseLayers: [0, 2]),
      StackCase(kinds: [.lstm, .gruResetBefore], sizes: Sizes.few[3], reverseLayers: [0]),
    ]

  static func of(_ sizes: [Sizes], kinds: [CellKind] = CellKind.all) -> [StackCase] {
    let mixed = sizes.filter { $0.hidden.count > 1 }.flatMap { [Self.mixed($0), Self.mixedOptions($0)] }
    let alike = kinds.flatMap { kind in
      sizes.filter { $0.hidden.allSatisfy { $0 >= kind.leastHiddenSize } }.map { StackCase(kinds: [kind], sizes: $0) }
    }
    return alike + mixed
  }

  private static func mixed(_ sizes: Sizes) -> StackCase {
    StackCase(kinds: [.elman, .gruResetBefore, .user, .lstmProjected, .lstm, .gru], sizes: sizes)
  }

  private static func mixedOptions(_ sizes: Sizes) -> StackCase {
    StackCase(
      kinds: [
        .indRNN, .mguResetBefore, .lstmPeepholes, .lstmLayerNorm, .lstmCoupled, .gruOptions,
      ], sizes: sizes)
  }
}

extension StackCase.Sizes {
  static let small = [
    Self("one sequence alone in its vector", 1, 7, 3, 5),
    Self("two lanes short of a vector, one unit", 6, 7, 3, 1),
    Self("scalar inputs, one lane beyond a vector", 9, 2, 1, 5),
    Self("three layers of different widths", 5, 4, 2, 3, 6, 1),
  ]
  static let tiles = [
    Self("one lane short of a vector", 7, 2, 3, 20),
    Self("exactly one vector", 8, 7, 28, 5),
    Self("scalar inputs and a width that fills no vector", 9, 2, 1, 31),
    Self("two tiles, wider than a vector", 50, 7, 28, 20),
    Self("a single step: no recurrence but from the given state", 64, 1, 3, 20),
    Self("tiles of unequal size, a single unit", 65, 7, 3, 1),
    Self("two tiles of 35", 70, 2, 28, 31),
    Self("three tiles", 129, 7, 3, 5),
    Self("five tiles", 300, 2, 1, 5),
    Self("three layers of different widths in two tiles", 50, 7, 3, 9, 5, 11),
    Self("as wide as tiles of one thread can be", 17, 2, 3, 95),
  ]
  static let shared = [
    Self("as narrow as tiles of all threads can be", 9, 7, 3, 96),
    Self("one sequence on all threads", 1, 2, 28, 130),
    Self("two shared tiles, gradients of several panels", 129, 2, 28, 130),
    Self("a narrow layer below a shared one", 70, 2, 3, 5, 96),
  ]
  static let few = [
    Self("two tiles, three layers", 50, 7, 3, 9, 5, 11),
    Self("five tiles", 300, 2, 1, 5),
    Self("two shared tiles", 129, 2, 28, 130),
    Self("a shared layer below a narrow one", 9, 7, 3, 96, 5),
  ]
}
