import Foundation
import Recurrent
import TestSupport
import Testing

/// Training on digits that the program draws itself, by wish or for want of MNIST.
@Suite struct BuiltInDigitsTests {
  private static let options = ["--train-count", "300", "--epochs", "1", "--seed", "3", "--run-dir"]

  private func figures(_ result: Tool.Result) -> [String] {
    result.outputLines.filter { $0.hasPrefix("Loss on test set:") || $0.hasPrefix("Accuracy on test set:") }
  }

  @Test func plainTrainGoesOnWithoutMNIST() throws {
    let tool = try Tool()
    let result = try tool.run(["train"] + Self.options + ["run"])
    result.expectSuccess()
    let notices = result.errors.split(separator: "\n").map(String.init)
    #expect(
      notices.prefix(3) == [
        "MNIST is not available (RECURRENT_OFFLINE forbids downloading it): using built-in digits instead.",
        "These are drawn by this program and are not MNIST; results are not comparable.",
        "To use MNIST, put its four files into a folder and name it with --data-dir or MNIST_DIR.",
      ])
    #expect(
      notices[3] == "built-in digits (drawn by the program, seed 3): 300 training, 5,000 validation, 10,000 test images"
    )
    // Said on every surface: in the log, in the configuration, and beside the result.
    #expect(result.output.contains("The test set is built-in digits (drawn by the program, seed 3), not MNIST.\n"))
    let run = RunFiles(tool, "run")
    try run.expectWhole()
    #expect(run.names == RunFiles.whole)
    #expect(try run.configuration()["task"] as? String == "digits")
    #expect((try run.configuration()["data"] as? [String: Any])?["name"] as? String == "built-in digits")
    #expect(try tool.home.contents() == [])

    // The digits that a run was judged by are those of its seed.
    let evaluation = try tool.run("evaluate", "run")
    evaluation.expectSuccess()
    #expect(figures(evaluation) == figures(result))
    #expect(evaluation.output.contains("(drawn by the program, seed 3), not MNIST.\n"))
  }

  @Test func trainDigitsAsksForNoFiles() throws {
    // A folder that would be refused is not even looked at.
    let tool = try Tool(environment: ["MNIST_DIR": "nowhere"])
    let result = try tool.run(["train", "digits"] + Self.options + ["run"])
    result.expectSuccess()
    #expect(!result.errors.contains("MNIST"))
    #expect(try RunFiles(tool, "run").configuration()["task"] as? String == "digits")

    // A model that lies elsewhere knows of no seed.
    try FileManager.default.copyItem(
      atPath: tool.folder.path("run/model.safetensors"), toPath: tool.folder.path("copy"))
    let evaluation = try tool.run("evaluate", "copy", "--digits", "--seed", "3")
    evaluation.expectSuccess()
    #expect(figures(evaluation) == figures(result))
  }
}
