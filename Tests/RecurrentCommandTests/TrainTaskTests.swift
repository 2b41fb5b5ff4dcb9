import ArgumentParser
import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

@testable import RecurrentCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `train task`: tasks that make their own data.
@Suite struct TrainTaskTests {
  /// Parity on at most 16 steps, which a small network learns within a second, whatever the seed.
  static let parity = [
    "train", "task", "parity", "--hidden-size", "16", "--learning-rate", "0.01", "--longest-length", "16",
    "--check-every", "20", "--consolidation-steps", "200", "--proving-length", "60", "--test-length", "16", "100",
    "--test-sequences", "50",
  ]
  /// A task that is not solved within so few steps, so that a run can be stopped in its middle.
  private static let unsolved = [
    "train", "task", "s5", "--cell", "elman", "--hidden-size", "24", "--check-every", "5", "--max-steps", "300",
    "--log-every", "1", "--test-length", "10", "20", "--test-sequences", "30", "--dropout", "0.1",
  ]

  private static let whole = [
    "accuracy-by-length.svg", "accuracy.svg", "checkpoints", "config.json", "lengths.svg", "loss.svg", "metrics.jsonl",
    "model.safetensors", "report.html",
  ]

  @Test("a task learns by Adam: to ask for it is no fault, to ask for another rule is")
  func optimizer() throws {
    #expect(throws: Never.self) { try TrainTask.parse(["parity", "--optimizer", "adam"]) }
    #expect(throws: (any Error).self) { try TrainTask.parse(["parity", "--optimizer", "adamw"]) }
  }

  @Test("a run ends with a solved task, the accuracy at each length, and pictures of both")
  func wholeRun() throws {
    let tool = try Tool()
    let result = try tool.run(Self.parity + ["--run-dir", "run"])
    result.expectSuccess()
    let run = RunFiles(tool, "run")
    #expect(run.names == Self.whole)
    #expect(try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("run/checkpoints")).count <= 2)

    // Lengths grow from 4 to 16, then sequences of 60 steps prove the rule.
    let checks = try run.events("check")
    let lengths = try checks.map { try #require($0["length"] as? Int) }
    #expect(lengths.first == 4 && lengths.contains(16) && lengths.last == 60 && lengths == lengths.sorted())
    #expect(checks.last?["accuracy"] as? Double == 1)
    let steps = try #require(checks.last?["steps"] as? Int)
    #expect(result.output.contains("mastered: lengths grow to 8\n"))
    #expect(result.output.contains("mastered: from now on the learning rate falls\n"))
    #expect(
      result.output.contains(
        "Solved after \(steps.grouped) steps: all predictions are correct on 2,048 fresh sequences of 60 steps.\n"))

    // What is said is what the library finds.
    let course = try TaskTraining(.parity, recipe: TaskRecipe(for: .parity))
    let expected = try LengthAccuracy(
      of: run.network(), on: .parity, lengths: [16, 100], count: 50, seed: course.testSeed)
    let found = try #require(run.events("lengths").first?["accuracies"] as? [[String: Any]])
    #expect(found.map { $0["length"] as? Int } == [16, 100])
    #expect(found.map { $0["accuracy"] as? Double } == expected.scores.map(\.accuracy))
    #expect(found.map { $0["sequenceAccuracy"] as? Double } == expected.scores.map(\.sequenceAccuracy))
    #expect(found.allSatisfy { $0["count"] as? Int == 50 })
    let test = try #require(run.events("test").first)
    #expect(run.metricsLines.last?.hasPrefix("{\"event\":\"test\"") == true, "it is the last line")
    #expect(test["correct"] as? Int == expected.scores[1].correctTargets && test["count"] as? Int == 50 * 100)
    let loss = try #require(test["loss"] as? Double)
    #expect(abs(loss - expected.scores[1].evaluation.loss) < 1e-9)
    #expect(run.count("epoch") == 1)
    #expect(result.outputLines.contains { $0.hasPrefix("length   accuracy") })
    #expect(result.outputLines.contains { $0.hasPrefix("    16   100.00 %       800 of 800") })

    let picture = try MarkupElement.parse(run.picture("accuracy-by-length.svg"))
    let curves = picture.all(with: "data-y")
    #expect(curves.map { $0.attributes["data-name"] } == ["accuracy", "whole sequences", "a guess"])
    #expect(curves[0].numbers("data-x") == [16, 100])
    #expect(curves[0].numbers("data-y") == expected.scores.map(\.accuracy))
    #expect(curves[2].numbers("data-y") == [0.5, 0.5])
    let growth = try #require(MarkupElement.parse(run.picture("lengths.svg")).all(with: "data-y").first)
    #expect(growth.numbers("data-y") == [4, 4, 8, 8, 16, 16])
    #expect(growth.numbers("data-x")?.last == Double(steps - 1))
  }

