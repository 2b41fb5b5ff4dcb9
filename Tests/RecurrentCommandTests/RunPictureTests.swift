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
    #expect(
      result.errors.hasSuffix(
        "pictures: loss.svg, accuracy.svg, confusion.svg, mistakes.svg in run\nreport: run/report.html\n"))
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
    #expect(try run.picture("confusion.svg").contains("number of images of each true class"))

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
    // The report, with all other pictures in it, is too large as well.
    let written = RunFiles.whole.filter { $0 != "mistakes.svg" && $0 != "report.html" }
    #expect(run.names == written, "nothing half-written is left")
  }

  @Test func noPictureSaysWhereOnThisMachineImagesLie() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let folder = tool.folder.path(ImageFiles.folder)
    let options = ["train", "mnist", "--data-dir", folder, "--max-steps", "1"]
    try tool.run(options + ["--run-dir", "run"]).expectSuccess()
    try tool.run(options + ["--sweep", "seed=1,2", "--run-dir", "s"]).expectSuccess()
    for (run, name) in RunPicture.ofDigits.map({ ("run", $0.fileName) }) + [("s", "spread.svg")] {
      let picture = try RunFiles(tool, run).picture(name)
      #expect(!picture.contains(folder) && picture.contains("(images)"), "\(name)")
    }
  }

  @Test("a curve that a checkpoint has kept goes on as if it had never been written")
  func curveGoesOn() throws {
    var curve = DownsampledCurve()
    for x in 0..<1203 { curve.add(Double(x), Double(x * x % 17)) }
    let data = try JSONEncoder().encode(curve)
    var read = try JSONDecoder().decode(DownsampledCurve.self, from: data)
    for x in 1203..<1300 {
      curve.add(Double(x), Double(x * x % 17))
      read.add(Double(x), Double(x * x % 17))
    }
    #expect(read.valuesPerPoint == curve.valuesPerPoint)
    let (found, expected) = (read.line(""), curve.line(""))
    #expect(found.points.map { [$0.x, $0.y] } == expected.points.map { [$0.x, $0.y] })
    #expect(found.spread == expected.spread)
    for damaged in [#"{"valuesPerPoint":1,"points":[1,2,2,2]}"#, #"{"valuesPerPoint":1,"points":[1,2,3,2,1]}"#] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(DownsampledCurve.self, from: Data(damaged.utf8))
      }
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
    var curves = RunCurves(remark: "Images: MNIST.")
    for step in 0..<100_000 { curves.add(loss: Float(step % 7) + 1, accuracy: 0.5, step: step) }
    let svg = curves.loss.svg
    #expect(svg.utf8.count < 100_000, "\(svg.utf8.count)")
    #expect(
      text(try MarkupElement.parse(svg)).contains(
        "Each point of training is the mean of 256 logged values, the band their range. Images: MNIST."))
  }
}
