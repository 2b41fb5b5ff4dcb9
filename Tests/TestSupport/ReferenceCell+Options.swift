import Foundation

extension ReferenceCell {
  /// What an LSTM cell has besides the plain equations.
  public struct LSTMOptions: Sendable {
    /// Whether gates see the cell state.
    public var hasPeepholes = false
    /// Whether i = 1 - f.
    public var couplesInputAndForgetGates = false
    /// Whether pre-activations and the cell state are normalised over the units.
    public var hasLayerNorm = false
    /// What is added to the variances.
    public var normEpsilon = 1e-3
    /// What c' is held within.
    public var cellClip = Double.infinity
    /// What the arguments of the gates' functions are held within.
    public var preactivationClip = Double.infinity
    /// The function of input, forget and output gate.
    public var gate: @Sendable (Double) -> Double = sigmoid
    /// The function of the candidate.
    public var candidate: @Sendable (Double) -> Double = { tanh($0) }
    /// The function that the cell state is shown through.
    public var cell: @Sendable (Double) -> Double = { tanh($0) }

    /// The plain cell.
    public init() {}
  }

  /// The LSTM cell with options; its gates in the order i f g o, or f g o where they are coupled.
  public static func lstm(_ options: LSTMOptions) -> ReferenceCell {
    return ReferenceCell(components: ["hidden", "cell"]) { step in
      var (hidden, cell) = (step.state[1], step.state[1])
      let first = options.couplesInputAndForgetGates ? -1 : 0
      let units = 0..<step.hiddenSize
      func vector(_ name: String, _ unit: Int) -> Double { step.vectors[name]?[unit] ?? .nan }
      let normals: [[Double]] = (options.hasLayerNorm ? -first..<4 : 0..<0).map { number in
        let rows = units.map { (first + number) * step.hiddenSize + $0 }
        return normalized(rows.map { step.fromInput[$0] + step.fromHidden[$0] }, epsilon: options.normEpsilon)
      }
      /// What a gate's function sees but for peepholes; where it is normalised, the bias is added last.
      func sum(_ number: Int, _ unit: Int) -> Double {
        if !options.hasLayerNorm { return step.sum(gate: first + number, unit: unit) }
        let name = ["norm_i", "norm_f", "norm_g", "norm_o"][number]
        let bias = step.bias[(first + number) * step.hiddenSize + unit]
        return vector(name, unit) * normals[first + number][unit] + bias
      }
      func gate(_ number: Int, _ unit: Int, seeing state: [Double], _ weights: String) -> Double {
        let seen = options.hasPeepholes ? vector(weights, unit) * state[unit] : 0
        return options.gate(held(sum(number, unit) + seen, options.preactivationClip))
      }
      for unit in units {
        let forget = gate(1, unit, seeing: step.state[1], "weight_fc")
        let input = options.couplesInputAndForgetGates ? 1 - forget : gate(0, unit, seeing: step.state[1], "weight_ic")
        let candidate = options.candidate(held(sum(2, unit), options.preactivationClip))
        cell[unit] = held(forget * step.state[1][unit] + input * candidate, options.cellClip)
      }
      let normal = options.hasLayerNorm ? normalized(cell, epsilon: options.normEpsilon) : []
      for unit in units {
        let shown = options.hasLayerNorm ? vector("norm_c", unit) * normal[unit] + vector("shift_c", unit) : cell[unit]
        hidden[unit] = gate(3, unit, seeing: cell, "weight_oc") * options.cell(shown)
      }
      return [hidden, cell]
    }
  }

  /// What a GRU cell has besides the plain equations.
  public struct GRUOptions: Sendable {
    /// Whether the reset gate is applied before the candidate's product.
    public var resetsBefore = false
    /// What the arguments of the functions are held within.
    public var preactivationClip = Double.infinity
    /// The function of reset and update gate.
    public var gate: @Sendable (Double) -> Double = sigmoid
    /// The function of the candidate.
    public var candidate: @Sendable (Double) -> Double = { tanh($0) }

    /// The plain cell.
    public init() {}
  }

  /// The GRU cell with options; its gates in the order r z n.
  public static func gru(_ options: GRUOptions) -> ReferenceCell {
    ReferenceCell(components: ["hidden"]) { step in
      let count = step.hiddenSize
      func gate(_ number: Int) -> [Double] {
        (0..<count).map { options.gate(held(step.sum(gate: number, unit: $0), options.preactivationClip)) }
      }
      let (reset, update) = (gate(0), gate(1))
      let gated = zip(reset, step.hidden).map { $0 * $1 }
      return [
        (0..<count).map { unit in
          let row = 2 * count + unit
          let remembered =
            options.resetsBefore
            ? step.fromHidden(row: row, with: gated)
            : reset[unit] * (step.fromHidden[row] + step.bias[3 * count + unit])
          let argument = step.fromInput[row] + step.bias[row] + remembered
          let candidate = options.candidate(held(argument, options.preactivationClip))
          return (1 - update[unit]) * candidate + update[unit] * step.hidden[unit]
        }
      ]
    }
  }

  /// x, or the nearer limit where it is beyond.
  private static func held(_ x: Double, _ limit: Double) -> Double { min(max(x, -limit), limit) }

  /// What layer normalisation makes of x before gain and shift: (x - mean x) / √(variance of x + ε).
  private static func normalized(_ x: [Double], epsilon: Double) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.map { ($0 - mean) / (variance + epsilon).squareRoot() }
  }

  /// The Elman cell of h' = f(W x + U h + b), the argument being held within a limit.
  public static func elman(
    _ function: @escaping @Sendable (Double) -> Double, preactivationClip: Double = .infinity
  ) -> ReferenceCell {
    ReferenceCell(components: ["hidden"]) { step in
      [(0..<step.hiddenSize).map { function(held(step.sum(gate: 0, unit: $0), preactivationClip)) }]
    }
  }

  /// The IndRNN cell of h' = f(W x + u ⊙ h + b).
  public static func indRNN(_ function: @escaping @Sendable (Double) -> Double) -> ReferenceCell {
    ReferenceCell(components: ["hidden"]) { step in
      let weights = step.vectors["weight_hh"] ?? []
      return [
        (0..<step.hiddenSize).map { unit in
          function(step.fromInput[unit] + weights[unit] * step.hidden[unit] + step.bias[unit])
        }
      ]
    }
  }

  /// The minimal gated unit of h' = (1 - f) h + f n with n = tanh(W x + b + f (U h + b')).
  public static let mgu = ReferenceCell(components: ["hidden"]) { step in
    let count = step.hiddenSize
    return [
      (0..<count).map { unit in
        let forget = sigmoid(step.sum(gate: 0, unit: unit))
        let row = count + unit
        let inner = step.fromHidden[row] + step.bias[2 * count + unit]
        let candidate = tanh(step.fromInput[row] + step.bias[row] + forget * inner)
        return (1 - forget) * step.hidden[unit] + forget * candidate
      }
    ]
  }

  /// The minimal gated unit of n = tanh(W x + b + U (f h)).
  public static let mguResetBefore = ReferenceCell(components: ["hidden"]) { step in
    let count = step.hiddenSize
    let forget = (0..<count).map { sigmoid(step.sum(gate: 0, unit: $0)) }
    let gated = zip(forget, step.hidden).map { $0 * $1 }
    return [
      (0..<count).map { unit in
        let row = count + unit
        let candidate = tanh(step.fromInput[row] + step.bias[row] + step.fromHidden(row: row, with: gated))
        return (1 - forget[unit]) * step.hidden[unit] + forget[unit] * candidate
      }
    ]
  }
}