  @Test("another number of threads, and a repetition by --config, lead to the same bytes")
  func repetition() throws {
    let tool = try Tool()
    try tool.run(Self.unsolved + ["--threads", "1", "--run-dir", "one"]).expectSuccess()
    try tool.run(Self.unsolved + ["--threads", "2", "--run-dir", "two"]).expectSuccess()
    try tool.run("train", "--config", "one", "--run-dir", "again").expectSuccess()
    let one = RunFiles(tool, "one")
    for other in [RunFiles(tool, "two"), RunFiles(tool, "again")] {
      #expect(other.model != nil && other.model == one.model && other.metricsWithoutTimes == one.metricsWithoutTimes)
    }
    // The typed name of a task takes precedence.
    try tool.run("train", "task", "parity", "--config", "one", "--max-steps", "1", "--run-dir", "other")
      .expectSuccess()
    let options = try #require(RunFiles(tool, "other").configuration()["options"] as? [String: Any])
    #expect(options["task"] as? String == "parity" && options["hidden-size"] as? Int == 24)
  }

  @Test(
    "a run that was stopped or killed goes on to the bytes of an unbroken one",
    arguments: [(SIGKILL, "nothing can be done"), (SIGINT, "Ctrl-C"), (SIGTERM, "what service managers send")])
  func resumption(_ signal: Int32, _ reason: String) throws {
    let tool = try Tool()
    try tool.run(Self.unsolved + ["--run-dir", "whole"]).expectSuccess()
    let (whole, broken) = (RunFiles(tool, "whole"), RunFiles(tool, "broken"))
    let process = try tool.start(Self.unsolved + ["--checkpoint-every", "0s", "--threads", "1", "--run-dir", "broken"])
    #expect(process.wait { broken.count("check") >= 3 })
    process.send(signal)
    let result = process.wait()
    #expect(broken.count("test") == 0, "it was stopped before its end")
    if signal == SIGKILL {
      #expect(result.signal == SIGKILL)
    } else {
      result.expectFailure(
        130, "stopped before the end: no length was mastered, so there is no model; 'recurrent resume broken' goes on")
      #expect(broken.names.contains("loss.svg") && broken.names.contains("lengths.svg"), "the curves so far are drawn")
    }
    let resumed = try tool.run("resume", "broken", "--threads", "2")
    resumed.expectSuccess()
    #expect(resumed.errors.contains("going on after "))
    #expect(broken.model != nil && broken.model == whole.model)
    #expect(broken.metricsWithoutTimes == whole.metricsWithoutTimes)
    #expect(broken.names == Self.whole)
    for name in ["lengths.svg", "loss.svg", "accuracy.svg", "accuracy-by-length.svg"] {
      #expect(try broken.picture(name) == whole.picture(name), "\(name)")
    }
    let again = try tool.run("resume", "broken")
    again.expectSuccess()
    #expect(again.errors == "broken: the run is already complete\n")
  }

  @Test("the checkpoint of another training is refused")
  func otherCheckpoint() throws {
    let tool = try Tool()
    for (seed, folder) in [("0", "a"), ("1", "b")] {
      try tool.run(Self.unsolved + ["--seed", seed, "--max-steps", "5", "--run-dir", folder]).expectSuccess()
    }
    // Without its report a run is not complete.
    try FileManager.default.removeItem(atPath: tool.folder.path("b/report.html"))
    let names = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("a/checkpoints"))
    let checkpoint = "a/checkpoints/" + (try #require(names.first))
    try tool.run("resume", "b", "--checkpoint", checkpoint).expectFailure(
      65, "b/checkpoints: found a checkpoint of another training (s5, seed 0), expected one of this run (s5, seed 1")
  }

