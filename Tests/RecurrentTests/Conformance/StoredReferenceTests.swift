import Foundation
import Recurrent
import TestSupport
import Testing

/// Recurrent stacks against stored PyTorch values: outputs, final states and all gradients.
@Suite struct StoredReferenceTests {
  @Test("results and all gradients are PyTorch's", arguments: Fixtures.recurrent)
  func engine(fixture: RecurrentFixture) throws {
    let stack = try fixture.stack()
    let kind = try fixture.kind()
    let state = fixture.initialState ? fixture.state(of: stack, kind) { "\($0)_l\($1)" } : nil
    let (outputs, finalState, tape) = stack.forward(fixture.tensor("inputs"), from: state, lengths: fixture.lengths)
    try expect(outputs, fixture.expected.values, "outputs")
    let weights = fixture.state(of: stack, kind) { "final\($0.capitalized)Weights_l\($1)" }
    let gradients = stack.gradients(tape, outputs: fixture.tensor("outputWeights"), finalState: weights)
    for entry in gradients.parameters.entries {
      try expect(gradients.parameters[entry.name], fixture.expected.gradients, entry.name)
    }
    try expect(gradients.inputs, fixture.expected.gradients, "inputs")
    for layer in fixture.hidden.indices {
      for (component, name) in kind.reference.components.enumerated() {
        let final = finalState[layer].components[component]
        try expect(final, fixture.expected.values, "final\(name.capitalized)_l\(layer)")
        if fixture.initialState {
          let gradient = gradients.initialState[layer].components[component]
          try expect(gradient, fixture.expected.gradients, "\(name)_l\(layer)")
        }
      }
    }
  }

  @Test("the textbook in Double is PyTorch to the last digit stored", arguments: Fixtures.recurrent)
  func textbook(fixture: RecurrentFixture) throws {
    let stack = try fixture.stack()
    let kind = try fixture.kind()
    let network = ReferenceNetwork(
      fixture.hidden.map { _ in kind.reference }, stack.parameters, inputs: fixture.tensor("inputs"),
      lengths: fixture.lengths,
      state: fixture.initialState ? fixture.state(of: stack, kind) { "\($0)_l\($1)" } : nil)
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
        try expect(values, "final\(name.capitalized)_l\(layer)")
      }
    }
  }

  private func expect(_ found: Tensor, _ all: [String: [Double]], _ name: String) throws {
    let expected = try #require(all[name], "\(name)")
    #expect(mismatch(of: found, with: expected, within: Tolerance.storedReference) == nil, "\(name)")
  }
}

extension RecurrentFixture {
  fileprivate func kind() throws -> CellKind {
    try #require(CellKind.all.first { $0.name == cell }, "no cell is called \(cell)")
  }

  /// The stack of the case, with its weights.
  fileprivate func stack() throws -> RecurrentStack {
    let kind = try kind()
    let widths = [input] + hidden
    var stack = RecurrentStack(hidden.indices.map { kind.make(widths[$0], widths[$0 + 1]) })
    for entry in stack.parameters.entries { stack.parameters[entry.name] = tensor(entry.name) }
    return stack
  }

  /// A state whose components have the names that `name` makes of the component's name and the layer.
  fileprivate func state(
    of stack: RecurrentStack, _ kind: CellKind, _ name: (_ component: String, _ layer: Int) -> String
  ) -> StackState {
    StackState(
      stack.cells.enumerated().map { layer, cell in
        cell.state(kind.reference.components.map { tensor(name($0, layer)) })
      })
  }
}

extension RecurrentCell {
  fileprivate func state(_ components: [Tensor]) -> any RecurrentState { State(components: components) }
}
