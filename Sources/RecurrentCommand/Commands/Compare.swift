import ArgumentParser
import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `recurrent compare`: a table and a picture of several runs.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare runs: what differs in their options, and their results.",
    usage: "recurrent compare <run> ... [<options>]",
    discussion: """
      Prints a table with a row for each run and a column for each option that differs between them. Runs that were \
      stopped, or are still in progress, are marked. '--svg' draws the validation results over the steps.
      """)

  @Argument(
    help: ArgumentHelp("Run folders, or folders of runs, such as that of a sweep.", valueName: "run"),
    completion: .directory, transform: OptionValue.path)
  var runs: [String]

  @Option(
    help: ArgumentHelp("Sort the runs by a column of the table, such as test-accuracy.", valueName: "column"))
  var sort: String?

  @Flag(help: "Sort from the greatest to the least.")
  var descending = false

  @Option(
    help: ArgumentHelp("Draw the validation results of the runs as SVG.", valueName: "file"), completion: .file(),
    transform: OptionValue.path)
  var svg: String?

  @Option(help: ArgumentHelp("What to draw. (default: loss)", valueName: "name"))
  var measure: RunComparison.Measure?

  func validate() throws {
    if descending && sort == nil { throw ValidationError("--descending: found without --sort, expected both") }
    if measure != nil && svg == nil { throw ValidationError("--measure: found without --svg, expected both") }
  }

  func run() throws {
    var comparison = RunComparison(try records())
    if let sort { try comparison.sort(by: sort, descending: descending) }
    for line in comparison.table { Terminal.print(line) }
    for notice in comparison.notices { Terminal.note(notice) }
    if let svg { try draw(comparison, to: svg) }
  }

  private func draw(_ comparison: RunComparison, to path: String) throws(CommandFailure) {
    let (picture, missing) = comparison.picture(of: measure ?? .loss)
    try PictureFile.write(picture, to: path)
    let remark =
      missing == 0
      ? "" : "; \(quantity(missing, "run")) without validation, or beyond the \(RunComparison.mostLines) of a picture"
    Terminal.note("picture: \(path.shown())\(remark)")
  }

  /// The most runs, since the curves of all are held.
  private static let mostRuns = 1000

  /// Reads the runs in the given folders.
  private func records() throws(CommandFailure) -> [RunRecord] {
    var folders: [String] = []
    for path in runs { folders += try Self.folders(at: path) }
    if folders.count > Self.mostRuns {
      throw CommandFailure(
        "found \(folders.count.grouped) runs to compare, expected at most \(Self.mostRuns.grouped)", .usage)
    }
    var records: [RunRecord] = []
    for folder in folders { records.append(try RunRecord(folder: folder)) }
    return records
  }

  /// The folder itself if it is that of a run, otherwise the folders of runs in it, by their names.
  private static func folders(at path: String) throws(CommandFailure) -> [String] {
    if RunFolder.isThere(RunConfiguration.path(in: path)) || !ModelFile.isFolder(path) { return [path] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let folders = names.sorted().map { path + "/" + $0 }.filter { RunFolder.isThere(RunConfiguration.path(in: $0)) }
    if !folders.isEmpty { return folders }
    throw CommandFailure(
      "\(path.shown()): found a folder without config.json, expected the folder of a run, or of several runs",
      .missingInput)
  }
}
