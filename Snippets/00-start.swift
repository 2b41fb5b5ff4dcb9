//! The notebook's network, from data to accuracy.

import Recurrent
import RecurrentData

// snippet.network
let digits = BuiltInDigits.draw(training: 11_000)
var network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
var optimizer = Adam(learningRate: 0.01)
for epoch in 0..<4 {
  for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
    try network.train(on: batch, with: &optimizer)
  }
}
let result = try network.evaluate(on: digits.test)
// snippet.end

print("== The result")
print("\(network.parameters.count) parameters")
print("\(result.correct) of \(result.count) digits classified correctly")
