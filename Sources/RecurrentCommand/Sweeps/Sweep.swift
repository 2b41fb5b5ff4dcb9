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
    let swept = Command.recorded.filter { $0.name != "data-dir" && $0.syntax != .positional }.map(\.name)
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
    let names = [SweepPlan.fileName] + SweepResults.fileNames
    guard let name = names.first(where: { RunFolder.isThere(folder + "/" + $0) }), !SweepPlan.isIn(folder)
    else { return }
    throw CommandFailure(
      "\(folder): found \(name) in it, which is not that of a sweep; name another folder with --run-dir, or move it away",
      .cannotCreate)
  }

  /// Does the runs that are not complete, and reports the results of all.
  func callAsFunction(on source: Command.Source) throws(CommandFailure) {
    let folder: String
    if let named = command.options.run.runDir {
      _ = try FolderMaker.make(named)
      folder = named
    } else {
      folder = try FolderMaker.makeFresh("runs/sweep-" + source.kind.rawValue).path
    }
    let lock = try RunLock(folder: folder)
    defer { withExtendedLifetime(lock) {} }
    try Self.checkIsFree(folder)
    let plan = SweepPlan(
      version: RootCommand.version, task: source.kind.rawValue, data: source.identity.map { .init(source: $0.source) },
      options: RecordedOptions(of: command), sweep: axes.map { "\($0.name)=\($0.values.joined(separator: ","))" })
    var runs = try runs(in: folder)
    for index in runs.indices { try runs[index].findEarlierRun(on: source) }
    try plan.write(to: folder)
    let done = runs.count(where: \.isComplete)
    Terminal.note(
      "\(runs.count) run\(runs.count == 1 ? "" : "s")" + (done > 0 ? ", \(done) of them already complete" : "")
        + "; results in \(folder)")
    var results: [RunResult] = []
    for (index, run) in runs.enumerated() {
      do throws(CommandFailure) {
        results.append(try result(of: run, label: "run \(index + 1) of \(runs.count)", on: source, sweep: folder))
      } catch {
        // A sweep that has not begun leaves nothing behind.
        if !runs.contains(where: { RunFolder.isThere($0.folder) }) { plan.remove(from: folder) }
        throw error
      }
    }
    try report(summary(of: runs, results, source: source, folder: folder), folder: folder)
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
    of run: SweepRun<Command>, label: String, on source: Command.Source, sweep: String
  ) throws(CommandFailure) -> RunResult {
    if !run.isComplete {
      do throws(CommandFailure) {
        // Without a checkpoint, a run that has begun begins anew.
        let mode = run.hasBegun ? RunMode.resuming(folder: run.folder, checkpoint: nil) : .replacing
        try run.command.resolved(for: source).run(
          on: source, from: try run.command.start(), mode: mode, reporter: RunReporter(label: label))
      } catch {
        let advice =
          error.status == .interrupted ? "; 'recurrent resume \(sweep)' goes on with the sweep" : ""
        throw CommandFailure("\(label), \(run.title): \(error.message)\(advice)", error.status)
      }
    }
    guard let result = RunResult(folder: run.folder) else {
      throw CommandFailure("\(run.folder)/metrics.jsonl: found no test result, expected one at the end", .inputOutput)
    }
    Terminal.note(
      "\(label), \(run.title): \(result.test), "
        + (run.isComplete ? "already complete" : "\(result.trainingSeconds.fixed(2)) s"))
    return result
  }

  /// One row for each combination of options other than the seed.
  private func summary(
    of runs: [SweepRun<Command>], _ results: [RunResult], source: Command.Source, folder: String
  ) throws(CommandFailure) -> SweepResults {
    let swept = axes.map(\.name).filter { $0 != "seed" }
    let seedCount = axes.last { $0.name == "seed" }?.values.count ?? 1
    var rows: [SweepResults.Row] = []
    // Seeds vary fastest.
    for first in stride(from: 0, to: runs.count, by: seedCount) {
      let group = first..<first + seedCount
      let found = results[group]
      let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
      func means(_ part: SweepMeasure.Part) -> [String: SweepResults.Mean] {
        let values = Dictionary(grouping: found.flatMap(\.values).filter { $0.measure.part == part }, by: \.measure.key)
        // A mean without one of the runs would say nothing of it.
        return values.filter { $1.count == found.count }.mapValues { SweepResults.Mean($0.map(\.value)) }
      }
      rows.append(
        SweepResults.Row(
          options: runs[first].options(for: source).filter { swept.contains($0) },
          seeds: runs[group].map(\.command.options.training.seed),
          test: means(.test), validation: means(.validation),
          parameterCount: found[first].parameterCount, epochs: mean(found.map { Double($0.epochs) }),
          trainingSeconds: mean(found.map(\.trainingSeconds)),
          runs: runs[group].map { String($0.folder.dropFirst(folder.count + 1)) }))
    }
    let shared = runs[0].options(for: source).filter { $0 != "seed" && !swept.contains($0) }
    return SweepResults(
      version: RootCommand.version, task: source.kind.rawValue, data: source.name,
      dataInPictures: source.nameInPictures, options: shared, swept: swept,
      measures: Self.measures(of: results), rows: rows)
  }

  /// The measures of all runs, those of the test first.
  private static func measures(of results: [RunResult]) -> [SweepMeasure] {
    var measures: [SweepMeasure] = []
    for (measure, _) in results.flatMap(\.values) where !measures.contains(measure) { measures.append(measure) }
    return measures.filter { $0.part == .test } + measures.filter { $0.part == .validation }
  }

  private func report(_ results: SweepResults, folder: String) throws(CommandFailure) {
    for line in results.table { Terminal.print(line) }
    Terminal.print()
    Terminal.print(results.explanation)
    do {
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
