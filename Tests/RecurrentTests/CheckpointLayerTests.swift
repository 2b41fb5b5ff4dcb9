import TestSupport
import Testing

@testable import Recurrent

/// What files hold of layers: directions, how they are merged, added inputs, zoneout.
@Suite struct CheckpointLayerTests {
  private static func layers(merge: Merge) -> [LayerConfiguration] {
    let isWide = merge == .concatenate
    return [
      .bidirectional(LSTMCell(hiddenSize: 5), GRUCell(hiddenSize: isWide ? 4 : 5), merge: merge),
      LayerConfiguration(GRUCell(hiddenSize: isWide ? 9 : 5, resetAfter: false))
        .residual().regularized(Regularization(dropout: 0.3, hiddenZoneout: 0.1)),
      .bidirectional(ElmanCell(hiddenSize: 3), ElmanCell(hiddenSize: 3), merge: merge)
        .regularized(Regularization(hiddenZoneout: 0.25, stateZoneout: 0.05)),
      .reverse(LSTMCell(hiddenSize: 4)),
    ]
  }

  @Test(
    "a network comes back as it was: weights, directions, merging, added inputs, zoneout", arguments: Merge.allCases)
  func roundTrip(merge: Merge) throws {
    var network = SequenceModel(
      .init(input: .features(3), layers: Self.layers(merge: merge), output: .classes(4)), initializer: .pyTorch, seed: 5
    )
    network.parameters.fillWithChirps()
    let file = network.safeTensors
    let copy = try SequenceModel(file, path: "m")
    #expect(copy.parameters == network.parameters)
    #expect(copy.configuration == network.configuration)
    let inputs = ClosedForm.chirp.tensor(0, [6, 7, 3])
    let batch = try SequenceBatch(inputs, labels: [0, 1, 2, 3, 0, 1], lengths: [7, 1, 0, 4, 7, 2], classCount: 4)
    #expect(try bitMismatch(of: copy.logits(for: batch), with: network.logits(for: batch)) == nil)
    #expect(copy.layers.map(\.isReverse) == [false, false, false, true])
    #expect(copy.layers[1].regularization.dropout == 0.3, "training goes on as it was")
  }

  @Test("what PyTorch has is stored as PyTorch has it, and nothing else in a form it would take")
  func forPyTorch() throws {
    let plain = SequenceModel(.init(input: .features(3), layers: .gru(5, isBidirectional: true), output: .classes(2)))
    let file = plain.safeTensors
    #expect(file.metadata["recurrent.configuration"] == plain.configuration.json)
    for name in ["bias_ih_l0", "bias_hh_l0", "bias_ih_l0_reverse", "bias_hh_l0_reverse"] {
      #expect(file.tensors[name]?.shape == [15])
    }
    // Without the metadata, as PyTorch would write it.
    var bare = file
    bare.metadata = [:]
    #expect(try SequenceModel(bare, path: "m").layers[0].isBidirectional)
    let cells = [GRUCell(hiddenSize: 5), GRUCell(hiddenSize: 5)]
    for layer in [
      LayerConfiguration(cells[0]).residual(), .reverse(cells[0]), .bidirectional(cells[0], cells[1], merge: .sum),
      LayerConfiguration(cells[0]).regularized(Regularization(hiddenZoneout: 0.1)),
      .bidirectional(cells[0], LSTMCell(hiddenSize: 5)),
    ] {
      let file = SequenceModel(.init(input: .features(5), layers: [layer], output: .classes(2))).safeTensors
      #expect(file.tensors["bias_hh_l0"] == nil && file.tensors["bias_ih_l0"]?.shape == [20])
    }
  }

  @Test(
    "a text that says nothing, or no sense, is refused and quoted",
    arguments: [
      "", "lstm &", "lstm & lstm & lstm", "lstm | merge=sum", "lstm | residual=1", "lstm | zoneout=0.1",
      "lstm | zoneout=1;0", "lstm | zoneout=nan;0", "lstm | merge", "lstm | residual | residual", "lstm | loud",
      "lstm & lstm | reverse", "lstm | reverse=1",
    ])
  func texts(text: String) throws {
    var file = SequenceModel(.init(input: .features(3), layers: .lstm(5), output: .classes(2))).safeTensors
    file.metadata = ["recurrent.cells": text]
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
    #expect(error.kind == .unsuitable && error.found.contains("layer '\(text)' in recurrent.cells"), "\(error.found)")
  }

  @Test("a text that does not fit the tensors is refused")
  func misfits() throws {
    func error(_ layers: [LayerConfiguration], _ text: String) throws -> SafeTensorsError {
      var file = SequenceModel(.init(input: .features(3), layers: layers, output: .classes(2))).safeTensors
      file.metadata = ["recurrent.cells": text]
      return try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
    }
    let both = try error(.lstm(5, isBidirectional: true), "lstm")
    #expect(both.found == "layer 0 in 2 directions" && both.expected == "1, as in the file's metadata")
    let one = try error(.lstm(5), "lstm & lstm")
    #expect(one.found == "layer 0 in 1 direction" && one.expected == "2, as in the file's metadata")
    let added = try error(.lstm(5), "lstm | residual")
    #expect(added.found == "layer 0 with 5 outputs and 3 inputs")
    let merged = try error(
      [.bidirectional(ElmanCell(hiddenSize: 5), ElmanCell(hiddenSize: 4))], "elman & elman | merge=average")
    #expect(merged.found == "layer 0 with directions of 5 and 4 units")
  }

  @Test("blanks in a text mean nothing")
  func blanks() {
    let layer = FirstEditionLayer("  lstm&gru  |  zoneout=0.1;0   merge=sum residual ")
    #expect(layer?.kinds == ["lstm", "gru"] && layer?.merge == .sum && layer?.isResidual == true)
    #expect(layer?.hiddenZoneout == 0.1 && layer?.stateZoneout == 0 && layer?.isReverse == false)
    #expect(FirstEditionLayer("gru |residual  reverse")?.isReverse == true)
  }
}
