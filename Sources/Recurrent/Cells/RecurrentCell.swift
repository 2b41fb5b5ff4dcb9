/// One time step of a recurrent layer, as a pure function of input and state: sizes, gates and their arithmetic.
///
/// A cell holds no weights and knows neither the time step nor how many features its layer reads. It is its own
/// configuration: a value that can be compared, written to a file and read again; ``CellRegistry`` registers a new kind
/// for files. The cell declares which pre-activations it needs; the layer computes them,
///
/// ```
/// z = b + W x + U h          a gate with the source .inputAndHidden
/// z = b + W x                .input
/// z = b + U h                .hidden
/// ```
///
/// and the cell turns them into the new state, and later the gradient of the new state into gradients of z. The layer
/// takes care of weights, products, weight gradients, threads, lengths and truncation.
///
/// Some cells take two phases. Instead of h, gates with the source `.inputAndGated` read rows that the cell writes in
/// the first phase, such as `r ⊙ h` of a GRU that resets before its product:
///
/// ```
/// phase 0    z = b + W x + U h   of the other gates;   q = cell(z, h)
/// phase 1    z = b + W x + U q   of the gated ones;    state' = cell(z, state)
/// ```
///
/// If ``outputSize`` differs from ``hiddenSize``, the layer projects the hidden state that the cell computes:
///
/// ```
/// h' = W_hr h̃,   (h̃, …) = cell(z, state)
/// ```
///
/// The cell's arithmetic does not change: it has H rows, but those of the old hidden state are undefined.
public protocol RecurrentCell: Sendable, Hashable, Codable {
  /// The state that one step passes to the next.
  associatedtype State: RecurrentState

  /// The name of this kind of cell in files and on the command line.
  static var name: String { get }
  /// The cell in a few words, for messages and tables: ``name`` and its options, as in `gru-reset-before`.
  var kind: String { get }
  /// The number of hidden units, H.
  var hiddenSize: Int { get }
  /// The number of features of the hidden state, and so of an output step, P: H, or less if the layer projects.
  ///
  /// A cell with a direct state path or gated gates cannot be projected.
  var outputSize: Int { get }
  /// The sources of each gate's pre-activations; every gate has `hiddenSize` units.
  var gates: [GateSource] { get }
  /// The names of the gates, in the order of ``gates``, if their rows hold activations after a forward step; pictures
  /// and explanations use the names.
  var gateNames: [String] { get }
  /// The gate whose bias some initializers raise so that a new cell remembers; nil if there is none.
  var forgetGate: Int? { get }
  /// The gates that decide how long a unit remembers: the one that keeps the old state, and the one that writes the new
  /// state if it is separate; nil if there are none.
  ///
  /// A chrono initializer sets their biases.
  var memoryGates: (keep: Int, write: Int?)? { get }
  /// The tape size: how many floats a step keeps per sample for its backward pass, besides one per gate unit.
  var tapeSize: Int { get }
  /// The names of parameters with one value per unit that the cell's own arithmetic uses, such as peephole weights.
  var unitParameterNames: [String] { get }
  /// How such a parameter is initialized.
  ///
  /// - Parameter name: one of ``unitParameterNames``.
  func unitParameterRule(_ name: String) -> WeightRule
  /// Whether the old hidden state reaches the new state other than through the products, so that backward computes a
  /// gradient for it.
  var hasDirectStatePath: Bool { get }

  /// Computes the new state of some units from their pre-activations, for all lanes.
  ///
  /// - Parameter step: the memory of the step: pre-activations, the old state, and space for the new one.
  /// - Complexity: O(H · lanes) for the units of the step.
  func forward(_ step: CellStep)
  /// Turns the gradient of the new state of some units into gradients of their pre-activations and of the old state
  /// (without what flows through the products, which the layer adds).
  ///
  /// - Parameters:
  ///   - step: the memory of the step, as forward left it.
  ///   - gradient: the gradient of the new state, and space for that of the old one.
  /// - Complexity: O(H · lanes) for the units of the step.
  func backward(_ step: CellStep, _ gradient: CellGradient)
}

