import Recurrent
import RecurrentCharts
import RecurrentSupport

/// `report.html`: a run on one page, made from the files in its folder alone.
///
/// Reports are published as pictures are, so they do not name folders: a path is shown by its last part. The
/// `config.json` beside the report has the whole paths.
struct RunReport {
  /// The file's name in a run folder.
  static let name = "report.html"
  /// The most bytes of a picture.
  private static let largestPicture = 1 << 22

  let run: RunRecord
  /// Whether the folder holds a model.
  let hasModel: Bool
  let pictures: [InlinedPicture]

  /// Reads the run in a folder; prints a notice about pictures that this program has not made, and leaves them out.
  init(folder: String) throws(CommandFailure) {
    run = try RunRecord(folder: folder)
    hasModel = RunFolder.isThere(folder + "/" + ModelFile.name)
    var pictures: [InlinedPicture] = []
    for name in RunPicture.allCases.map(\.fileName) {
      let path = folder + "/" + name
      guard let bytes = UntrustedFile.start(of: path, limit: Self.largestPicture + 1) else { continue }
      if bytes.count <= Self.largestPicture, let picture = InlinedPicture(svg: String(decoding: bytes, as: UTF8.self)) {
        pictures.append(picture)
      } else {
        Terminal.note("\(path.shown()): left out of the report, since it is not a picture of this program")
      }
    }
    // A run that was killed has not drawn its curves.
    let isDrawn = RunFolder.isThere(folder + "/" + RunPicture.loss.fileName)
    self.pictures = pictures + (isDrawn ? [] : Self.curves(of: run).compactMap { InlinedPicture($0) })
  }

  /// Writes the report of the run in a folder into that folder, and replaces an earlier one; returns its path.
  ///
  /// - Throws: a failure if there is no run, if the file exists and is not a report, or if writing fails.
  @discardableResult
  static func write(folder: String) throws(CommandFailure) -> String {
    let report = try RunReport(folder: folder)
    let path = folder + "/" + name
    let beginning = Array(ReportPage.beginning.utf8)
    if RunFolder.isThere(path), UntrustedFile.start(of: path, limit: beginning.count) != beginning {
      throw CommandFailure(
        "\(path.shown()): found a file that is not a report of this program, expected none; move it away", .cannotCreate
      )
    }
    do throws(FileWriteError) { try AtomicFile.write(report.page.html, to: path, as: .member) } catch {
      throw CommandFailure(error)
    }
    return path
  }

  /// Does a run and writes its report, also if the run stops early.
  ///
  /// - Parameters:
  ///   - folder: the folder of the run.
  ///   - reporter: is told where the report is.
  ///   - run: does the run.
  static func write(
    to folder: String, reporter: RunReporter, after run: () throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    do throws(CommandFailure) { try run() } catch {
      // Why the run stopped is what the user has to know; its report can be written later. One with a result and a report
      // is complete, so a run that failed after its test gets none.
      if RunResult(folder: folder) == nil { _ = try? write(folder: folder) }
      throw error
    }
    let path = try write(folder: folder)
    reporter.note("report: \(path)")
  }

  /// The curves of the metrics.
  private static func curves(of run: RunRecord) -> [LineChart] {
    let measures: [(title: String, y: String, scale: Scale, curve: KeyPath<RunRecord.Curves, DownsampledCurve>)] = [
      ("Loss over the run", "loss", .logarithmic, \.loss),
      ("Accuracy over the run", "accuracy", .linear, \.accuracy),
    ]
    return measures.compactMap { title, y, scale, curve in
      let curves = [("training", run.trainingCurves), ("validation", run.validationCurves)]
        .map { (name: $0, curve: $1[keyPath: curve]) }.filter { !$0.curve.isEmpty }
      if curves.isEmpty { return nil }
      let remarks = curves.compactMap { $0.curve.remark($0.name) } + ["Data: \(run.dataInPictures)."]
      return LineChart(
        title: title, x: "step", y: y, lines: curves.map { $0.curve.line($0.name) }, yScale: scale,
        remark: remarks.joined(separator: " "))
    }
  }
}
