//! README: the parts of a network, one by one.

// snippet.program
import Recurrent

let lengths = [5, 2]  // two sequences, padded to five steps of three features
let inputs = try Tensor(shape: [2, 5, 3], values: (0..<30).map { Float($0) / 30 })
let stack = RecurrentStack(
  inputSize: 3, LSTMCell(hiddenSize: 4), LSTMCell(hiddenSize: 4), seed: 0)
let head = Dense(inputSize: 4, outputSize: 2, seed: 1)

let (outputs, finalState) = stack(inputs, lengths: lengths)
let logits = head(outputs.last(lengths: lengths))
let (loss, gradient) = SoftmaxCrossEntropy()(logits, [0, 1])
print("outputs \(outputs.shape), last hidden state \(finalState[1].hidden.shape)")
print("loss \(loss), its gradient \(gradient.shape)")
// snippet.end
