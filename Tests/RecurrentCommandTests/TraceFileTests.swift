import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

@testable import RecurrentCommand

/// `predict --trace` and `--gradient-svg`: how one digit is read, in numbers, and how far its error reaches back.
@Suite struct TraceFileTests {
  private static let reverse = SequenceModel(
    .init(input: .features(28), layers: .gru(3, isBidirectional: true), output: .classes(10)), seed: 5)

  private func predict(_ tool: Tool, _ network: SequenceModel, _ options: String...) throws -> Tool.Result {
    try ImageFiles.write(to: tool.folder)
    try network.save(to: tool.folder.path("m"))
    return try tool.run(["predict", "m", "--data-dir", ImageFiles.folder, "--index", "4"] + options)
  }

  private func bytes(_ tool: Tool, _ name: String) throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: tool.folder.path(name))))
  }

  /// What the library makes of the same image.
  private func table(_ network: SequenceModel, order: PixelOrder = .rows) throws -> StepTable {
    let batch = order(ImageFiles.test).batch([4])
    let inputs = batch.inputs
    return StepTable(
      try network.trace(inputs.values), gradients: try network.gradientTrace(on: batch),
      after: [.init("input", inputs.reshaped(inputs.shape[1], inputs.shape[2]))])
  }

  @Test("what is written is what the library computes", arguments: [Models.notebook(), Models.gru(), reverse])
  func numbers(network: SequenceModel) throws {
    let tool = try Tool()
    let plain = try predict(tool, network)
    let result = try predict(tool, network, "--trace", "t.csv")
    result.expectSuccess()
    #expect(result.output == plain.output && result.errors == plain.errors + "trace: t.csv\n")
    try predict(tool, network, "--trace", "t.NPZ").expectSuccess()
    let table = try table(network)
    #expect(try bytes(tool, "t.csv") == table.bytes(.csv) && bytes(tool, "t.NPZ") == table.bytes(.npz))
    let archive = try NumPyArchive(bytes(tool, "t.NPZ"))
    #expect(archive["input"]?.tensor?.values == ImageFiles.test.batch([4]).inputs.values)
    #expect(archive["probability"]?.shape == [28, 10] && archive["gradient.input.norm"]?.shape == [28])
    let last = try #require(archive["probability"]?.tensor?.values.suffix(10))
    let shown = try #require(result.outputLines.first { $0.hasPrefix("0: ") })
    #expect(shown.hasPrefix("0: \(last[last.startIndex].fixed(4))  "), "the same as is printed")
  }

  @Test func pixelByPixelEveryPixelIsAStep() throws {
    let tool = try Tool()
    let network = Models.small(inputSize: 1)
    try predict(tool, network, "--permute", "92", "--trace", "t.npz").expectSuccess()
    #expect(try bytes(tool, "t.npz") == table(network, order: .permuted(seed: 92)).bytes(.npz))
  }

  @Test func imagesWithoutLabelsHaveNoGradients() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.gru().save(to: tool.folder.path("m"))
    let images = ["predict", "m", "--images", "images/t10k-images-idx3-ubyte"]
    let result = try tool.run(images + ["--trace", "t.npz"])
    result.expectSuccess()
    #expect(result.errors.hasSuffix("trace: t.npz, without gradients, since there is no label\n"))
    let names = try NumPyArchive(bytes(tool, "t.npz")).members.map(\.name)
    #expect(names.contains("layer1.update") && !names.contains { $0.hasPrefix("gradient") })
    try tool.run(images + ["--gradient-svg", "g.svg"]).expectFailure(
      64, "--gradient-svg: found with --images, expected images with labels")
    try tool.run("predict", "m", "--image", "a.png", "--gradient-svg", "g.svg").expectFailure(
      64, "--gradient-svg: found with --image, expected images with labels")
  }

  @Test("the gradient's norm of every layer over time", arguments: [Models.notebook(), reverse])
  func gradients(network: SequenceModel) throws {
    let tool = try Tool()
    let result = try predict(tool, network, "--gradient-svg", "g.svg")
    result.expectSuccess()
    #expect(result.errors.hasSuffix("picture: g.svg\n"))
    let picture = try MarkupElement.parse(RunFiles(tool, "").picture("g.svg"))
    let lines = picture.all(with: "data-y")
    let trace = try network.gradientTrace(on: ImageFiles.test.batch([4]))
    let names = network.layers.count == 3 ? ["layer 1", "layer 2", "layer 3"] : ["layer 1", "layer 1, reverse"]
    #expect(lines.map { $0.attributes["data-name"] } == names + ["input"])
    let norms = trace.layers.map { $0.norms[0] } + [try #require(trace.inputNorms)[0]]
    for (line, norms) in zip(lines, norms) {
      let shown = try #require(line.attributes["data-y"]).split(separator: " ").compactMap { Double($0) }
      #expect(shown.count == 28 && zip(shown, norms).allSatisfy { abs($0 - $1) <= 1e-3 * $1 })
    }
    let text = picture.visibleTexts.joined(separator: " ")
    #expect(text.contains("Gradient over time: Image 4 of test images (images), labelled"))
    #expect(text.contains("time step") && text.contains("norm of the loss's gradient"))
  }

  @Test("all files at once")
  func together() throws {
    let tool = try Tool()
    let result = try predict(
      tool, Models.gru(), "--gradient-svg", "g.svg", "--trace", "t.csv", "--svg", "p.svg")
    result.expectSuccess()
    #expect(result.errors.hasSuffix("picture: p.svg\ntrace: t.csv\npicture: g.svg\n"))
    try predict(tool, Models.gru(), "--gradient-svg", "p.svg", "--svg", "p.svg").expectFailure(
      64, "--gradient-svg: found the file of --svg, expected another")
  }

  @Test("other endings are refused before anything is read", arguments: ["t.txt", "t", "csv", "t.csv.gz", "folder/"])
  func endings(_ name: String) throws {
    let tool = try Tool()
    let result = try tool.run("predict", "m", "--trace", name)
    result.expectFailure(64, "--trace", name, "expected a file that ends in .csv or .npz")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [])
  }

  @Test("one image for one file", arguments: [["--trace", "t.csv"], ["--gradient-svg", "g.svg"]])
  func oneImage(_ options: [String]) throws {
    let tool = try Tool()
    let result = try predict(tool, Models.gru(), "2", options[0], options[1])
    result.expectFailure(64, "\(options[0]): found 2 images for one file, expected one --index")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
  }

  @Test(arguments: [
    ("nowhere/t.csv", "No such file or directory", "a folder is missing"),
    ("folder.npz", "directory", "a folder has the name"),
    ("m/t.npz", "Not a directory", "a file lies above"),
  ])
  func fileThatCannotBeWritten(_ path: String, _ words: String, _ reason: String) throws {
    let tool = try Tool()
    try tool.folder.write([1], to: "folder.npz/inside")
    let result = try predict(tool, Models.gru(), "--trace", path)
    result.expectFailure(73, "\(path): cannot be written (", words)
    #expect(result.output == "")
    #expect(try tool.folder.contents() == ["folder.npz", ImageFiles.folder, "m"], "nothing half-written is left")
  }

  @Test("a trace of ours is replaced, and no other file", arguments: ["t.csv", "t.npz"])
  func replacing(_ name: String) throws {
    let tool = try Tool()
    try tool.folder.write(Array("a,b\n1,2\n".utf8), to: name)
    try predict(tool, Models.gru(), "--trace", name).expectFailure(
      73, "\(name): found a file that is not a trace of this program, expected a new name; name another with --trace")
    #expect(try bytes(tool, name) == Array("a,b\n1,2\n".utf8))
    try tool.folder.write([], to: name)
    for network in [Models.notebook(), Models.gru()] {
      try predict(tool, network, "--trace", name).expectSuccess()
      #expect(try bytes(tool, name) == table(network).bytes(try #require(StepTable.Format(path: name))))
    }
    try tool.folder.write(Array("mine".utf8), to: "g.svg")
    try predict(tool, Models.gru(), "--gradient-svg", "g.svg").expectFailure(
      73,
      "g.svg: found a file that is not a picture of this program, expected a new name; name another with "
        + "--gradient-svg")
  }
}