  @Test("with --max-minutes the clock ends training; the steps it came to are recorded, and repeated")
  func minutes() throws {
    let tool = try Tool()
    let arguments = [
      "train", "task", "s5", "--hidden-size", "8", "--test-length", "10", "--test-sequences", "5",
    ]
    let result = try tool.run(arguments + ["--max-minutes", "0.02", "--run-dir", "run"])
    result.expectSuccess()
    let run = RunFiles(tool, "run")
    let limit = try #require(run.configuration()["stepLimit"] as? Int)
    #expect(try run.events("epoch").first?["steps"] as? Int == limit)
    #expect(result.output.contains("Ended after \(limit.grouped) steps, when the time was over: length "))
    // The time of training, with its looks at fresh sequences.
    let line = try #require(result.outputLines.first { $0.hasPrefix("Trained on ") })
    let number: Substring? = line.components(separatedBy: " in ").last?.split(separator: " ").first
    let seconds: Double? = number.flatMap { Double($0) }
    #expect(try #require(seconds) >= 1.2)

    try tool.run("train", "--config", "run", "--run-dir", "again").expectSuccess()
    #expect(RunFiles(tool, "again").model == run.model)

    // A run that was killed in its test.
    let model = run.model
    try FileManager.default.removeItem(atPath: tool.folder.path("run/report.html"))
    try tool.run("resume", "run").expectSuccess()
    #expect(run.model == model)
    #expect(try run.configuration()["stepLimit"] as? Int == limit)
  }

  @Test("steps may be used up before time is")
  func stepsBeforeMinutes() throws {
    let tool = try Tool()
    let run = RunFiles(tool, "run")
    let result = try tool.run(Self.unsolved + ["--max-minutes", "10", "--max-steps", "7", "--run-dir", "run"])
    result.expectSuccess()
    #expect(result.output.contains("Ended after 7 steps, as many as are allowed: length "))
    #expect(try run.configuration()["stepLimit"] == nil)
  }

  @Test("seeds and cells can be swept")
  func sweep() throws {
    let tool = try Tool()
    let result = try tool.run(
      Self.parity + ["--max-steps", "30", "--run-dir", "s"]
        + ["--sweep", "seed=0,1", "--sweep", "cell=elman,gru-reset-before,indrnn"])
    result.expectSuccess()
    for cell in ["elman", "gru-reset-before", "indrnn"] {
      #expect(result.outputLines.contains { $0.hasPrefix("| \(cell) ") }, "\(cell)")
      for seed in [0, 1] {
        let run = RunFiles(tool, "s/cell=\(cell),seed=\(seed)")
        #expect(run.names == Self.whole && run.count("test") == 1)
      }
    }
    #expect(result.output.contains("on the task parity."))
    // A run of the sweep is the ordinary run with those options, and is not done again.
    try tool.run(Self.parity + ["--max-steps", "30", "--cell", "elman", "--seed", "1", "--run-dir", "alone"])
      .expectSuccess()
    #expect(RunFiles(tool, "alone").model == RunFiles(tool, "s/cell=elman,seed=1").model)
    let again = try tool.run("resume", "s")
    again.expectSuccess()
    #expect(again.errors.contains("6 runs, 6 of them already complete"))
  }

  @Test("adding predicts values: no accuracy of batches, but their squared error")
  func values() throws {
    let tool = try Tool()
    let result = try tool.run(
      "train", "task", "adding", "--hidden-size", "8", "--max-steps", "60", "--test-length", "20", "--test-sequences",
      "40", "--run-dir", "run")
    result.expectSuccess()
    let run = RunFiles(tool, "run")
    #expect(run.names == Self.whole.filter { $0 != "accuracy.svg" })
    let score = try LengthAccuracy(
      of: run.network(), on: .adding, lengths: [20], count: 40,
      seed: TaskTraining(.adding, recipe: TaskRecipe(for: .adding)).testSeed
    ).scores[0]
    let loss = try #require(run.events("test").first?["loss"] as? Double)
    #expect(abs(loss - score.meanSquaredError) < 1e-7)
    #expect(result.outputLines.contains { $0.hasSuffix("whole sequences correct   mean squared error") })
    #expect(!result.output.contains("  Accuracy: "))
    let curves = try MarkupElement.parse(run.picture("accuracy-by-length.svg")).all(with: "data-y")
    #expect(curves.map { $0.attributes["data-name"] } == ["accuracy", "a guess"])
  }

