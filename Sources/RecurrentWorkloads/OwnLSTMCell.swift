import Recurrent

/// An LSTM in Swift over the public protocol, as a user of the library would write a cell, to measure what that costs
/// compared with the built-in one.
///
/// ```
/// c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)        h' = σ(o) ⊙ tanh(c')
/// ```
package struct OwnLSTMCell: RecurrentCell {
  package typealias State = LSTMCell.State

  package static var name: String { "own-lstm" }
  package let hiddenSize: Int
  package var gates: [GateSource] { [.inputAndHidden, .inputAndHidden, .inputAndHidden, .inputAndHidden] }
  package var forgetGate: Int? { 1 }
  package var tapeSize: Int { hiddenSize }

  package init(hiddenSize: Int) { self.hiddenSize = hiddenSize }

  package func forward(_ step: CellStep) {
    for unit in step.units {
      let (i, f, g, o) = (
        step.gate(0, unit: unit), step.gate(1, unit: unit), step.gate(2, unit: unit),
        step.gate(3, unit: unit)
      )
      step.sigmoid(i)
      step.sigmoid(f)
      step.tanh(g)
      step.sigmoid(o)
      let (c, newC) = (step.previous(1, unit: unit), step.next(1, unit: unit))
      let (tanhC, newH) = (step.tape(0, unit: unit), step.next(0, unit: unit))
      for lane in 0..<step.lanes {
        newC[lane] = f[lane] * c[lane] + i[lane] * g[lane]
        tanhC[lane] = newC[lane]
      }
      step.tanh(tanhC)
      for lane in 0..<step.lanes { newH[lane] = o[lane] * tanhC[lane] }
    }
  }

  package func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (i, f, g, o) = (
        step.gate(0, unit: unit), step.gate(1, unit: unit), step.gate(2, unit: unit),
        step.gate(3, unit: unit)
      )
      let (c, tanhC) = (step.previous(1, unit: unit), step.tape(0, unit: unit))
      let (dh, dc) = (gradient.hidden(unit: unit, in: step), gradient.state(1, unit: unit, in: step))
      for lane in 0..<step.lanes {
        let (iₜ, fₜ, gₜ, oₜ) = (i[lane], f[lane], g[lane], o[lane])
        let tanhₜ = tanhC[lane]
        let dcₜ = dc[lane] + dh[lane] * oₜ * (1 - tanhₜ * tanhₜ)
        o[lane] = dh[lane] * tanhₜ * oₜ * (1 - oₜ)
        i[lane] = dcₜ * gₜ * iₜ * (1 - iₜ)
        f[lane] = dcₜ * c[lane] * fₜ * (1 - fₜ)
        g[lane] = dcₜ * iₜ * (1 - gₜ * gₜ)
        dc[lane] = dcₜ * fₜ
      }
    }
  }
}
