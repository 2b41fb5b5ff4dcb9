/// One time step of a recurrent layer, as a pure function of input and state: sizes, gates and their arithmetic.
///
/// A cell holds no weights and knows nothing of time, nor how many features its layer reads. It is its own configuration:
/// a value that can be compared, written into a file and read again; ``CellRegistry`` makes a new kind known to files.
/// It says which pre-activations it wants; the layer computes them,
///
/// ```
/// z = b + W x + U h          a gate with the source .inputAndHidden
/// z = b + W x                .input
/// z = b + U h                .hidden
/// ```
///
/// and the cell turns them into the new state, and later the gradient of the new state into gradients of z. Weights,
/// products, weight gradients, threads, lengths and truncation are the layer's business.
///
/// Some cells take two phases. Gates with the source `.inputAndGated` read, in place of h, rows that the cell writes in
/// the first phase, such as `r ⊙ h` of a GRU that resets before its product:
///
/// ```
/// phase 0    z = b + W x + U h   of the other gates;   q = cell(z, h)
/// phase 1    z = b + W x + U q   of the gated ones;    state' = cell(z, state)
/// ```
///
/// Where ``outputSize`` is not ``hiddenSize``, the layer projects what the cell computes as its hidden state:
///
/// ```
/// h' = W_hr h̃,   (h̃, …) = cell(z, state)
/// ```
///
/// Nothing of that reaches the cell: the arithmetic has H rows as ever, of which the old hidden state's mean nothing.
public protocol RecurrentCell: Sendable, Hashable, Codable {
  /// The state that one step hands to the next.
  associatedtype State: RecurrentState

  /// The name of this kind of cell in files and on the command line.
  static var name: String { get }
  /// The cell in a few words, for messages and tables: ``name``, and what sets it apart from others of that name, as in
  /// `gru-reset-before`.
  var kind: String { get }
  /// The number of hidden units, H.
  var hiddenSize: Int { get }
  /// The number of features of the hidden state and so of an output step, P: H, or less where the layer projects.
  ///
  /// A cell that carries its hidden state or has gated gates cannot be projected.
  var outputSize: Int { get }
  /// What each gate's pre-activations are made of; every gate has `hiddenSize` units.
  var gates: [GateSource] { get }
  /// What the gates are called whose rows hold their values after a forward step, after their functions, in the order of
  /// ``gates``; pictures and explanations use the names.
  var gateNames: [String] { get }
  /// The gate whose bias some initialisers raise so that a fresh cell remembers; nil where there is none.
  var forgetGate: Int? { get }
  /// The gates that decide how long a unit remembers: the one that keeps the old state, and the one that writes the new
  /// where it is a gate of its own; nil where there are none.
  ///
  /// A chrono initialiser sets their biases.
  var memoryGates: (keep: Int, write: Int?)? { get }
  /// How many floats a step keeps per sample for its backward pass, besides one per gate unit.
  var tapeSize: Int { get }
  /// The names of parameters with one value per unit that the cell's own arithmetic uses, such as peephole weights.
  var unitParameterNames: [String] { get }
  /// How the first values of such a parameter are drawn.
  ///
  /// - Parameter name: one of ``unitParameterNames``.
  func unitParameterRule(_ name: String) -> WeightRule
  /// Whether the old hidden state reaches the new state outside of the products, so that backward has a gradient for
  /// it.
  var hasDirectStatePath: Bool { get }

  /// Computes the new state of some units from their pre-activations, for all lanes.
  ///
  /// - Parameter step: the memory of the step: pre-activations and the old state, and room for the new one.
  /// - Complexity: O(H · lanes) for the units of the step.
  func forward(_ step: CellStep)
  /// Turns the gradient of the new state of some units into gradients of their pre-activations and of the old state
  /// (without what flows through the products, which the layer adds).
  ///
  /// - Parameters:
  ///   - step: the memory of the step, as forward left it.
  ///   - gradient: the gradient of the new state, and room for that of the old one.
  /// - Complexity: O(H · lanes) for the units of the step.
  func backward(_ step: CellStep, _ gradient: CellGradient)
}

/// What a gate's pre-activations are the sum of, besides a bias.
public enum GateSource: String, Sendable, Codable {
  /// `W x + U h`.
  case inputAndHidden
  /// `W x`.
  case input
  /// `U h`.
  case hidden
  /// `W x + U q`, q being what the cell writes in its first phase.
  case inputAndGated

  var readsInput: Bool { self != .hidden }
  var hasHiddenWeights: Bool { self != .input }
}

/// The state of a layer: one tensor `[batch, hidden]` per component, the hidden state first, which may be narrower.
public protocol RecurrentState: Sendable, Equatable {
  /// How many components there are.
  static var componentCount: Int { get }
  /// The components in order, the hidden state first, `[batch, hidden]` each, a projected hidden state
  /// `[batch, output]`.
  var components: [Tensor] { get }
  /// A state from its components.
  ///
  /// - Parameter components: as ``components`` gives them, `[batch, hidden]` each.
  /// - Precondition: there are as many as ``componentCount`` says, all of one batch.
  /// - Complexity: O(1).
  init(components: [Tensor])
}

extension RecurrentState {
  /// The hidden state, `[batch, output]`.
  public var hidden: Tensor { components[0] }
}

extension RecurrentCell {
  /// The name, unless a cell says otherwise.
  public var kind: String { Self.name }
  /// As many as hidden units, unless a cell says otherwise.
  public var outputSize: Int { hiddenSize }
  /// None, unless a cell says otherwise.
  public var gateNames: [String] { [] }
  /// None, unless a cell says otherwise.
  public var forgetGate: Int? { nil }
  /// None, unless a cell says otherwise.
  public var memoryGates: (keep: Int, write: Int?)? { nil }
  /// None, unless a cell says otherwise.
  public var unitParameterNames: [String] { [] }
  /// Zeros, unless a cell says otherwise.
  ///
  /// - Parameter name: one of ``unitParameterNames``.
  public func unitParameterRule(_ name: String) -> WeightRule { .constant(0) }
  /// It does not, unless a cell says otherwise.
  public var hasDirectStatePath: Bool { false }

  /// The values of a state of one sequence: the hidden state's and those of all other components.
  var stateSize: Int { outputSize + (State.componentCount - 1) * hiddenSize }

  /// Whether the hidden state is a product of what the cell computes.
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
  /// ``gates``; a matrix without rows is left out. There is one bias per pre-activation. A projection is the last,
  /// `weight_hr`.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - layer: the number of the layer, from 0, which ends the names.
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
