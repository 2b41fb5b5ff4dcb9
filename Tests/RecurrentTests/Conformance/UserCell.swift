import Foundation
import Recurrent
import TestSupport

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
struct UserCell: RecurrentCell {
  struct State: RecurrentState {
    static var componentCount: Int { 3 }
    let components: [Tensor]
  }

  static var name: String { "user" }
  let hiddenSize: Int
  var gates: [GateSource] { [.hidden, .input, .inputAndHidden, .inputAndHidden] }
  var forgetGate: Int? { nil }
  var tapeSize: Int { hiddenSize }
  var unitParameterNames: [String] { ["weight_mh"] }

  func forward(_ step: CellStep) {
    eachElement(step) { at, gate, component, p in
      let a = step.gates[at]
      let r = 1 / (1 + exp(-step.gates[at + 2 * gate]))
      let z = 1 / (1 + exp(-step.gates[at + 3 * gate]))
      let n = tanh(step.gates[at + gate] + r * a)
      let s = z * step.previous[at + component] + (1 - z) * n
      let m = step.previous[at + 2 * component] / 2 + r * n
      (step.gates[at + 2 * gate], step.gates[at + 3 * gate], step.saved[at]) = (r, z, n)
      (step.next[at], step.next[at + component], step.next[at + 2 * component]) = (s + p * m, s, m)
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    eachElement(step) { at, gate, component, p in
      let (a, r, z) = (step.gates[at], step.gates[at + 2 * gate], step.gates[at + 3 * gate])
      let n = step.saved[at]
      let ds = gradient.state[at] + gradient.hidden[at]
      let dm = gradient.state[at + component] + gradient.hidden[at] * p
      if at % step.laneStride < step.samples {
        gradient.vectors[at] += gradient.hidden[at] * step.next[at + 2 * component]
      }
      let inner = ((1 - z) * ds + r * dm) * (1 - n * n)
      step.gates[at] = inner * r
      step.gates[at + gate] = inner
      step.gates[at + 2 * gate] = (inner * a + n * dm) * r * (1 - r)
      step.gates[at + 3 * gate] = (step.previous[at + component] - n) * ds * z * (1 - z)
      (gradient.state[at], gradient.state[at + component]) = (z * ds, dm / 2)
    }
  }

  private func eachElement(_ step: CellStep, _ body: (_ at: Int, _ gate: Int, _ component: Int, _ p: Float) -> Void) {
    let distance = step.hiddenSize * step.laneStride
    for unit in step.units {
      for lane in 0..<step.lanes {
        body(unit * step.laneStride + lane, distance, distance, step.vectors[0, unit, lane])
      }
    }
  }
}

extension ReferenceCell {
  /// The equations above in double precision.
  ///
  /// The rows of `weight_ih` are those of e, r and z; the rows of `weight_hh` those of a, r and z.
  static let user = ReferenceCell(components: ["hidden", "slow", "memory"]) { step in
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
