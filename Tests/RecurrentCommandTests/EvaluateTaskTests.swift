import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// `evaluate --task`: networks on tasks that make their own data.
@Suite struct EvaluateTaskTests {
  @Test("evaluate --task repeats what training reported, and measures other lengths")
  func evaluation() throws {
    let tool = try Tool()
    let training = try tool.run(TrainTaskTests.parity + ["--seed", "2", "--run-dir", "run"])
    training.expectSuccess()
    let reported = Array(training.outputLines.drop { !$0.hasPrefix("length   ") }.prefix(4))
    let result = try tool.run("evaluate", "run", "--task", "--threads", "1")
    result.expectSuccess()
    #expect(Array(result.outputLines.dropLast()) == reported)
    #expect(result.errors == "the task parity: 50 sequences of each length\n")

    // Away from its run, the file alone says which task it is.
    try FileManager.default.copyItem(
      atPath: tool.folder.path("run/model.safetensors"), toPath: tool.folder.path("m"))
    let other = try tool.run("evaluate", "m", "--task", "--length", "3", "1000", "--sequences", "7", "--seed", "5")
    other.expectSuccess()
    let expected = try LengthAccuracy(
      of: RunFiles(tool, "run").network(), on: .parity, lengths: [3, 1000], count: 7,
      seed: TaskTraining(.parity, recipe: TaskRecipe(for: .parity), seed: 5).testSeed)
    for (line, score) in zip(other.outputLines.dropFirst(), expected.scores) {
      #expect(line.hasSuffix("   \(score.correctSequences) of 7"))
    }
    #expect(other.outputLines[1].contains("   3 ") && other.outputLines[2].contains("1,000 "))
  }

  @Test(
    "evaluate --task refuses what it cannot measure",
    arguments: [
      ("m --task", 65, "m: found no task (recurrent.task) in the file's metadata, expected one"),
      ("none --task", 66, "none: found no such file"),
      ("m --length 3", 64, "--length: found without --task, expected both"),
      ("m --sequences 3", 64, "--sequences: found without --task, expected both"),
      ("m --task --digits", 64, "--task: found with --digits, expected one of them"),
      ("m --task --text x", 64, "--task: found with --text, expected one of them"),
      ("other --task", 65, "other: found the task 'juggling' in the file's metadata"),
      ("wrong --task", 65, "wrong: found a network of "),
      ("right --task --length 1 2", 64, "--length: found 1, expected at least 3 steps, which the task copy needs"),
    ])
  func evaluationRefusals(_ arguments: String, _ status: Int32, _ sentence: String) throws {
    let tool = try Tool()
    try Models.small().save(to: tool.folder.path("m"))
    let copy = SequenceModel(SequenceTask.copy.configuration(layers: .elman(3)))
    let models = [("other", "juggling", copy), ("wrong", "copy", Models.small()), ("right", "copy", copy)]
    for (name, task, network) in models {
      var file = network.safeTensors
      file.metadata["recurrent.task"] = task
      try file.write(to: tool.folder.path(name))
    }
    try tool.run(["evaluate"] + arguments.split(separator: " ").map(String.init)).expectFailure(status, sentence)
  }
}
