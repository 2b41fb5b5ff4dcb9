import TestSupport
import Testing

@testable import Recurrent

/// The configuration in a model file: what does not fit the tensors, or this version, is an error.
@Suite struct ConfigurationFileTests {
  private let network = SequenceModel(.init(input: .features(3), layers: .lstm(5, count: 2), output: .classes(4)))

  private func error(_ change: (inout SequenceModel.Configuration) -> Void) throws -> SafeTensorsError {
    var (file, configuration) = (network.safeTensors, network.configuration)
    change(&configuration)
    file.metadata["recurrent.configuration"] = configuration.json
    return try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
  }

  @Test func misfits() throws {
    let input = try error { $0.input = .features(2) }
    #expect(input.found == "weight_ih_l0 of shape [20, 3]" && input.expected == "shape [20, 2]")
    let fewer = try error { $0.layers = .lstm(5) }
    #expect(fewer.found.contains("is not part of the network"))
    let more = try error { $0.layers = .lstm(5, count: 3) }
    #expect(more.found == "no tensor named weight_ih_l2")
    let kind = try error { $0.layers = .gru(5, count: 2) }
    #expect(kind.found == "weight_ih_l0 of shape [20, 3]" && kind.expected == "shape [15, 3]")
    let huge = try error { $0.layers = .lstm(1 << 24, count: 2) }
    #expect(huge.found == "weight_ih_l0 of shape [20, 3]", "nothing is allocated on the text's word")
    let classes = try error { $0.output = .classes(3) }
    #expect(classes.found == "a head of 4 outputs")
    #expect([input, fewer, more, kind, huge, classes].allSatisfy { $0.kind == .unsuitable })
  }

  @Test("every kind of input, readout, output and state is saved and loaded")
  func kinds() throws {
    let inputs: [ModelConfiguration.Input] = [.features(3), .tokens(7), .tokens(7, embedding: 3)]
    let outputs: [ModelConfiguration.Output] = [.classes(4), .values(1), .values(3), .labels(2)]
    for (input, output) in inputs.flatMap({ input in outputs.map { (input, $0) } }) {
      var model = SequenceModel(
        .init(
          input: input, layers: .gru(5, isBidirectional: true), readout: .everyStep, output: output,
          initialState: .learned))
      model.parameters.fillWithChirps()
      let copy = try SequenceModel(model.safeTensors, path: "m")
      #expect(copy.configuration == model.configuration && copy.parameters == model.parameters)
    }
  }

  @Test("a text that is no configuration is refused with the key", arguments: ["", "{}", "lstm,lstm", "[[[["])
  func noConfiguration(text: String) throws {
    var file = network.safeTensors
    file.metadata["recurrent.configuration"] = text
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
    #expect(error.kind == .unsuitable && error.found.contains("in recurrent.configuration"), "\(error)")
  }
}
