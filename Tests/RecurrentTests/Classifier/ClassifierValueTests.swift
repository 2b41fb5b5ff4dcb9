@testable import Recurrent
import TestSupport
import Testing

/// A classifier is a value: copies go their own way, and many tasks may use one at once.
@Suite struct ClassifierValueTests {
  @Test("training a copy leaves the original as it was, and the other way round")
  func copiesAreIndependent() throws {
    let scenario = ClassifierScenario.larger[0]
    let original = scenario.network()
    let before = original.parameters
    let evaluation = try original.evaluate(on: scenario.data)
    var copy = original
    var optimizer = Adam(learningRate: 0.01)
    try copy.train(on: scenario.data, with: &optimizer)
    let afterOne = copy.parameters
    #expect(bitMismatch(of: original.parameters, with: before) == nil)
    #expect(try original.evaluate(on: scenario.data) == evaluation)
    #expect(afterOne != before)
    var another = copy
    try another.train(on: scenario.data, with: &optimizer)
    #expect(bitMismatch(of: copy.parameters, with: afterOne) == nil)
  }

  @Test("the parts taken out of a network are copies")
  func partsAreCopies() {
    let network = ClassifierScenario.all[3].network()
    var stack = network.stack
    for entry in stack.parameters.entries {
      #expect(bitMismatch(of: stack.parameters[entry.name], with: network.parameters[entry.name]) == nil)
    }
    stack.parameters["bias_ih_l0"] = Tensor(zeros: stack.parameters["bias_ih_l0"].shape)
    #expect(network.parameters["bias_ih_l0"] != stack.parameters["bias_ih_l0"])
    #expect(network.head == Dense(weight: network.parameters["head.weight"], bias: network.parameters["head.bias"]))
    #expect(stack.threads === network.threads)
  }

  @Test("many tasks evaluate one network while copies of it are trained", arguments: ClassifierScenario.larger)
  func concurrentUse(scenario: ClassifierScenario) async throws {
    let network = scenario.network(threads: ThreadPool(threads: 2))
    let before = network.parameters
    let batch = scenario.data
    let expected = try network.evaluate(on: batch)
    let probability = try network.probabilitiesOverTime(for: batch)
    let trained = try Self.train(network, on: batch)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          switch task % 4 {
          case 0: try bitMismatch(of: Self.train(network, on: batch), with: trained) == nil
          case 1: try bitMismatch(of: network.probabilitiesOverTime(for: batch), with: probability) == nil
          // Often enough that tasks meet.
          default: try (0..<50).allSatisfy { _ in try network.evaluate(on: batch) == expected }
          }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(bitMismatch(of: network.parameters, with: before) == nil)
  }

  @Test("many tasks run and differentiate one stack")
  func concurrentStack() async {
    let scenario = Scenario(StackCase.few[4], isRagged: true, threads: ThreadPool(threads: 2))
    let expected = scenario.run()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let found = scenario.run()
          return bitMismatch(of: found.outputs, with: expected.outputs) == nil
            && bitMismatch(of: found.gradients.parameters, with: expected.gradients.parameters) == nil
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  private static func train(_ network: SequenceModel, on batch: SequenceBatch) throws -> Parameters {
    var copy = network
    var optimizer = Adam(learningRate: 0.01)
    for _ in 0..<3 { try copy.train(on: batch, with: &optimizer) }
    return copy.parameters
  }

  @Test("the notebook's network has 10,690 parameters, named and shaped as PyTorch's")
  func notebook() {
    let network = SequenceModel(.init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)))
    #expect(network.parameters.count == 10_690)
    #expect(network.cells.count == 3 && network.inputSize == 28 && network.outputSize == 10)
    #expect(
      network.parameters.entries.map { "\($0.name) \($0.shape)" } == [
        "weight_ih_l0 [80, 28]", "weight_hh_l0 [80, 20]", "bias_ih_l0 [80]",
        "weight_ih_l1 [80, 20]", "weight_hh_l1 [80, 20]", "bias_ih_l1 [80]",
        "weight_ih_l2 [80, 20]", "weight_hh_l2 [80, 20]", "bias_ih_l2 [80]",
        "head.weight [10, 20]", "head.bias [10]",
      ])
  }

  @Test("a list of layers makes cells of its kind, count and width")
  func layerList() {
    let elman = SequenceModel(.init(input: .features(5), layers: .elman(7, count: 2), output: .classes(2)))
    #expect(elman.cells.map { type(of: $0).name } == ["elman", "elman"])
    #expect(elman.parameters["weight_ih_l0"].shape == [7, 5] && elman.parameters["weight_ih_l1"].shape == [7, 7])
    let own = SequenceModel(
      .init(input: .features(5), layers: .repeated(UserCell(hiddenSize: 3), count: 2), output: .classes(2)))
    #expect(own.cells.map { type(of: $0).name } == ["user", "user"])
    #expect(own.plan.directions.map(\.inputSize) == [5, 3])
    #expect(SequenceModel(.init(input: .features(5), layers: .lstm(7), output: .classes(2))).cells.count == 1)
  }
}
