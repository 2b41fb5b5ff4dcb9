import Recurrent
import TestSupport
import Testing

/// A cell of a user's own in files: as its encoder writes it, under its registered name.
@Suite struct CellRegistryTests {
  private struct Leaky: RecurrentCell {
    typealias State = ElmanCell.State

    static var name: String { "test-leaky" }
    let hiddenSize: Int
    let rate: Float
    var gates: [GateSource] { [.inputAndHidden] }
    var tapeSize: Int { 0 }

    func forward(_ step: CellStep) {
      for unit in step.units {
        let (z, new) = (step.gate(0, unit: unit), step.next(0, unit: unit))
        for lane in 0..<step.lanes { new[lane] = rate * z[lane] }
      }
    }

    func backward(_ step: CellStep, _ gradient: CellGradient) {
      for unit in step.units {
        let (z, dh) = (step.gate(0, unit: unit), gradient.hidden(unit: unit, in: step))
        for lane in 0..<step.lanes { z[lane] = rate * dh[lane] }
      }
    }
  }

  /// Of a name that is taken.
  private struct Imposter: RecurrentCell {
    typealias State = ElmanCell.State

    static var name: String { "lstm" }
    let hiddenSize: Int
    var gates: [GateSource] { [.inputAndHidden] }
    var tapeSize: Int { 0 }

    func forward(_ step: CellStep) {}
    func backward(_ step: CellStep, _ gradient: CellGradient) {}
  }

  /// Never registered.
  private struct Stranger: RecurrentCell {
    typealias State = ElmanCell.State

    static var name: String { "test-stranger" }
    let hiddenSize: Int
    var gates: [GateSource] { [.inputAndHidden] }
    var tapeSize: Int { 0 }

    func forward(_ step: CellStep) {}
    func backward(_ step: CellStep, _ gradient: CellGradient) {}
  }

  @Test("a registered cell is saved and loaded, and computes the same")
  func roundTrip() throws {
    try CellRegistry.register(Leaky.self)
    try CellRegistry.register(Leaky.self)
    let layers = [LayerConfiguration(Leaky(hiddenSize: 4, rate: 0.3))] + .lstm(3)
    let network = SequenceModel(.init(input: .features(2), layers: layers, output: .classes(3)), seed: 4)
    #expect(network.configuration.json.contains(#"{"cell":"test-leaky","hiddenSize":4,"rate":0.3}"#))
    let folder = try TemporaryDirectory()
    let path = folder.path("m.safetensors")
    try network.save(to: path)
    let copy = try SequenceModel(contentsOf: path)
    #expect(copy.configuration == network.configuration && copy.parameters == network.parameters)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(0, [3, 5, 2]), labels: [0, 1, 2], classCount: 3)
    #expect(try bitMismatch(of: copy.logits(for: batch), with: network.logits(for: batch)) == nil)
  }

  @Test("a taken name is an error, that of a built-in cell too")
  func takenNames() throws {
    try CellRegistry.register(LSTMCell.self)
    let error = try #require(throws: ConfigurationError.self) { try CellRegistry.register(Imposter.self) }
    #expect(error.key == "cell" && error.found == "Imposter under the name 'lstm', which belongs to LSTMCell")
  }

  @Test("a file with a cell that is not registered says its name, and what to do")
  func unregistered() throws {
    let json = #"{"input":{"features":2},"layers":[{"cell":"test-stranger","hiddenSize":3}],"output":{"classes":2}}"#
    let error = try #require(throws: ConfigurationError.self) { try SequenceModel.Configuration(json: json) }
    #expect(error.found == "'test-stranger', a cell that is not registered")
    #expect(error.expected.contains("CellRegistry.register"))
    var file = SequenceModel(.init(input: .features(2), layers: .elman(3), output: .classes(2))).safeTensors
    file.metadata["recurrent.configuration"] = json
    let folder = try TemporaryDirectory()
    try file.write(to: folder.path("m"))
    let refused = try #require(throws: SafeTensorsError.self) { try SequenceModel(contentsOf: folder.path("m")) }
    #expect(refused.kind == .unsuitable && refused.found.contains("'test-stranger', a cell that is not registered"))
  }

  @Test("a registered cell of a size that nothing could hold is refused")
  func sizes() throws {
    try CellRegistry.register(Leaky.self)
    for size in [0, -1, 1 << 40] {
      let json =
        #"{"input":{"features":2},"layers":[{"cell":"test-leaky","hiddenSize":\#(size),"rate":1}],"#
        + #""output":{"classes":2}}"#
      #expect(throws: ConfigurationError.self) { try SequenceModel.Configuration(json: json) }
    }
  }
}
