import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Images read pixel by pixel: a model knows by its run how it reads.
@Suite struct PixelTests {
  private static let orders: [(options: [String], order: PixelOrder)] = [
    (["--pixels"], .pixels), (["--permute", "92"], .permuted(seed: 92)),
  ]

  private func figures(_ result: Tool.Result) -> [String] { result.outputLines.filter { $0.contains("on test set:") } }

  @Test(arguments: [0, 1])
  func evaluateReadsAsTheRunDid(_ index: Int) throws {
    let (options, order) = Self.orders[index]
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let training = try tool.run(
      [
        "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--layers", "1", "--max-steps", "1",
      ] + options)
    training.expectSuccess()
    #expect(training.errors.contains("50 test images, read pixel by pixel"))
    let network = try RunFiles(tool, "run").network()
    let expected = try network.evaluate(on: order(ImageFiles.test))
    #expect(try network.evaluate(on: PixelOrder.permuted(seed: 1)(ImageFiles.test)) != expected)
    // As text: not all readers of JSON keep the last digit.
    #expect(RunFiles(tool, "run").metricsLines.last?.contains("\"loss\":\(expected.loss),") == true)
    let evaluation = try tool.run("evaluate", "run")
    #expect(figures(evaluation) == figures(training) && figures(evaluation).count == 2)
    #expect(evaluation.errors.contains(": 50, read pixel by pixel"))
    #expect(figures(try tool.run("evaluate", "run", "--permute", "1")) != figures(training), "what is asked for wins")

    // Away from its run a model has to be told.
    try FileManager.default.copyItem(
      atPath: tool.folder.path("run/model.safetensors"), toPath: tool.folder.path("copy"))
    try tool.run("evaluate", "copy", "--data-dir", ImageFiles.folder).expectFailure(
      65, "copy: found a model that reads 1 feature per time step, expected 28 as in the images",
      "--pixels or --permute")
    let copy = try tool.run(["evaluate", "copy", "--data-dir", ImageFiles.folder] + options)
    #expect(figures(copy) == figures(training))
  }

  @Test(arguments: [0, 1])
  func beliefsBesideTheImageAsItIs(_ index: Int) throws {
    let (options, order) = Self.orders[index]
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let network = Models.small(inputSize: 1)
    try network.save(to: tool.folder.path("m"))
    try Models.small().save(to: tool.folder.path("rows"))
    let pixels = try tool.run(["predict", "m", "--data-dir", ImageFiles.folder, "--index", "4"] + options)
    let rows = try tool.run("predict", "rows", "--data-dir", ImageFiles.folder, "--index", "4")
    pixels.expectSuccess()
    for line in pixels.outputLines { #expect(line.count <= 80, "\(line)") }
    func pictures(_ result: Tool.Result) -> [Substring] {
      result.outputLines.compactMap { $0.contains("│") ? $0.prefix(57) : nil }
    }
    #expect(pictures(pixels) == pictures(rows) && pictures(rows).count == 28, "the image is shown as it is")
    let beliefs = try network.probabilitiesOverTime(for: order(ImageFiles.test).batch([4]))
    let shown = pixels.outputLines.filter { $0.contains("│") }.compactMap { Double($0.suffix(5)) }
    for row in 0..<28 {
      let all = (0..<10).map { beliefs[0, (row + 1) * 28 - 1, $0] }
      #expect(abs(shown[row] - Double(all.max() ?? 0)) <= 0.00051, "row \(row)")
    }
    #expect(
      pixels.outputLines[1]
        == (index == 0
          ? "Read pixel by pixel: beside each row, the probability after its last pixel."
          : "Read in the random order of seed 92: the probability after every 28 pixels."))
  }
}
