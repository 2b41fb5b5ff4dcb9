import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData
import TestSupport
import Testing

@testable import RecurrentCommand

/// The pictures of a run: they are there, can be read, and hold what the run has found.
@Suite struct RunPictureTests {
  private static let training = ["train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run"]

  private func text(_ picture: MarkupElement) -> String { picture.visibleTexts.joined(separator: " ") }

  @Test func curvesHoldTheLog() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(
      Self.training + ["--epochs", "3", "--batch-size", "50", "--log-every", "2", "--validation-every", "5"])
    result.expectSuccess()
    #expect(result.errors.hasSuffix("pictures: loss.svg, accuracy.svg, confusion.svg, mistakes.svg in run\n"))
    let run = RunFiles(tool, "run")
    try run.expectWhole()
    #expect(run.names == RunFiles.whole)
    for (file, key) in [("loss.svg", "loss"), ("accuracy.svg", "accuracy")] {
      let picture = try MarkupElement.parse(run.picture(file))
      #expect(text(picture).contains("Images: images in the form of MNIST (images), not MNIST."))
      let curves = picture.all(with: "data-y")
      #expect(curves.map { $0.attributes["data-name"] } == ["training", "validation"])
      // Epochs of 7 batches; steps are counted through all of them, by the updates before.
      let steps = try run.events("step")
      #expect(curves[0].numbers("data-x") == [0, 2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20])
      #expect(curves[1].numbers("data-x") == [5, 7, 10, 14, 15, 20, 21])
      try expect(curves[0].numbers("data-y"), steps.map { $0[key] as? Double })
      let validations = try run.events("validation") + run.events("epoch")
      let sorted = validations.sorted { ($0["steps"] as? Int ?? 0) < ($1["steps"] as? Int ?? 0) }
      try expect(curves[1].numbers("data-y"), sorted.map { $0[key] as? Double })
    }
  }

  /// The same numbers but for the digits that a float does not have.
  private func expect(_ found: [Double]?, _ expected: [Double?]) throws {
    let found = try #require(found)
    #expect(found.count == expected.count && found.count > 0)
    for (a, b) in zip(found, expected) { #expect(abs(a - (b ?? .nan)) < 1e-6) }
  }

  @Test func confusionAndMistakesAreThoseOfTheModel() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.training + ["--max-steps", "3"]).expectSuccess()
    let run = RunFiles(tool, "run")
    let answers = try run.network().predictions(on: ImageFiles.test)
    let confusion = try MarkupElement.parse(run.picture("confusion.svg"))
    #expect(
      confusion.all(with: "data-counts").first?.rows("data-counts")
        == answers.confusion.counts.map { $0.map(Float.init) })
    #expect(text(confusion).contains("\(answers.evaluation.correct) of 50 test images were classified correctly."))

    let mistakes = try MarkupElement.parse(run.picture("mistakes.svg"))
    let hardest = answers.mistakes(count: 12)
    let images = mistakes.all(with: "data-values")
    #expect(hardest.count == 12 && images.count == 12)
    for (image, mistake) in zip(images, hardest) {
      #expect(image.rows("data-values")?.flatMap(\.self) == ImageFiles.test.batch([mistake.index]).inputs.values)
      let caption =
        "\(mistake.label), predicted \(mistake.prediction) probability \(mistake.probability.fixed(3)) image \(mistake.index)"
      #expect(image.attributes["data-name"] == caption && text(mistakes).contains(caption))
    }
    for picture in [confusion, mistakes] { #expect(text(picture).contains("(images), not MNIST.")) }
  }

  @Test func mistakesAreShownAsTheyAreWhateverTheOrder() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.training + ["--permute", "3", "--layers", "1", "--hidden-size", "3", "--max-steps", "1"])
      .expectSuccess()
    let run = RunFiles(tool, "run")
    let hardest = try run.network().mistakes(on: PixelOrder.permuted(seed: 3)(ImageFiles.test), count: 1)
    let image = try MarkupElement.parse(run.picture("mistakes.svg")).all(with: "data-values").first
    let pixels = ImageFiles.test.batch([try #require(hardest.first).index]).inputs.values
    #expect(image?.rows("data-values")?.flatMap(\.self) == pixels)
  }

  @Test func builtInDigitsAreNamedOnEveryPicture() throws {
    let tool = try Tool()
    try tool.run(
      "train", "digits", "--train-count", "50", "--epochs", "1", "--seed", "3", "--hidden-size", "4", "--layers", "1",
      "--run-dir", "run"
    ).expectSuccess()
    for name in RunFiles.whole where name.hasSuffix(".svg") {
      let picture = try MarkupElement.parse(RunFiles(tool, "run").picture(name))
      #expect(text(picture).contains("Images: built-in digits (drawn by the program, seed 3), not MNIST."), "\(name)")
    }
    try tool.run("predict", "run", "--svg", "reading.svg").expectSuccess()
    let reading = try MarkupElement.parse(RunFiles(tool, "").picture("reading.svg"))
    #expect(text(reading).contains("The test set is built-in digits (drawn by the program, seed 3), not MNIST."))
  }

  @Test func aRunThatFailsDrawsWhatThereIs() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("mine".utf8), to: "run/notes.svg")
    try tool.run(Self.training + ["--learning-rate", "3e38", "--optimizer", "sgd"])
      .expectFailure(65, "stopped before the end")
    let run = RunFiles(tool, "run")
    #expect(run.names.contains("notes.svg") && !run.names.contains("mistakes.svg"))
    #expect(try MarkupElement.parse(run.picture("loss.svg")).all(with: "data-y").count > 0, "up to where it ended")
  }

  @Test func pictureThatCannotBeWritten() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    // Larger than a file may be: a grid of images is, and nothing else of so small a network.
    let arguments = Self.training + ["--max-steps", "1", "--layers", "1", "--hidden-size", "4"]
    let words = arguments.map { "'\($0)'" }.joined(separator: " ")
    let result = try tool.run(shell: "ulimit -f 32; exec \"$0\" \(words)")
    result.expectFailure(74, "run/mistakes.svg: cannot be written (", "check the folder")
    #expect(result.output.contains("Accuracy on test set:"), "the result is told before")
    let run = RunFiles(tool, "run")
    #expect(run.count("test") == 1 && run.model != nil)
    #expect(run.names == RunFiles.whole.filter { $0 != "mistakes.svg" }, "nothing half-written is left")
  }

  @Test func noPictureSaysWhereOnThisMachineImagesLie() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let folder = tool.folder.path(ImageFiles.folder)
    let options = ["train", "mnist", "--data-dir", folder, "--max-steps", "1"]
    try tool.run(options + ["--run-dir", "run"]).expectSuccess()
    try tool.run(options + ["--sweep", "seed=1,2", "--run-dir", "s"]).expectSuccess()
    for (run, name) in RunPicture.allCases.map({ ("run", $0.fileName) }) + [("s", "spread.svg")] {
      let picture = try RunFiles(tool, run).picture(name)
      #expect(!picture.contains(folder) && picture.contains("(images)"), "\(name)")
    }
  }

  @Test func longRunsAreThinnedAndLoseNothing() throws {
    var curve = DownsampledCurve()
    var values = (0..<12_345).map { Double(($0 * 7919) % 1000) }
    values[777] = 5000
    for (step, value) in values.enumerated() {
      curve.add(Double(step), value)
      if step == 499 { #expect(curve.valuesPerPoint == 1 && curve.line("a").spread == nil, "a short run is as it was") }
    }
    curve.add(20_000, .nan)
    #expect(curve.valuesPerPoint == 32)
    let line = curve.line("training")
    let spread = try #require(line.spread)
    #expect(line.points.count == 386 && DownsampledCurve.limit == 500)
    for (index, point) in line.points.enumerated() {
      let part = values[32 * index..<min(32 * index + 32, values.count)]
      let mean = part.reduce(0, +) / Double(part.count)
      #expect(abs(point.y - mean) < 1e-9)
      let middle = Double(part.startIndex + part.endIndex - 1) / 2
      #expect(abs(point.x - middle) < 1e-9)
      #expect(spread[index] == (part.min() ?? 0)...(part.max() ?? 0))
    }
    var curves = RunCurves(images: "Images: MNIST.")
    for step in 0..<100_000 { curves.add(loss: Float(step % 7) + 1, accuracy: 0.5, step: step) }
    let svg = curves.loss.svg
    #expect(svg.utf8.count < 100_000, "\(svg.utf8.count)")
    #expect(
      text(try MarkupElement.parse(svg)).contains(
        "Each point of training is the mean of 256 logged values, the band their range. Images: MNIST."))
  }
}

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
