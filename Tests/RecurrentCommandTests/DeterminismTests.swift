import Foundation
import Recurrent
import TestSupport
import Testing

/// The same seed, the same bits, on however many threads.
@Suite struct DeterminismTests {
  @Test(arguments: [
    (["--cell", "lstm"], "the notebook's network, its last batch smaller than the others"),
    (["--cell", "elman", "--hidden-size", "7", "--layers", "2", "--batch-size", "33"], "sizes that fill no vector"),
    (["--augment", "--hidden-size", "9", "--layers", "1"], "images that are changed by all threads"),
    (["--hidden-size", "70", "--layers", "1", "--batch-size", "330"], "one batch of all images"),
  ])
  func threadsChangeNothing(_ options: [String], _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    for threads in 1...3 {
      let arguments = [
        "train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "2", "--seed", "4", "--log-every", "1",
        "--run-dir", "run\(threads)", "--threads", "\(threads)",
      ]
      try tool.run(arguments + options).expectSuccess()
    }
    let runs = (1...3).map { RunFiles(tool, "run\($0)") }
    let model = try #require(runs[0].model)
    #expect(runs[1].model == model, "byte for byte")
    #expect(runs[2].model == model, "byte for byte")
    #expect(runs[0].count("step") > 0 && runs[0].count("epoch") == 2 && runs[0].count("test") == 1)
    #expect(runs[1].metricsWithoutTimes == runs[0].metricsWithoutTimes)
    #expect(runs[2].metricsWithoutTimes == runs[0].metricsWithoutTimes)
    #expect(runs[0].metricsWithoutTimes.allSatisfy { !$0.contains("milliseconds") })
    for name in RunFiles.whole where name.hasSuffix(".svg") {
      #expect(try runs[1].picture(name) == runs[0].picture(name) && runs[2].picture(name) == runs[0].picture(name))
    }
    #expect(try runs.map { try $0.configuration()["threads"] as? Int } == [1, 2, 3], "they are taken at their word")
  }

  @Test("a network that remembers the states of some steps is the one that remembers all")
  func remembering() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let arguments = [
      "train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "1", "--dropout", "0.2", "--run-dir",
    ]
    try tool.run(arguments + ["all"]).expectSuccess()
    try tool.run(arguments + ["some", "--remember", "5"]).expectSuccess()
    #expect(RunFiles(tool, "some").metricsWithoutTimes == RunFiles(tool, "all").metricsWithoutTimes)
    #expect(try RunFiles(tool, "some").network().parameters == RunFiles(tool, "all").network().parameters)
    try tool.run(arguments + ["none", "--remember", "5", "--bidirectional"])
      .expectFailure(64, "--remember: found with a network that reads in reverse, expected one that reads forward only")
  }

  @Test func seedsDiffer() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    for (name, seed) in [("a", "4"), ("b", "4"), ("c", "5")] {
      try tool.run(
        "train", "mnist", "--data-dir", ImageFiles.folder, "--seed", seed, "--epochs", "1", "--run-dir", name
      )
      .expectSuccess()
    }
    #expect(RunFiles(tool, "a").model == RunFiles(tool, "b").model)
    #expect(RunFiles(tool, "a").model != RunFiles(tool, "c").model)
    #expect(RunFiles(tool, "a").metricsWithoutTimes == RunFiles(tool, "b").metricsWithoutTimes)
  }
}