/// The terms of a gate's pre-activations, besides a bias.
public enum GateSource: String, Sendable, Codable {
  /// `W x + U h`.
  case inputAndHidden
  /// `W x`.
  case input
  /// `U h`.
  case hidden
  /// `W x + U q`, where the cell writes q in its first phase.
  case inputAndGated

  var readsInput: Bool { self != .hidden }
  var hasHiddenWeights: Bool { self != .input }
}

/// The state of a layer: one tensor `[batch, hidden]` per component; the first, the hidden state, may be narrower.
public protocol RecurrentState: Sendable, Equatable {
  /// The number of components.
  static var componentCount: Int { get }
  /// The components in order, the hidden state first, `[batch, hidden]` each, a projected hidden state
  /// `[batch, output]`.
  var components: [Tensor] { get }
  /// A state from its components.
  ///
  /// - Parameter components: as in ``components``, `[batch, hidden]` each.
  /// - Precondition: there are ``componentCount`` components of the same batch size.
  /// - Complexity: O(1).
  init(components: [Tensor])
}

extension RecurrentState {
  /// The hidden state, `[batch, output]`.
  public var hidden: Tensor { components[0] }
}

extension RecurrentCell {
  /// The name by default.
  public var kind: String { Self.name }
  /// ``hiddenSize`` by default.
  public var outputSize: Int { hiddenSize }
  /// None by default.
  public var gateNames: [String] { [] }
  /// None by default.
  public var forgetGate: Int? { nil }
  /// None by default.
  public var memoryGates: (keep: Int, write: Int?)? { nil }
  /// None by default.
  public var unitParameterNames: [String] { [] }
  /// Zeros by default.
  ///
  /// - Parameter name: one of ``unitParameterNames``.
  public func unitParameterRule(_ name: String) -> WeightRule { .constant(0) }
  /// False by default.
  public var hasDirectStatePath: Bool { false }

  /// The number of values in the state of one sequence: the hidden state and all other components.
  var stateSize: Int { outputSize + (State.componentCount - 1) * hiddenSize }

  /// Whether the layer projects the hidden state.
  var isProjected: Bool { outputSize != hiddenSize }

  /// A state of zeros, `[batch, hidden]` for each component.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · H).
  public func zeroState(batchSize: Int) -> State {
    State(
      components: (0..<State.componentCount).map {
        Tensor(zeros: [batchSize, $0 == 0 ? outputSize : hiddenSize])
      })
  }

  /// The parameters of a layer of this cell, named and shaped as PyTorch's.
  ///
  /// The rows of `weight_ih` and `weight_hh` are the gates that read the input and the hidden state, in the order of
  /// ``gates``; a matrix without rows is omitted. There is one bias per pre-activation. A projection comes last,
  /// `weight_hr`.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - layer: the index of the layer, from 0, which ends the names.
  ///   - isReverse: whether the cell reads in reverse, whose names end in `_reverse`.
  /// - Returns: names and shapes, in the order in which a network holds them.
  /// - Complexity: O(number of gates and names).
  public func parameterShapes(
    inputSize: Int, layer: Int, isReverse: Bool = false
  ) -> [(name: String, shape: [Int])] {
    let ending = "_l\(layer)" + (isReverse ? "_reverse" : "")
    let shapes: [(name: String, shape: [Int])] = [
      ("weight_ih" + ending, [gates.count { $0.readsInput } * hiddenSize, inputSize]),
      ("weight_hh" + ending, [gates.count { $0.hasHiddenWeights } * hiddenSize, outputSize]),
      ("bias_ih" + ending, [gates.count * hiddenSize]),
    ]
    return shapes.filter { $0.shape[0] > 0 } + unitParameterNames.map { ($0 + ending, [hiddenSize]) }
      + (isProjected ? [("weight_hr" + ending, [outputSize, hiddenSize])] : [])
  }
}
