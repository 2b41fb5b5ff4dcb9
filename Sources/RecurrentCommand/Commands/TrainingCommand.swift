import ArgumentParser
import Recurrent
import RecurrentSupport

/// A command that trains a network.
protocol TrainingCommand: AsyncParsableCommand, RecordableArguments {
  /// What all runs of a sweep train on.
  associatedtype Source: RunSource
  /// What a run makes before any data are read, so that it fails early.
  associatedtype Start

  var options: TrainOptions { get set }

  /// The command with all defaults filled in; those that depend on the data only if the source is given.
  func resolved(for source: Source?) -> Self
  /// Makes what does not depend on the data.
  func start() throws(CommandFailure) -> Start
  /// Reads the data, or says that they are made.
  func source() async throws(CommandFailure) -> Source
  /// Does a run; the command is resolved.
  func run(
    on source: Source, from start: Start, mode: RunMode, reporter: RunReporter
  ) throws(CommandFailure)
}

/// What runs train on.
protocol RunSource {
  /// The kind of a run on it.
  var kind: TaskKind { get }
  /// Its name, for a table.
  var name: String { get }
  /// Its name, for a picture, without folders since pictures are published.
  var nameInPictures: String { get }
  /// The name and the source of data that were read, as in `config.json`; nil for made data.
  var identity: (name: String, source: String)? { get }
}

extension TrainingCommand {
  /// Does the run, or all runs of a sweep.
  func train(_ mode: RunMode = .new) async throws(CommandFailure) {
    if !options.run.sweep.isEmpty {
      let sweep = try Sweep(self)
      return try sweep(on: try await source())
    }
    if mode == .new, let folder = options.run.runDir { try RunFolder.checkIsFree(folder) }
    let start = try start()
    let source = try await source()
    try resolved(for: source).run(on: source, from: start, mode: mode, reporter: RunReporter())
  }

  /// Goes on with the run, or the sweep, in a folder.
  func resume(_ folder: String, checkpoint: String?) async throws(CommandFailure) {
    if !options.run.sweep.isEmpty {
      if checkpoint != nil {
        throw CommandFailure("--checkpoint: found with a sweep, expected the folder of one of its runs", .usage)
      }
      return try await train()
    }
    if checkpoint == nil, RunResult.isComplete(folder) {
      Terminal.note("\(folder): the run is already complete")
      return
    }
    try await train(.resuming(folder: folder, checkpoint: checkpoint))
  }
}
