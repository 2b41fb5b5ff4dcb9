import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The time series of `predict`, and where their predictions go.
struct PredictedSeries: ParsableArguments {
  /// The forms of the output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv, jsonl
  }

  @Argument(
    help: ArgumentHelp("File of time series, for a model of 'train series'.", valueName: "file"), completion: .file(),
    transform: OptionValue.path)
  var file: String?

  @Option(help: ArgumentHelp("Form of predictions of series: CSV, or a JSON object per line.", valueName: "form"))
  var format: Format = .csv

  @Option(
    help: ArgumentHelp("File for predictions of series; by default standard output.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var output: String?

  @Flag(
    help: "With a model that forecasts: for each step of the series, how far it is from its forecast, in deviations.")
  var anomalies = false

  @Option(help: ArgumentHelp("Column of the series' names; by default that of the training data.", valueName: "column"))
  var id: String?

  @Option(help: ArgumentHelp("Column of time; by default that of the training data.", valueName: "column"))
  var time: String?

  func validate() throws {
    if file != nil { return }
    let given = [
      (format != .csv, "--format"), (output != nil, "--output"), (anomalies, "--anomalies"), (id != nil, "--id"),
      (time != nil, "--time"),
    ].first(where: \.0)?.1
    if let given { throw ValidationError("\(given): found without a file of time series, expected both") }
  }

  /// Throws if one of the options for images is given; each is named with whether it is.
  func check(images options: [(isGiven: Bool, name: String)]) throws {
    if let (_, name) = options.first(where: \.isGiven) {
      throw ValidationError("\(name): found with a file of time series, expected one of them")
    }
  }

  /// Writes the predictions of a model for the series of a file.
  func predict(_ file: String, model path: String) throws(CommandFailure) {
    let model = try SeriesModel(path)
    var roles = SeriesColumnOptions.none
    (roles.id, roles.time) = (id, time)
    let data = try model.read(file, roles, needsTargets: false)
    data.notices.forEach { Terminal.note("\(data.source): \($0)") }
    let predictions: SeriesPredictions
    do throws(SeriesError) {
      let filling = try model.preparation.filling(of: data)
      if filling.count > 0 { Terminal.note("\(data.source): \(filling)") }
      predictions =
        try anomalies
        ? model.preparation.anomalies(in: data, by: model.network)
        : model.preparation.predictions(of: data, by: model.network)
    } catch { throw CommandFailure(error) }
    let text = PredictedText(predictions)
    let lines = format == .csv ? text.csv : text.json
    let whole = lines.map { $0 + "\n" }.joined()
    guard let output else { return Terminal.writeText(whole) }
    // Nothing tells predictions from the data of users, such as those that were just read.
    try NamedFile(path: output, option: "--output", content: "predictions").writeNew(Array(whole.utf8))
    Terminal.note("\(quantity(predictions.places.count, "prediction")) in \(output)")
  }
}

/// Predictions of series as text.
struct PredictedText {
  private let predictions: SeriesPredictions

  init(_ predictions: SeriesPredictions) { self.predictions = predictions }

  private var hasSteps: Bool { predictions.places.contains { $0.step != nil } }

  /// A header, and a line for each row; cells without a value are empty.
  var csv: [String] {
    let isClass = predictions.kind == .probabilities
    let header = ["id"] + (hasSteps ? ["step"] : []) + (isClass ? ["class"] : []) + predictions.names
    return [header.map(Self.cell).joined(separator: ",")]
      + predictions.places.indices.map { index in
        let place = predictions.places[index]
        var cells = [Self.cell(place.id)]
        if hasSteps { cells.append(place.step.map { "\($0)" } ?? "") }
        if isClass { cells.append(Self.cell(className(index) ?? "")) }
        return (cells + predictions[index].map { $0.isFinite ? "\($0)" : "" }).joined(separator: ",")
      }
  }

  /// An object for each row; null if there is no value.
  var json: [String] {
    predictions.places.indices.map { index in
      let place = predictions.places[index]
      var fields = ["\"id\":\(MetricsEvent.string(place.id))"]
      if let step = place.step { fields.append("\"step\":\(step)") }
      if predictions.kind == .probabilities {
        fields.append("\"class\":\(className(index).map(MetricsEvent.string) ?? "null")")
      }
      let values = zip(predictions.names, predictions[index]).map {
        "\(MetricsEvent.string($0)):\(MetricsEvent.number($1))"
      }
      let name = predictions.kind == .probabilities ? "probabilities" : "values"
      fields.append("\"\(name)\":{\(values.joined(separator: ","))}")
      return "{\(fields.joined(separator: ","))}"
    }
  }

  private func className(_ index: Int) -> String? { predictions.largest(of: index).map { predictions.names[$0] } }

  /// A cell, in quotation marks if it holds what would divide cells or lines.
  private static func cell(_ text: String) -> String {
    let divides = text.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) } || text.hasPrefix(" ")
    return divides ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
