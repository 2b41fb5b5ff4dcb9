import Foundation
import Recurrent
import TestSupport
import Testing

@Suite struct InspectTests {
  /// The notebook's network with a weight of 1/2 everywhere, so that norms are exact.
  private func half(_ network: SequenceClassifier) -> SafeTensors {
    var file = network.safeTensors
    for (name, tensor) in file.tensors {
      let value: Float = name.hasPrefix("bias_hh") ? 0 : 0.5
      file.tensors[name] = Tensor(known: tensor.shape, values: Array(repeating: value, count: tensor.count))
    }
    return file
  }

  @Test func tableOfTheNotebooksNetwork() throws {
    let tool = try Tool()
    try half(Models.notebook()).write(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    #expect(result.errors == "")
    try Snapshot.expect(result.output, named: "inspect-notebook")
    #expect(result.outputLines.dropLast().last?.hasSuffix("10,690") == true, "the notebook's number")
  }

  @Test func tableOfAnotherNetwork() throws {
    let tool = try Tool()
    let network = SequenceClassifier(
      cells: [ElmanCell(inputSize: 3, hiddenSize: 5), LSTMCell(inputSize: 5, hiddenSize: 7)], classCount: 2)
    try half(network).write(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    try Snapshot.expect(result.output, named: "inspect-mixed")
  }

  @Test func tableOfGRUsOfBothForms() throws {
    let tool = try Tool()
    let network = SequenceClassifier(
      cells: [GRUCell(inputSize: 3, hiddenSize: 5), GRUCell(inputSize: 5, hiddenSize: 7, reset: .beforeProduct)],
      classCount: 2)
    try half(network).write(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    try Snapshot.expect(result.output, named: "inspect-gru")
  }
}
