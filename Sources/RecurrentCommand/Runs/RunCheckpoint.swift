import Recurrent

/// Everything that a run needs to go on from a place between two steps.
struct RunCheckpoint<Training: Codable, Log: Codable>: Codable {
  /// Where training is.
  let training: Training
  /// What has been found so far.
  let log: Log
  /// The number of steps so far.
  let steps: Int
  /// The length of the metrics at this point.
  let metricsLength: Int
}

/// Writes the checkpoints of a run, and knows when the next one is due.
struct CheckpointWriter {
  private let folder: RunFolder
  private let interval: Duration
  private let clock = ContinuousClock()
  private var written: ContinuousClock.Instant

  /// A writer for the run in a folder, which begins now.
  init(_ folder: RunFolder, interval: Duration) {
    self.folder = folder
    self.interval = interval
    written = clock.now
  }

  /// Whether the last one is long enough ago.
  var isDue: Bool { clock.now - written >= interval }

  /// The time in which validations write one checkpoint at most: epochs may be over in milliseconds, and a file that is
  /// synchronized to the disk takes longer than that.
  private static let shortestInterval = Duration.seconds(1)

  /// Whether a checkpoint is to be written at a place where training can be left; always where it is left.
  func isDue(at pause: TrainingLoop.Pause) -> Bool {
    switch pause {
    case .stop: true
    case .step: isDue
    case .validation: clock.now - written >= min(interval, Self.shortestInterval)
    }
  }

  /// Writes a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint.
  ///   - best: the number of steps before the best validation, whose checkpoint is kept; nil if there was none.
  mutating func write<Training, Log>(
    _ checkpoint: RunCheckpoint<Training, Log>, best: Int? = nil
  ) throws(CommandFailure) {
    try folder.write(checkpoint: checkpoint, steps: checkpoint.steps, best: best)
    written = clock.now
  }
}
