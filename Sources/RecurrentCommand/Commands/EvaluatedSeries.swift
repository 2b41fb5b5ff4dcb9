import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The time series of `evaluate`.
struct EvaluatedSeries: ParsableArguments {
  @Option(
    help: ArgumentHelp("File of time series with targets to measure a model on.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var series: String?

  /// Throws if options of other data are given, too.
  func check(_ data: TestDataOptions, _ options: ModelOptions, hasText: Bool) throws {
    if series == nil { return }
    let other = hasText ? "--text" : data.givenName ?? options.activation.map { _ in "--activation" }
    if let other { throw ValidationError("--series: found with \(other), expected one of them") }
  }

  /// Prints what a model reaches on the series of a file.
  func evaluate(_ file: String, model path: String, threads: ThreadPool) throws(CommandFailure) {
    let model = try SeriesModel(path, threads: threads)
    let data = try model.read(file, SeriesColumnOptions.none, needsTargets: true)
    data.notices.forEach { Terminal.note("\(data.source): \($0)") }
    Terminal.note("\(data.source): \(data)")
    let results: SeriesResults
    do throws(SeriesError) {
      let filling = try model.preparation.filling(of: data)
      if filling.count > 0 { Terminal.note("\(data.source): \(filling)") }
      results = try SeriesResults(
        of: model.network, model.preparation, on: data, dataset: try model.preparation.dataset(of: data), training: nil)
    } catch { throw CommandFailure(error) }
    results.lines.forEach(Terminal.print)
  }
}
