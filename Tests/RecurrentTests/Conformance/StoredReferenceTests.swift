import Foundation
import Recurrent
import TestSupport
import Testing

/// Recurrent stacks against stored values: outputs, final states and, where there are any, all gradients.
///
/// Inputs and what is asked of outputs hold NaN past the sequences' lengths.
@Suite struct StoredReferenceTests {
  @Test("results are PyTorch's, Keras's, ONNX's", arguments: Fixtures.recurrent)
  func results(fixture: RecurrentFixture) throws {
    let stack = try fixture.stack()
    let (outputs, finalState) = stack(
      fixture.paddedTensor("inputs"), from: try fixture.givenState(of: stack), lengths: fixture.lengths)
    try expect(outputs, fixture.expected.values, "outputs")
    try expect(finalState, of: fixture, fixture.expected.values) { "final\($0.capitalized)" }
  }

  @Test("gradients are PyTorch's and Keras's", arguments: Fixtures.recurrent.filter { $0.expected.gradients != nil })
  func gradients(fixture: RecurrentFixture) throws {
    let stack = try fixture.stack()
    let tape = stack.forward(
      fixture.paddedTensor("inputs"), from: try fixture.givenState(of: stack), lengths: fixture.lengths
    ).tape
    let weights = try fixture.state(of: stack) { "final\($0.capitalized)Weights" }
    let gradients = stack.gradients(tape, outputs: fixture.paddedTensor("outputWeights"), finalState: weights)
    let expected = try #require(fixture.expected.gradients)
    for entry in gradients.parameters.entries {
      try expect(gradients.parameters[entry.name], expected, entry.name)
    }
    try expect(gradients.inputs, expected, "inputs")
    if fixture.initialState { try expect(gradients.initialState, of: fixture, expected) { $0 } }
  }

  @Test("there are at least sixty cases with gradients, and of every cell those that have shown errors elsewhere")
  func coverage() {
    #expect(Fixtures.recurrent.count { $0.expected.gradients != nil } >= 60)
    for fixture in Fixtures.recurrent {
      let sizes = ([fixture.batch, fixture.steps, fixture.input] + fixture.hidden).filter { $0 > 1 }
      #expect(Set(sizes).count == sizes.count, "\(fixture.testDescription): sizes differ pairwise")
    }
    let kinds: [CellKind] = [.elman, .elmanReLU, .lstm, .gru, .gruResetBefore]
    for kind in kinds {
      let cases = Fixtures.recurrent.filter { $0.cell == kind.name }
      let trained = cases.filter { $0.expected.gradients != nil }
      expectCoverage(trained.filter { !$0.isBidirectional }, "\(kind.name), forward")
      expectCoverage(trained.filter(\.isBidirectional), "\(kind.name), both directions")
      // ONNX's reference implementation has no ReLU.
      if kind.name == CellKind.elmanReLU.name { continue }
      expectCoverage(cases.filter { $0.expected.gradients == nil }, "\(kind.name), values alone")
    }
  }

  private func expectCoverage(_ cases: [RecurrentFixture], _ name: String) {
    #expect(Set(cases.map(\.hidden.count)) == [1, 2, 3], "\(name): layers")
    #expect(Set(cases.map(\.initialState)) == [false, true], "\(name): with and without a given state")
    #expect(cases.contains { $0.steps == 1 }, "\(name): single steps")
    for length in [0, 1] {
      #expect(cases.contains { $0.lengths?.contains(length) == true }, "\(name): sequences of length \(length)")
    }
  }

  @Test("the textbook in Double is right to the last digit stored", arguments: Fixtures.recurrent)
  func textbook(fixture: RecurrentFixture) throws {
    let stack = try fixture.stack()
    let kind = try fixture.kind()
    let network = ReferenceNetwork(
      stack.cells.map { _ in kind.reference }, stack.parameters, inputs: fixture.paddedTensor("inputs"),
      lengths: fixture.lengths, state: try fixture.givenState(of: stack), isBidirectional: fixture.isBidirectional)
    let result = network.run()
    func expect(_ found: [Double], _ name: String) throws {
      let expected = try #require(fixture.expected.values[name])
      #expect(found.count == expected.count)
      // Nine digits are stored; the values are not larger than a few units.
      for (value, stored) in zip(found, expected) { #expect((value - stored).magnitude < 1e-8, "\(name)") }
    }
    try expect(result.outputs, "outputs")
    for (layer, components) in result.finalStates.enumerated() {
      for (name, values) in zip(kind.reference.components, components) {
        try expect(values, "final\(name.capitalized)" + fixture.ending(layer))
      }
    }
  }

  private func expect(_ found: Tensor, _ all: [String: [Double]], _ name: String) throws {
    let expected = try #require(all[name], "\(name)")
    #expect(mismatch(of: found, with: expected, within: Tolerance.storedReference) == nil, "\(name)")
  }

  private func expect(
    _ found: StackState, of fixture: RecurrentFixture, _ all: [String: [Double]],
    _ name: (_ component: String) -> String
  ) throws {
    let components = try fixture.kind().reference.components
    for (layer, state) in found.layers.enumerated() {
      for (component, tensor) in zip(components, state.components) {
        try expect(tensor, all, name(component) + fixture.ending(layer))
      }
    }
  }
}

extension RecurrentFixture {
  fileprivate func kind() throws -> CellKind {
    try #require((CellKind.all + [.elmanReLU]).first { $0.name == cell }, "no cell is called \(cell)")
  }

  /// The stack of the case, with its weights.
  fileprivate func stack() throws -> RecurrentStack {
    let kind = try kind()
    let layers = hidden.map { hidden in
      let cell = kind.make(hidden)
      return isBidirectional ? .bidirectional(cell, cell) : LayerConfiguration(cell)
    }
    var stack = RecurrentStack(inputSize: input, layers: layers)
    for entry in stack.parameters.entries { stack.parameters[entry.name] = tensor(entry.name) }
    return stack
  }

  /// A `[batch, time, feature]` tensor of the case, with NaN past each sequence's length.
  fileprivate func paddedTensor(_ name: String) -> Tensor { tensor(name).padded(with: .nan, past: lengths) }

  /// What the names of a direction's parameters and states end in.
  fileprivate func ending(_ layer: Int) -> String {
    ReferenceNetwork.ending(layer, isBidirectional: isBidirectional)
  }

  /// The state that the case starts from, or nil.
  fileprivate func givenState(of stack: RecurrentStack) throws -> StackState? {
    initialState ? try state(of: stack) { $0 } : nil
  }

  /// A state whose components have the names that `name` makes of the component's own.
  fileprivate func state(of stack: RecurrentStack, _ name: (_ component: String) -> String) throws -> StackState {
    let components = try kind().reference.components
    return StackState(
      stack.cells.enumerated().map { layer, cell in
        cell.state(components.map { tensor(name($0) + ending(layer)) })
      })
  }
}

extension RecurrentCell {
  fileprivate func state(_ components: [Tensor]) -> any RecurrentState { State(components: components) }
}
