//! A custom cell: the LSTM, as a user of the library would write it.

// snippet.program
import Recurrent
import RecurrentData

struct OwnLSTMCell: RecurrentCell {
  typealias State = LSTMCell.State  // hidden state and cell state

  static var name: String { "own-lstm" }
  let hiddenSize: Int
  var gates: [GateSource] {
    [.inputAndHidden, .inputAndHidden, .inputAndHidden, .inputAndHidden]
  }
  var forgetGate: Int? { 1 }  // the gate whose bias initializers raise
  var tapeSize: Int { hiddenSize }  // what backward needs besides the gates

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (i, f) = (step.gate(0, unit: unit), step.gate(1, unit: unit))
      let (g, o) = (step.gate(2, unit: unit), step.gate(3, unit: unit))
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

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (i, f) = (step.gate(0, unit: unit), step.gate(1, unit: unit))
      let (g, o) = (step.gate(2, unit: unit), step.gate(3, unit: unit))
      let (c, tanhC) = (step.previous(1, unit: unit), step.tape(0, unit: unit))
      let (dh, dc) = (
        gradient.hidden(unit: unit, in: step), gradient.state(1, unit: unit, in: step)
      )
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

let digits = BuiltInDigits.draw(training: 5_000, validation: 0, test: 2_000)
var network = SequenceModel(
  .init(
    input: .features(28), layers: [LayerConfiguration(OwnLSTMCell(hiddenSize: 20))],
    output: .classes(10)), seed: 0)
var optimizer = Adam(learningRate: 0.01)
for epoch in 0..<3 {
  for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
    try network.train(on: batch, with: &optimizer)
  }
}
let accuracy = try network.evaluate(on: digits.test).accuracy
// snippet.end

// snippet.check
let check = OwnLSTMCell(hiddenSize: 5).checkGradients(inputSize: 4)
precondition(check.passes, "\(check)")
// snippet.end

var builtIn = SequenceModel(
  .init(
    input: .features(28), layers: [LayerConfiguration(LSTMCell(hiddenSize: 20))],
    output: .classes(10)), seed: 0)
var itsOptimizer = Adam(learningRate: 0.01)
for epoch in 0..<3 {
  for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
    try builtIn.train(on: batch, with: &itsOptimizer)
  }
}

print("== Accuracy")
print("a custom cell         \(accuracy)")
try print("the built-in cell     \(builtIn.evaluate(on: digits.test).accuracy)")
