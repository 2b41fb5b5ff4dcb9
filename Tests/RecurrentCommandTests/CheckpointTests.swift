import ArgumentParser
import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentCommand

/// When checkpoints are written, and which are kept.
@Suite struct CheckpointTests {
  private struct Value: Codable, Equatable {
    let number: Int
  }

  @Test("the newest two and the best are kept; those of a course that was given up are not")
  func kept() throws {
    let folder = try TemporaryDirectory()
    let store = CheckpointStore(run: folder.path)
    for steps in [10, 20, 30, 40] { try store.write(Value(number: steps), steps: steps, best: steps < 20 ? nil : 20) }
    #expect(store.steps == [20, 30, 40])
    #expect(try store.read(Value.self, file: nil) == Value(number: 40))
    // A run that went on from step 20 comes to another step 25.
    try store.write(Value(number: 25), steps: 25, best: nil)
    #expect(store.steps == [20, 25])
    store.removeAll()
    #expect(try folder.contents() == [])
  }

  @Test(
    "validations write one a second at most, steps one per interval, and a stop always",
    arguments: [
      (TrainingLoop.Pause.step, Duration.seconds(60), false), (.validation, .seconds(60), false),
      (.stop, .seconds(60), true), (.step, .zero, true), (.validation, .zero, true),
    ])
  func due(at pause: TrainingLoop.Pause, interval: Duration, isDue: Bool) throws {
    let folder = try TemporaryDirectory()
    let options = RecordedOptions(of: try ImageOptions.parse([]))
    let run = try RunFolder(folder.path("run"), name: "x") { _ in
      RunConfiguration(
        version: "1", task: "digits",
        data: .init(name: "x", source: "x", trainingCount: 1, validationCount: 0, testCount: 1), network: nil,
        parameterCount: 1, options: options, threads: 1, instructionSet: "avx2")
    }
    #expect(CheckpointWriter(run, interval: interval).isDue(at: pause) == isDue)
  }

  @Test("the end of a training has a checkpoint, however short it was, and short epochs have no more than that")
  func shortEpochs() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    // Each epoch is over in a few milliseconds.
    try tool.run(
      "train", "mnist", "--data-dir", ImageFiles.folder, "--layers", "1", "--hidden-size", "4", "--epochs", "4",
      "--run-dir", "run"
    ).expectSuccess()
    let names = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("run/checkpoints"))
    #expect(names.count == 1)
  }
}
