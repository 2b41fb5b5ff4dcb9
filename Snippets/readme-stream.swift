//! README: a sequence that is read step by step, as it comes.

// snippet.program
import Recurrent

let network = SequenceModel(inputSize: 3, classCount: 2, layers: .gru(16), seed: 0)
let model = try StreamingClassifier(network)  // Sendable: share it among threads
var stream = model.makeStream()  // one for each sequence that is being read
for step in 0..<100 {
  try model.step([Float(step % 10), 0.5, -1], &stream)
}
print("after \(stream.stepCount) steps:", stream.probabilities)
// snippet.end
