import Foundation
import Recurrent
import TestSupport
import Testing

@Suite struct EvaluateTests {
  /// The two lines that tell a result.
  private func figures(_ result: Tool.Result) -> [String] {
    result.outputLines.filter { $0.hasPrefix("Loss on test set:") || $0.hasPrefix("Accuracy on test set:") }
  }

  @Test(arguments: ["lstm", "gru", "elman"]) func agreesWithWhatTrainingReported(cell: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let training = try tool.run(
      "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--epochs", "2", "--cell", cell)
    training.expectSuccess()
    let reported = figures(training)
    #expect(reported.count == 2)
    try FileManager.default.copyItem(
      atPath: tool.folder.path("run/model.safetensors"), toPath: tool.folder.path("copy"))

    // A run's model is tried on the images of its run, and any model on those that are named.
    for arguments in [
      ["run"], ["run/"], ["run/model.safetensors"], ["run", "--data-dir", ImageFiles.folder],
      ["run", "--threads", "1"],
      ["copy", "--data-dir", ImageFiles.folder], ["copy", "--data-dir", ImageFiles.folder, "--threads", "3"],
    ] {
      let result = try tool.run(["evaluate"] + arguments)
      result.expectSuccess()
      #expect(figures(result) == reported, "\(arguments)")
      #expect(result.outputLines.count == 3, "two lines and no more")
    }

    // And all that agrees with the library.
    let expected = try RunFiles(tool, "run").network().evaluate(on: ImageFiles.test)
    let event = try #require(try RunFiles(tool, "run").events("test").first)
    // The loss has all digits in the file; Foundation's JSON reader may miss by one unit in the last place.
    let loss = try #require(event["loss"] as? Double)
    #expect((loss - expected.loss).magnitude <= 2 * expected.loss.ulp)
    #expect(event["accuracy"] as? Double == expected.accuracy)
    #expect(event["correct"] as? Int == expected.correct)
    #expect(event["count"] as? Int == ImageFiles.testCount)
    #expect(reported[1].contains("(\(expected.correct) of 50; 95 % interval "))
  }

  @Test func imagesOfTheRunThatAreGone() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run("train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--max-steps", "1")
      .expectSuccess()
    try FileManager.default.moveItem(atPath: tool.folder.path(ImageFiles.folder), toPath: tool.folder.path("moved"))
    // Digits would do to train on, but say nothing about a model that has learned from something else.
    try tool.run("evaluate", "run").expectFailure(66, "MNIST was found in none of", "--data-dir")
    try tool.run("evaluate", "run", "--data-dir", "moved").expectSuccess()
  }

  @Test func whatIsPrinted() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    // Weights of zero make all classes alike: the first one is named, of which there are five images.
    var file = Models.notebook().safeTensors
    for (name, tensor) in file.tensors { file.tensors[name] = Tensor(zeros: tensor.shape) }
    try file.write(to: tool.folder.path("m"))
    let result = try tool.run("evaluate", "m", "--data-dir", ImageFiles.folder)
    result.expectSuccess()
    #expect(
      result.output == """
        Loss on test set:  2.30259
        Accuracy on test set:  0.1  (5 of 50; 95 % interval 4.35 … 21.36 %)

        """)
    #expect(result.errors == "test images (images): 50\n")
  }

  @Test func needsNoTrainingImages() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
      try FileManager.default.removeItem(atPath: tool.folder.path("\(ImageFiles.folder)/\(name)"))
    }
    try Models.notebook().save(to: tool.folder.path("m"))
    try tool.run("evaluate", "m", "--data-dir", ImageFiles.folder).expectSuccess()
  }
}