  @Test(
    "every cell learns from every task without a fault",
    arguments: ["parity", "mod5", "s3", "s5", "dyck", "flipflop", "copy", "adding"],
    ["lstm", "gru", "gru-reset-before", "mgu", "mgu-reset-after", "indrnn", "elman"])
  func cells(task: String, cell: String) throws {
    let tool = try Tool()
    try tool.run(
      "train", "task", task, "--cell", cell, "--hidden-size", "4", "--max-steps", "3", "--test-length", "9",
      "--test-sequences", "3", "--run-dir", "run"
    ).expectSuccess()
    #expect(RunFiles(tool, "run").count("test") == 1)
  }

  @Test(
    "what a task cannot use is refused in one line",
    arguments: [
      ("parity --epochs 3", "--epochs: found with a task, which trains with Adam on lengths that grow"),
      ("parity --epochs 3", "--max-steps limits it"),
      ("parity --validation-every 3", "--check-every says when it looks at its accuracy"),
      ("parity --early-stopping 3", "--early-stopping: found with a task"),
      ("parity --average-decay 0.9", "--average-decay: found with a task"),
      ("parity --label-smoothing 0.1", "--label-smoothing: found with a task"),
      ("parity --accumulate 2", "--accumulate: found with a task"),
      ("parity --clip-value 1", "--clip-value: found with a task"),
      ("parity --optimizer sgd", "--optimizer: found with a task"),
      ("parity --weight-decay 0.1", "--weight-decay: found with a task"),
      ("parity --schedule cosine", "--schedule: found with a task"),
      ("partiy", "expected parity, mod5, s3, s5, dyck, flipflop, copy or adding; did you mean 'parity'?"),
      ("digits", "The value 'digits' is invalid for '<task>'"),
      ("", "Missing expected argument '<task>'"),
      ("copy --longest-length 2", "--longest-length: found 2, expected at least 3 steps, which the task copy needs"),
      ("copy --test-length 40 2", "--test-length: found 2, expected at least 3 steps, which the task copy needs"),
      ("adding --proving-length 1", "--proving-length: found 1, expected at least 2 steps"),
      ("parity --test-length 0", "expected a whole number from 1 to 1000000"),
      ("parity --test-length 1000001", "expected a whole number from 1 to 1000000"),
      ("parity --mastery 1", "The value '1' is invalid for '--mastery <share>'"),
      ("parity --cell indrnn --weight-drop 0.1", "--weight-drop: found with --cell indrnn"),
    ])
  func refusals(_ arguments: String, _ sentence: String) throws {
    let tool = try Tool()
    let words = arguments.split(separator: " ").map(String.init)
    try tool.run(["train", "task"] + words).expectFailure(64, sentence)
    #expect(try tool.folder.contents() == [], "nothing is left behind")
  }

  @Test("a run starts from a model of its task, and refuses one of another")
  func start() throws {
    let tool = try Tool()
    try tool.run(Self.unsolved + ["--max-steps", "5", "--run-dir", "a"]).expectSuccess()
    try tool.run(
      "train", "task", "s5", "--from", "a", "--dropout", "0.1", "--recurrent-dropout", "0.05", "--max-steps", "5",
      "--test-length", "9", "--test-sequences", "3", "--run-dir", "b"
    ).expectSuccess()
    #expect(try RunFiles(tool, "b").network().configuration == RunFiles(tool, "a").network().configuration)
    try tool.run("train", "task", "s3", "--from", "a").expectFailure(65, "a: found a network of ", "the task s3")
  }
}
