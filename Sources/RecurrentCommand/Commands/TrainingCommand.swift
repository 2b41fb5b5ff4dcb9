import ArgumentParser
import RecurrentData

/// A command that trains a network.
protocol TrainingCommand: AsyncParsableCommand, RecordableArguments {
  var options: TrainOptions { get set }

  /// Reads the images, or says that they are drawn.
  func images() async throws(CommandFailure) -> TrainingImages
}

extension TrainingCommand {
  /// Does the run, or all runs of a sweep.
  func train() async throws(CommandFailure) {
    if options.run.sweep.isEmpty {
      let run = try TrainingRun(self)
      try run(on: try await images())
    } else {
      let sweep = try Sweep(self)
      try sweep(on: try await images())
    }
  }

  /// The command with the defaults of all options filled in.
  var resolved: Self {
    var command = self
    command.options = options.resolved
    return command
  }
}

/// The images of a training run.
enum TrainingImages {
  /// Images that were read from files.
  case files(DigitData)
  /// The built-in digits, drawn for each run by its seed.
  case drawn

  /// The task of a run on these images.
  var task: TrainingTask {
    switch self {
    case .files: .mnist
    case .drawn: .digits
    }
  }

  /// The name of the images, for a table.
  var name: String { name { $0 } }

  /// The name of the images, for a picture.
  var nameInPictures: String { name(RunPicture.shortSource) }

  private func name(_ source: (String) -> String) -> String {
    switch self {
    case .files(let data):
      "\(data.name) (\(source(data.source)))"
        + (EvaluationReport.caveat(name: data.name, source: data.source) == nil ? "" : ", which are not MNIST")
    case .drawn: "built-in digits, which are not MNIST"
    }
  }

  /// The images of a run with the given options.
  func data(for training: TrainingOptions) throws(CommandFailure) -> DigitData {
    switch self {
    case .files(let data): data
    case .drawn: try training.builtInDigits()
    }
  }
}
