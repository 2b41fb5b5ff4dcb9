import Foundation

/// A recurrent cell as the textbook writes it, in `Double`: the oracle of the engine's cells, sharing nothing with them.
public struct ReferenceCell: Sendable {
  /// The products a step begins with, and the state it begins from.
  public struct Step {
    /// W x, one element per row of `weight_ih`.
    public let fromInput: [Double]
    /// U h, one element per row of `weight_hh`.
    public let fromHidden: [Double]
    /// b, one element per pre-activation.
    public let bias: [Double]
    /// The state before the step, component after component, the hidden state first.
    public let state: [[Double]]
    /// The cell's own parameters, by their names without the layer.
    public let vectors: [String: [Double]]
    /// U, row by row.
    let hiddenWeights: [Double]

    /// The hidden state before the step.
    public var hidden: [Double] { state[0] }
    /// The number of hidden units: the hidden state may be a projection of them.
    public var hiddenSize: Int { state[state.count - 1].count }

    /// U q of one row, for cells that put something else in place of h.
    public func fromHidden(row: Int, with q: [Double]) -> Double {
      zip(hiddenWeights[row * q.count..<(row + 1) * q.count], q).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// W x + U h + b for a unit of a gate, where every gate reads input and hidden state.
    public func sum(gate: Int, unit: Int) -> Double {
      let row = gate * hiddenSize + unit
      return fromInput[row] + fromHidden[row] + bias[row]
    }
  }

  /// The names of the state's components, as fixtures spell them, the hidden state first.
  public let components: [String]
  /// The state after a step.
  public let advance: @Sendable (Step) -> [[Double]]

  /// A cell from the names of its state's components and one step of it.
  public init(components: [String], advance: @escaping @Sendable (Step) -> [[Double]]) {
    self.components = components
    self.advance = advance
  }

  /// The cell of h' = tanh(W x + U h + b).
  public static let elman = ReferenceCell(components: ["hidden"]) { step in
    [(0..<step.hiddenSize).map { tanh(step.sum(gate: 0, unit: $0)) }]
  }

  /// The cell of c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), with its gates in the order i f g o.
  public static let lstm = ReferenceCell(components: ["hidden", "cell"]) { step in
    var (hidden, cell) = (step.state[1], step.state[1])
    for unit in 0..<step.hiddenSize {
      let input = sigmoid(step.sum(gate: 0, unit: unit))
      let forget = sigmoid(step.sum(gate: 1, unit: unit))
      let candidate = tanh(step.sum(gate: 2, unit: unit))
      let output = sigmoid(step.sum(gate: 3, unit: unit))
      cell[unit] = forget * step.state[1][unit] + input * candidate
      hidden[unit] = output * tanh(cell[unit])
    }
    return [hidden, cell]
  }
}

extension ReferenceCell {
  /// The same cell with its new hidden state projected: W_hr h'.
  public var projected: ReferenceCell {
    ReferenceCell(components: components) { step in
      var next = advance(step)
      next[0] = multiply(step.vectors["weight_hr"] ?? [], next[0][...])
      return next
    }
  }

  /// The GRU cell of h' = (1 - z) n + z h with n = tanh(W x + b + r (U h + b')), its gates in the order r z n.
  public static let gru = ReferenceCell(components: ["hidden"]) { step in
    let count = step.hiddenSize
    return [
      (0..<count).map { unit in
        let reset = sigmoid(step.sum(gate: 0, unit: unit))
        let update = sigmoid(step.sum(gate: 1, unit: unit))
        let row = 2 * count + unit
        let inner = step.fromHidden[row] + step.bias[3 * count + unit]
        let candidate = tanh(step.fromInput[row] + step.bias[row] + reset * inner)
        return (1 - update) * candidate + update * step.hidden[unit]
      }
    ]
  }

  /// The GRU cell of n = tanh(W x + b + U (r h)).
  public static let gruResetBefore = ReferenceCell(components: ["hidden"]) { step in
    let count = step.hiddenSize
    let gated = (0..<count).map { sigmoid(step.sum(gate: 0, unit: $0)) * step.hidden[$0] }
    return [
      (0..<count).map { unit in
        let update = sigmoid(step.sum(gate: 1, unit: unit))
        let row = 2 * count + unit
        let candidate = tanh(step.fromInput[row] + step.bias[row] + step.fromHidden(row: row, with: gated))
        return (1 - update) * candidate + update * step.hidden[unit]
      }
    ]
  }
}

/// The logistic function 1 / (1 + e^-x).
public func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
