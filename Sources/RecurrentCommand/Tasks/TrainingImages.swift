import RecurrentData

/// The images of training runs.
enum TrainingImages: RunSource {
  /// Images that were read from files.
  case files(DigitData)
  /// The built-in digits, drawn for each run by its seed.
  case drawn

  /// The kind of a run on these images.
  var kind: TaskKind {
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

  /// The name and the source of data that were read, as in `config.json`; nil for made data.
  var identity: (name: String, source: String)? {
    if case .files(let data) = self { return (data.name, data.source) }
    return nil
  }

  /// The images of a run with the given options.
  func data(for options: ImageOptions, seed: UInt64) throws(CommandFailure) -> DigitData {
    switch self {
    case .files(let data): data
    case .drawn: try options.builtInDigits(seed: seed)
    }
  }
}
