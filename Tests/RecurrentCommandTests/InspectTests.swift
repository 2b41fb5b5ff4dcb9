import Foundation
import Recurrent
import TestSupport
import Testing

@Suite struct InspectTests {
  /// The notebook's network with a weight of 1/2 everywhere, so that norms are exact.
  private func half(_ network: SequenceModel) -> SafeTensors {
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
    let network = SequenceModel(
      .init(
        input: .features(3),
        layers: [LayerConfiguration(ElmanCell(hiddenSize: 5)), LayerConfiguration(LSTMCell(hiddenSize: 7))],
        output: .classes(2)))
    try half(network).write(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    try Snapshot.expect(result.output, named: "inspect-mixed")
  }

  @Test func tableOfGRUsOfBothForms() throws {
    let tool = try Tool()
    let network = SequenceModel(
      .init(
        input: .features(3),
        layers: [
          LayerConfiguration(GRUCell(hiddenSize: 5)), LayerConfiguration(GRUCell(hiddenSize: 7, resetAfter: false)),
        ], output: .classes(2)))
    try half(network).write(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    try Snapshot.expect(result.output, named: "inspect-gru")
  }

  @Test("a layer above an embedding reads its features")
  func tokens() throws {
    let tool = try Tool()
    for (embedding, lines) in [(5, ["embedding: 7 → 5", "layer 0: gru, 5 → 4"]), (nil, ["layer 0: gru, 7 → 4"])] {
      let network = SequenceModel(
        .init(input: .tokens(7, embedding: embedding), layers: .gru(4), readout: .everyStep, output: .classes(7)))
      try network.safeTensors.write(to: tool.folder.path("m"))
      #expect(try Array(tool.run("inspect", "m").outputLines.prefix(lines.count)) == lines)
    }
  }

  /// What PyTorch writes of an nn.RNN, whether its function is tanh or ReLU.
  private func unnamedFunction() -> SafeTensors {
    var file = SequenceModel(.init(input: .features(28), layers: .elman(6, count: 2), output: .classes(10))).safeTensors
    file.metadata = ["format": "pt"]
    return file
  }

  @Test func kindOfEachLayer() throws {
    let tool = try Tool()
    let network = SequenceModel(
      .init(
        input: .features(3),
        layers: [
          .bidirectional(LSTMCell(hiddenSize: 5), GRUCell(hiddenSize: 5), merge: .sum),
          LayerConfiguration(ElmanCell(hiddenSize: 5)).residual(),
          LayerConfiguration(ElmanCell(hiddenSize: 4, activation: .relu, preactivationClip: 3)),
          LayerConfiguration(IndRNNCell(hiddenSize: 6)),
        ], output: .classes(2)))
    try network.save(to: tool.folder.path("m"))
    let result = try tool.run("inspect", "m")
    result.expectSuccess()
    #expect(
      result.outputLines.prefix(6) == [
        "layer 0: lstm & gru | merge=sum, 3 → 5", "layer 1: elman tanh | residual, 5 → 5",
        "layer 2: elman relu input-clip=3.0, 5 → 4", "layer 3: indrnn relu, 4 → 6", "head: dense, 6 → 2", "",
      ])
  }

  @Test func functionThatTheFileDoesNotName() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try unnamedFunction().write(to: tool.folder.path("m"))
    let note =
      "m: layers 0, 1 read with tanh, the default of PyTorch's nn.RNN: the file names no activation; --activation relu "
      + "reads it as ReLU"
    let training = ["train", "mnist", "--data-dir", ImageFiles.folder, "--max-steps", "1", "--from", "m", "--run-dir"]
    for (use, kinds) in [
      (["inspect", "m"], nil), (["evaluate", "m", "--data-dir", ImageFiles.folder], nil),
      (["predict", "m", "--data-dir", ImageFiles.folder], nil), (training + ["tanh"], ["elman", "elman"]),
    ] {
      let result = try tool.run(use)
      result.expectSuccess()
      #expect(result.errors.split(separator: "\n").contains { $0 == note }, "\(result.errors)")
      let relu = try tool.run(use.map { $0 == "tanh" ? "relu" : $0 } + ["--activation", "relu"])
      relu.expectSuccess()
      #expect(!relu.errors.contains("names no activation"))
      if use[0] != "predict" { #expect(relu.output != result.output) }
      if let kinds {
        #expect(try RunFiles(tool, "tanh").network().cells.map(\.kind) == kinds)
        #expect(try RunFiles(tool, "relu").network().cells.map(\.kind) == ["elman relu", "elman relu"])
      }
    }
    // The run's own model says what it is, and a repetition of the run reads the file as the run did.
    #expect(try tool.run("inspect", "relu").errors == "")
    try tool.run("train", "--config", "relu", "--data-dir", ImageFiles.folder, "--run-dir", "again").expectSuccess()
    #expect(try RunFiles(tool, "again").network().cells.map(\.kind) == ["elman relu", "elman relu"])
    try tool.run("inspect", "relu", "--activation", "tanh").expectFailure(
      65, "relu/model.safetensors: found a layer of kind 'elman relu' with the requested activation tanh")
  }
}
