import ArgumentParser
import RecurrentData

/// A command that trains a network.
protocol TrainingCommand: AsyncParsableCommand {
  var options: TrainOptions { get set }

  /// Finds out what there is to learn from.
  func images() async throws(CommandFailure) -> TrainingImages
}

extension TrainingCommand {
  /// Does what the command is for.
  func train() async throws(CommandFailure) {
    if options.output.sweep.isEmpty {
      let run = try TrainingRun(self)
      try run(on: try await images())
    } else {
      let sweep = try Sweep(self)
      try sweep(on: try await images())
    }
  }

  /// The command with everything said that decides the result, whether or not it was asked for.
  var resolved: Self {
    var command = self
    command.options = options.resolved
    return command
  }
}

/// What there is to learn from.
enum TrainingImages {
  /// Images that were read from files.
  case files(DigitData)
  /// The built-in digits, drawn for each run by its seed.
  case drawn

  /// What a run on these images learns.
  var task: TrainingTask {
    switch self {
    case .files: .mnist
    case .drawn: .digits
    }
  }

  /// What the images are, for a table.
  var name: String { name { $0 } }

  /// What the images are, for a picture.
  var nameInPictures: String { name(RunPicture.place) }

  private func name(_ place: (String) -> String) -> String {
    switch self {
    case .files(let data):
      "\(data.name) (\(place(data.source)))"
        + (EvaluationReport.caveat(name: data.name, source: data.source) == nil ? "" : ", which are not MNIST")
    case .drawn: "built-in digits, which are not MNIST"
    }
  }

  /// The images of a run with these options.
  func data(for training: TrainingOptions) throws(CommandFailure) -> DigitData {
    switch self {
    case .files(let data): data
    case .drawn: try training.builtInDigits()
    }
  }
}
