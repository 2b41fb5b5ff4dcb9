import Recurrent

/// An LSTM in Swift over the public protocol, as a user of the library would write a cell, to measure what that costs
/// compared with the built-in one.
///
/// ```
/// c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)        h' = σ(o) ⊙ tanh(c')
/// ```
struct OwnLSTMCell: RecurrentCell {
  typealias State = LSTMCell.State

  static var name: String { "own-lstm" }
  let hiddenSize: Int
  var gates: [GateSource] { [.inputAndHidden, .inputAndHidden, .inputAndHidden, .inputAndHidden] }
  var forgetGate: Int? { 1 }
  var tapeSize: Int { hiddenSize }

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (i, f, g, o) = (
        unsafe step.gate(0, unit: unit), unsafe step.gate(1, unit: unit), unsafe step.gate(2, unit: unit),
        unsafe step.gate(3, unit: unit)
      )
      unsafe step.sigmoid(i)
      unsafe step.sigmoid(f)
      unsafe step.tanh(g)
      unsafe step.sigmoid(o)
      let (c, newC) = unsafe (step.previous(1, unit: unit), step.next(1, unit: unit))
      let (tanhC, newH) = unsafe (step.saved(0, unit: unit), step.next(0, unit: unit))
      for lane in 0..<step.lanes {
        unsafe newC[lane] = f[lane] * c[lane] + i[lane] * g[lane]
        unsafe tanhC[lane] = newC[lane]
      }
      unsafe step.tanh(tanhC)
      for lane in 0..<step.lanes { unsafe newH[lane] = o[lane] * tanhC[lane] }
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (i, f, g, o) = (
        unsafe step.gate(0, unit: unit), unsafe step.gate(1, unit: unit), unsafe step.gate(2, unit: unit),
        unsafe step.gate(3, unit: unit)
      )
      let (c, tanhC) = unsafe (step.previous(1, unit: unit), step.saved(0, unit: unit))
      let (dh, dc) = unsafe (gradient.hidden(unit: unit, in: step), gradient.state(1, unit: unit, in: step))
      for lane in 0..<step.lanes {
        let (iₜ, fₜ, gₜ, oₜ) = unsafe (i[lane], f[lane], g[lane], o[lane])
        let tanhₜ = unsafe tanhC[lane]
        let dcₜ = unsafe dc[lane] + dh[lane] * oₜ * (1 - tanhₜ * tanhₜ)
        unsafe o[lane] = dh[lane] * tanhₜ * oₜ * (1 - oₜ)
        unsafe i[lane] = dcₜ * gₜ * iₜ * (1 - iₜ)
        unsafe f[lane] = dcₜ * c[lane] * fₜ * (1 - fₜ)
        unsafe g[lane] = dcₜ * iₜ * (1 - gₜ * gₜ)
        unsafe dc[lane] = dcₜ * fₜ
      }
    }
  }
}
