//! README: a sequence that is read step by step, as it comes.

// snippet.program
import Recurrent

let model = SequenceModel(
  .init(input: .features(3), layers: .gru(16), output: .classes(2)), seed: 0)
var stream = try model.makeStream()  // one for each sequence
for step in 0..<100 {
  try stream.step([Float(step % 10), 0.5, -1])
}
print("after \(stream.stepCount) steps:", stream.probabilities)
// snippet.end
