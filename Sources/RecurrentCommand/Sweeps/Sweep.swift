import ArgumentParser
import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// `--sweep`: a run for every combination of values, each in its own folder, and a table of their results.
struct Sweep<Command: TrainingCommand> {
  private let command: Command
  private let axes: [SweepAxis]

  /// Checks all runs before any data is read.
  init(_ command: Command) throws(CommandFailure) {
    self.command = command
    axes = try SweepAxis.merged(command.options.run.sweep)
    // Results on different images are not comparable.
    let swept = Command.recorded.map(\.name).filter { $0 != "data-dir" }
    if let axis = axes.first(where: { !swept.contains($0.name) }) {
      throw CommandFailure(
        "--sweep: found '\(axis.name.shown())', expected the name of an option that affects the result"
          + ArgumentCheck.suggestion(for: axis.name, among: swept), .usage)
    }
    let count = axes.reduce(1) { $0.saturatingProduct($1.values.count) }
    if count > Self.mostRuns {
      throw CommandFailure("--sweep: found \(count) runs, expected at most \(Self.mostRuns.grouped)", .usage)
    }
    if let folder = command.options.run.runDir { try Self.checkIsFree(folder) }
    // Making the runs checks that every combination is valid.
    try SweepRun.checkAreDifferent(try runs(in: ""))
  }

  /// The most runs of a sweep: all of them are parsed before the first one begins.
  private static var mostRuns: Int { 10_000 }

  /// Throws if a folder holds a run, or tables that are not those of a sweep.
  private static func checkIsFree(_ folder: String) throws(CommandFailure) {
    try RunFolder.checkIsFree(folder)
    guard let name = SweepResults.fileNames.first(where: { RunFolder.isThere(folder + "/" + $0) }),
      !SweepResults.areIn(folder)
    else { return }
    throw CommandFailure(
      "\(folder): found \(name) in it, which is not that of a sweep; name another folder with --run-dir, or move it away",
      .cannotCreate)
  }

  /// Does the runs that are not complete, and reports the results of all.
  func callAsFunction(on images: TrainingImages) throws(CommandFailure) {
    let folder: String
    if let named = command.options.run.runDir {
      _ = try FolderMaker.make(named)
      folder = named
    } else {
      folder = try FolderMaker.makeFresh("runs/sweep-" + images.task.rawValue).path
    }
    let lock = try RunLock(folder: folder)
    defer { withExtendedLifetime(lock) {} }
    try Self.checkIsFree(folder)
    var runs = try runs(in: folder)
    for index in runs.indices { try runs[index].findEarlierRun(on: images) }
    let done = runs.count(where: \.isComplete)
    Terminal.note(
      "\(runs.count) run\(runs.count == 1 ? "" : "s")" + (done > 0 ? ", \(done) of them already complete" : "")
        + "; results in \(folder)")
    var results: [RunResult] = []
    for (index, run) in runs.enumerated() {
      results.append(try result(of: run, label: "run \(index + 1) of \(runs.count)", on: images, sweep: folder))
    }
    try report(summary(of: runs, results, images: images, folder: folder), folder: folder)
  }

  private func runs(in folder: String) throws(CommandFailure) -> [SweepRun<Command>] {
    var runs: [SweepRun<Command>] = []
    for values in SweepAxis.combinations(of: axes) {
      runs.append(try SweepRun(command, values: values, folder: folder))
    }
    return runs
  }

  /// The result of a run, from its folder; does the run first unless it is complete.
  private func result(
    of run: SweepRun<Command>, label: String, on images: TrainingImages, sweep: String
  ) throws(CommandFailure) -> RunResult {
    if !run.isComplete {
      do throws(CommandFailure) {
        try TrainingRun(run.command, reporter: RunReporter(label: label), replaces: true)(on: images)
      } catch {
        let advice =
          error.status == .interrupted ? "; the same command with --run-dir \(sweep) continues the sweep" : ""
        throw CommandFailure("\(label), \(run.title): \(error.message)\(advice)", error.status)
      }
    }
    guard let result = RunResult(folder: run.folder) else {
      throw CommandFailure("\(run.folder)/metrics.jsonl: found no test result, expected one at the end", .inputOutput)
    }
    Terminal.note(
      "\(label), \(run.title): test accuracy \((100 * result.testAccuracy).fixed(2)) %, "
        + (run.isComplete ? "already complete" : "\(result.trainingSeconds.fixed(2)) s"))
    return result
  }

  /// One row for each combination of options other than the seed.
  private func summary(
    of runs: [SweepRun<Command>], _ results: [RunResult], images: TrainingImages, folder: String
  ) throws(CommandFailure) -> SweepResults {
    let swept = axes.map(\.name).filter { $0 != "seed" }
    let seedCount = axes.last { $0.name == "seed" }?.values.count ?? 1
    var rows: [SweepResults.Row] = []
    // Seeds vary fastest.
    for first in stride(from: 0, to: runs.count, by: seedCount) {
      let group = first..<first + seedCount
      let found = results[group]
      let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
      let validation = found.compactMap(\.validationAccuracy)
      rows.append(
        SweepResults.Row(
          options: runs[first].options.filter { swept.contains($0) },
          seeds: runs[group].map(\.command.options.training.seed),
          testAccuracy: .init(found.map(\.testAccuracy)),
          validationAccuracy: validation.isEmpty ? nil : .init(validation),
          parameterCount: found[first].parameterCount, epochs: mean(found.map { Double($0.epochs) }),
          trainingSeconds: mean(found.map(\.trainingSeconds)),
          runs: runs[group].map { String($0.folder.dropFirst(folder.count + 1)) }))
    }
    let shared = runs[0].options.filter { $0 != "seed" && !swept.contains($0) }
    return SweepResults(
      version: RootCommand.version, task: images.task.rawValue, data: images.name,
      dataInPictures: images.nameInPictures, options: shared, swept: swept, rows: rows)
  }

  private func report(_ results: SweepResults, folder: String) throws(CommandFailure) {
    for line in results.table { Terminal.print(line) }
    Terminal.print()
    Terminal.print(results.explanation)
    do {
      // results.json comes first: it marks the folder as that of a sweep.
      try AtomicFile.write(try results.json, to: folder + "/results.json", as: .member)
      try AtomicFile.write(results.markdown, to: folder + "/results.md", as: .member)
      try AtomicFile.write(results.spread.svg, to: folder + "/spread.svg", as: .member)
    } catch {
      throw (error as? FileWriteError).map(CommandFailure.init)
        ?? CommandFailure("\(folder)/results.json: cannot be encoded as JSON", .bug)
    }
    Terminal.note("table: \(folder)/results.md, picture: \(folder)/spread.svg")
  }
}
