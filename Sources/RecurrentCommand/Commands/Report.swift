import ArgumentParser
import RecurrentSupport

/// `recurrent report`: the report of a run, written anew.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the report of a run: report.html in its folder.",
    usage: "recurrent report <run>",
    discussion: """
      A run writes its report when it ends. This command writes it again, or writes that of a run that was killed, from \
      the files in the folder: config.json, metrics.jsonl and the pictures.
      """)

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"), completion: .directory, transform: OptionValue.path)
  var folder: String

  func run() throws { Terminal.print(try RunReport.write(folder: folder)) }
}
