//! README: a network from data to a file and back.

// snippet.program
import Recurrent
import RecurrentData

let digits = BuiltInDigits.draw(training: 11_000)  // or MNIST: try await MNIST.load()
var network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
var optimizer = Adam(learningRate: 0.01)
for epoch in 0..<4 {
  for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
    try network.train(on: batch, with: &optimizer)
  }
  let validation = try network.evaluate(on: digits.validation)
  print("epoch \(epoch): loss \(validation.loss), accuracy \(validation.accuracy)")
}
try network.save(to: "digits.safetensors")

let loaded = try SequenceModel(contentsOf: "digits.safetensors")
print(
  "accuracy on \(digits.test.count) test digits:",
  try loaded.evaluate(on: digits.test).accuracy)
// snippet.end
