import Foundation
import Recurrent

/// A cell as a user of the library might write one, in plain Swift over the public protocol.
///
/// It is made to be awkward: gates of all three sources, in an order in which the rows of `weight_ih` and those of
/// `weight_hh` both differ from those of the gates, a state of three components, and a parameter p of its own.
///
/// ```
/// a = U h + b                              hidden state alone
/// e = W x + b                              input alone
/// r = σ(W x + U h + b)    z likewise       both
/// n = tanh(e + r a)
/// s' = z s + (1 - z) n      m' = m/2 + r n      h' = s' + p ⊙ m'
/// ```
public struct UserCell: RecurrentCell {
  /// h, s and m.
  public struct State: RecurrentState {
    /// Three.
    public static var componentCount: Int { 3 }
    /// The components in order.
    public let components: [Tensor]

    /// A state from its components.
    public init(components: [Tensor]) { self.components = components }
  }

  /// The name in files.
  public static var name: String { "user" }
  /// The number of units.
  public let hiddenSize: Int

  /// A cell with this number of units.
  public init(hiddenSize: Int) { self.hiddenSize = hiddenSize }

  /// The sources of a, e, r and z.
  public var gates: [GateSource] { [.hidden, .input, .inputAndHidden, .inputAndHidden] }
  /// None.
  public var forgetGate: Int? { nil }
  /// A row per unit, for n.
  public var tapeSize: Int { hiddenSize }
  /// That of p.
  public var unitParameterNames: [String] { ["weight_mh"] }

  /// A step, as the equations have it.
  public func forward(_ step: CellStep) {
    for unit in step.units {
      let (hidden, input) = (step.gate(0, unit: unit), step.gate(1, unit: unit))
      let (reset, update, tape) = (step.gate(2, unit: unit), step.gate(3, unit: unit), step.tape(0, unit: unit))
      for lane in 0..<step.lanes {
        let r = 1 / (1 + exp(-reset[lane]))
        let z = 1 / (1 + exp(-update[lane]))
        let n = tanh(input[lane] + r * hidden[lane])
        let s = z * step.previous(1, unit: unit)[lane] + (1 - z) * n
        let m = step.previous(2, unit: unit)[lane] / 2 + r * n
        (reset[lane], update[lane], tape[lane]) = (r, z, n)
        step.next(0, unit: unit)[lane] = s + step.unitParameters[0, unit, lane] * m
        step.next(1, unit: unit)[lane] = s
        step.next(2, unit: unit)[lane] = m
      }
    }
  }

  /// The gradients of a step.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (hidden, input) = (step.gate(0, unit: unit), step.gate(1, unit: unit))
      let (reset, update, tape) = (step.gate(2, unit: unit), step.gate(3, unit: unit), step.tape(0, unit: unit))
      let dh = gradient.hidden(unit: unit, in: step)
      let (slow, memory) = (gradient.state(1, unit: unit, in: step), gradient.state(2, unit: unit, in: step))
      let dp = gradient.unitParameter(0, unit: unit, in: step)
      for lane in 0..<step.lanes {
        let (a, r, z, n) = (hidden[lane], reset[lane], update[lane], tape[lane])
        let ds = slow[lane] + dh[lane]
        let dm = memory[lane] + dh[lane] * step.unitParameters[0, unit, lane]
        if lane < step.samples { dp[lane] += dh[lane] * step.next(2, unit: unit)[lane] }
        let inner = ((1 - z) * ds + r * dm) * (1 - n * n)
        hidden[lane] = inner * r
        input[lane] = inner
        reset[lane] = (inner * a + n * dm) * r * (1 - r)
        update[lane] = (step.previous(1, unit: unit)[lane] - n) * ds * z * (1 - z)
        (slow[lane], memory[lane]) = (z * ds, dm / 2)
      }
    }
  }
}

extension ReferenceCell {
  /// The equations above in double precision.
  ///
  /// The rows of `weight_ih` are those of e, r and z; the rows of `weight_hh` those of a, r and z.
  public static let user = ReferenceCell(components: ["hidden", "slow", "memory"]) { step in
    let count = step.hiddenSize
    var next = step.state
    for unit in 0..<count {
      let a = step.fromHidden[unit] + step.bias[unit]
      let e = step.fromInput[unit] + step.bias[count + unit]
      let (second, third) = (count + unit, 2 * count + unit)
      let r = sigmoid(step.fromInput[second] + step.fromHidden[second] + step.bias[2 * count + unit])
      let z = sigmoid(step.fromInput[third] + step.fromHidden[third] + step.bias[3 * count + unit])
      let n = tanh(e + r * a)
      next[1][unit] = z * step.state[1][unit] + (1 - z) * n
      next[2][unit] = step.state[2][unit] / 2 + r * n
      next[0][unit] = next[1][unit] + (step.vectors["weight_mh"]?[unit] ?? .nan) * next[2][unit]
    }
    return next
  }
}
