import Recurrent
import TestSupport
import Testing

/// Tensors and parameters as containers.
@Suite struct TensorTests {
  @Test("elements lie in row-major order")
  func order() throws {
    var tensor = try Tensor(shape: [2, 3, 4], values: (0..<24).map { Float($0) })
    #expect(tensor[1, 2, 3] == 23 && tensor[0, 1, 0] == 4 && tensor[1, 0, 1] == 13)
    tensor[1, 0, 1] = -1
    #expect(tensor.values[13] == -1)
    #expect(tensor.count == 24)
    #expect(Tensor(zeros: []).values == [0])
    #expect(Tensor(zeros: [3, 0]).values.isEmpty)
  }

  @Test("a copy goes its own way")
  func valueSemantics() {
    let tensor = Tensor(zeros: [2, 2])
    var copy = tensor
    copy[0, 1] = 5
    #expect(tensor.values == [0, 0, 0, 0] && copy.values == [0, 5, 0, 0])
  }

  @Test("another shape shows the same elements")
  func reshaped() {
    let tensor = ClosedForm.chirp.tensor(0, [4, 6])
    #expect(tensor.reshaped(2, 3, 4).shape == [2, 3, 4])
    #expect(tensor.reshaped(2, 3, 4).values == tensor.values)
    #expect(tensor.reshaped(2, 3, 4)[1, 0, 1] == tensor[2, 1])
  }

  @Test("parameters give each tensor its own place")
  func parameters() {
    var parameters = Parameters([("a", [2, 3]), ("b", [4]), ("c", [])])
    #expect(parameters.count == 11)
    #expect(parameters.entries.map(\.offset) == [0, 6, 10])
    #expect(parameters.entries.map(\.count) == [6, 4, 1])
    parameters["b"] = ClosedForm.chirp.tensor(0, [4])
    parameters["c"] = Tensor(known: [], values: [7])
    #expect(parameters["a"] == Tensor(zeros: [2, 3]))
    #expect(parameters["b"] == ClosedForm.chirp.tensor(0, [4]))
    #expect(parameters.values[10] == 7)
    #expect(parameters.entry("b")?.range == 6..<10)
    #expect(parameters.entry("d") == nil)
    #expect(parameters.zeros == Parameters([("a", [2, 3]), ("b", [4]), ("c", [])]))
  }
}
