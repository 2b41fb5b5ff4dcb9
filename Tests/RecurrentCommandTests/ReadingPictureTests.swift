import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData
import TestSupport
import Testing

@testable import RecurrentCommand

/// `predict --svg`: how one digit is read.
@Suite struct ReadingPictureTests {
  private func read(_ tool: Tool, _ name: String = "p.svg") throws -> MarkupElement {
    try MarkupElement.parse(RunFiles(tool, "").picture(name))
  }

  private func predict(_ tool: Tool, _ network: SequenceModel, _ options: String...) throws -> Tool.Result {
    try ImageFiles.write(to: tool.folder)
    try network.save(to: tool.folder.path("m"))
    return try tool.run(["predict", "m", "--data-dir", ImageFiles.folder, "--index", "4"] + options)
  }

  @Test(arguments: [
    (Models.notebook(), ["input gate", "forget gate", "candidate", "output gate", "hidden state", "cell state"]),
    (Models.gru(), ["reset gate", "update gate", "candidate", "hidden state"]),
    (Models.gru(resetAfter: false), ["reset gate", "update gate", "candidate", "hidden state"]),
  ])
  func gatesStatesAndBeliefs(_ network: SequenceModel, _ names: [String]) throws {
    let tool = try Tool()
    let plain = try predict(tool, network)
    let result = try predict(tool, network, "--svg", "p.svg")
    result.expectSuccess()
    #expect(result.output == plain.output && result.errors == plain.errors + "picture: p.svg\n")
    let picture = try read(tool)
    let grids = picture.all(with: "data-values")
    let layers = 1...network.layers.count
    #expect(
      grids.map { $0.attributes["data-name"] }
        == ["image", "probability"] + layers.flatMap { layer in names.map { "layer \(layer): \($0)" } })
    let batch = ImageFiles.test.batch([4])
    let reading = try network.trace(batch.inputs.values)
    let expected =
      [batch.inputs.values.rows(of: 28), reading.probabilities]
      + reading.layers.flatMap { $0.gates.map(\.values) + $0.states.prefix(2) }
    for (grid, rows) in zip(grids, expected) { #expect(grid.rows("data-values") == rows) }
    #expect(
      grids.prefix(4).allSatisfy { $0.attributes["data-limit"] == "1.0" }, "probabilities, and gates between 0 and 1")
    #expect(picture.children.first?.text == "Image 4 of test images (images), labelled \(batch.labels[0])")
    #expect(picture.all(named: "rect").count { $0.attributes["class"] == "outline" } == 1, "the label is marked")
  }

  @Test func pixelByPixelEveryRowShowsItsLastPixel() throws {
    let tool = try Tool()
    let network = Models.small(inputSize: 1)
    let image = ImageFiles.test.batch([4]).inputs.values
    for (options, order) in [(["--pixels"], PixelOrder.pixels), (["--permute", "92"], .permuted(seed: 92))] {
      try ImageFiles.write(to: tool.folder)
      try network.save(to: tool.folder.path("m"))
      try tool.run(["predict", "m", "--data-dir", ImageFiles.folder, "--index", "4", "--svg", "p.svg"] + options)
        .expectSuccess()
      let picture = try read(tool)
      let grids = picture.all(with: "data-values")
      let reading = try network.trace(order(ImageFiles.test).batch([4]).inputs.values)
      let rows = stride(from: 27, to: 784, by: 28).map { reading.layers[0].gates[0].values[$0] }
      #expect(grids[0].rows("data-values")?.flatMap(\.self) == image, "the image is shown as it is")
      #expect(grids[2].rows("data-values") == rows && rows.count == 28)
      let text = picture.visibleTexts.joined(separator: " ")
      let isPermuted = order != .pixels
      #expect(
        text.contains(isPermuted ? "Read in the random order of seed 92" : "Read pixel by pixel: beside each row"))
      #expect(text.contains(isPermuted ? "probability after each 28 pixels" : "probability after each row"))
      #expect(text.contains("as it is read") == isPermuted)
    }
  }

  @Test func wideLayersShowTheirFirstUnits() throws {
    let tool = try Tool()
    let network = SequenceModel(.init(input: .features(28), layers: .elman(70), output: .classes(10)), seed: 5)
    try predict(tool, network, "--svg", "p.svg").expectSuccess()
    let picture = try read(tool)
    #expect(picture.all(with: "data-values").last?.rows("data-values")?.first?.count == 64)
    #expect(picture.visibleTexts.joined(separator: " ").contains("the first 64 units of each layer"))
  }

  @Test func imagesWithoutLabels() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.gru().save(to: tool.folder.path("m"))
    try tool.run("predict", "m", "--images", "images/t10k-images-idx3-ubyte", "--svg", "p.svg").expectSuccess()
    #expect(try read(tool).children.first?.text == "Image 0 of images/t10k-images-idx3-ubyte")
    #expect(try read(tool).all(named: "rect").allSatisfy { $0.attributes["class"] != "outline" }, "none is marked")
  }

  @Test func modelsThatReadInReverseAreRefused() throws {
    let tool = try Tool()
    let network = SequenceModel(
      .init(input: .features(28), layers: .gru(3, isBidirectional: true), output: .classes(10)), seed: 5)
    let result = try predict(tool, network, "--svg", "p.svg")
    result.expectFailure(65, "m: found a model that reads in reverse", "expected one that reads forward only")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
    try predict(tool, network).expectSuccess()
  }

  @Test func oneImageForOneFile() throws {
    let tool = try Tool()
    let result = try predict(tool, Models.gru(), "2", "--svg", "p.svg")
    result.expectFailure(64, "--svg: found 2 images for one file, expected one --index")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
  }

  @Test(arguments: [
    ("nowhere/p.svg", "No such file or directory", "a folder is missing"),
    ("images", "directory", "a folder has the name"),
    ("m/p.svg", "Not a directory", "a file lies above"),
  ])
  func fileThatCannotBeWritten(_ path: String, _ words: String, _ reason: String) throws {
    let tool = try Tool()
    let result = try predict(tool, Models.gru(), "--svg", path)
    result.expectFailure(73, "\(path): cannot be written (", words)
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"], "nothing half-written is left")
    #expect(try FileManager.default.contentsOfDirectory(atPath: tool.folder.path(ImageFiles.folder)).count == 4)
  }

  @Test func diskThatIsFull() throws {
    let tool = try Tool()
    try predict(tool, Models.notebook()).expectSuccess()
    // Blocks of 512 bytes, or 1024 in some shells: less than the picture needs.
    let result = try tool.run(
      shell: "ulimit -f 20; exec \"$0\" \"$@\"", "predict", "m", "--data-dir", ImageFiles.folder, "--svg", "p.svg")
    result.expectFailure(74, "p.svg: cannot be written (File too large)")
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m"])
  }

  @Test("a picture of ours is replaced, and no other file")
  func replacing() throws {
    let tool = try Tool()
    try tool.folder.write([1, 2, 3], to: "p.svg")
    try predict(tool, Models.gru(), "--svg", "p.svg").expectFailure(
      73, "p.svg: found a file that is not a picture of this program, expected a new name; name another with --svg")
    #expect(FileManager.default.contents(atPath: tool.folder.path("p.svg")) == Data([1, 2, 3]))
    try tool.folder.write([], to: "p.svg")
    try predict(tool, Models.gru(), "--svg", "p.svg").expectSuccess()
    let first = try RunFiles(tool, "").picture("p.svg")
    try predict(tool, Models.gru(), "--svg", "q.svg").expectSuccess()
    #expect(try RunFiles(tool, "").picture("q.svg") == first, "the same at every time")
    try predict(tool, Models.gru(), "--svg", "q.svg").expectSuccess()
    #expect(try tool.folder.contents() == [ImageFiles.folder, "m", "p.svg", "q.svg"])
  }
}

extension [Float] {
  fileprivate func rows(of count: Int) -> [[Float]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
  }
}
