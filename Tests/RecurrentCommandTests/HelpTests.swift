import Foundation
import TestSupport
import Testing

/// The texts that tell how the tool is used, whole.
@Suite struct HelpTests {
  @Test(
    arguments: [
      ("recurrent", [], "nothing asked, everything shown"),
      ("recurrent", ["--help"], "asked for"),
      ("recurrent", ["-h"], "asked for in short"),
      ("recurrent", ["help"], "asked for by a subcommand"),
      ("version", ["--version"], "the version alone"),
      ("train", ["train", "--help"], "the options of plain train are shown, not its subcommands alone"),
      ("train", ["train", "-h"], "in short"),
      ("train", ["help", "train"], "by the subcommand"),
      ("train", ["train", "--epochs", "3", "--help"], "behind other options"),
      ("train-mnist", ["train", "mnist", "--help"], "a subcommand of a subcommand"),
      ("train-digits", ["train", "digits", "--help"], "a subcommand of a subcommand"),
      ("train-digits", ["help", "train", "digits"], "by the subcommand"),
      ("train-text", ["train", "text", "--help"], "a subcommand of a subcommand"),
      ("resume", ["resume", "--help"], "no run is needed"),
      ("sample", ["sample", "--help"], "no model is needed"),
      ("train-task", ["train", "task", "--help"], "no task is needed"),
      ("evaluate", ["evaluate", "--help"], "no model is needed"),
      ("predict", ["predict", "--help"], "no model is needed"),
      ("inspect", ["inspect", "--help"], "no model is needed"),
      ("convert", ["convert", "--help"], "no model is needed"),
      ("compare", ["compare", "--help"], "no run is needed"),
      ("report", ["report", "--help"], "no run is needed"),
      ("benchmark", ["benchmark", "--help"], "nothing is measured"),
      ("data", ["data", "--help"], "its subcommands"),
      ("data", ["data"], "nothing asked, everything shown"),
      ("data-mnist", ["data", "mnist", "--help"], "nothing is fetched"),
    ] as [(String, [String], String)])
  func help(_ name: String, _ arguments: [String], _ reason: String) throws {
    let tool = try Tool()
    let result = try tool.run(arguments)
    result.expectSuccess()
    #expect(result.errors == "", "help goes to standard output")
    try Snapshot.expect(result.output, named: name)
    for line in result.outputLines { #expect(line.count <= 80, "\(line)") }
    #expect(!result.output.contains("\u{1B}"))
    #expect(try tool.folder.contents() == [])
  }

  @Test("a shell completes values and files, after plain train too", arguments: ["bash", "zsh", "fish"])
  func completion(_ shell: String) throws {
    let result = try Tool().run("--generate-completion-script", shell)
    result.expectSuccess()
    #expect(result.errors == "")
    let script = result.output
    #expect(script.contains("gru-reset-before") && script.contains("adagrad") && script.contains("glorot-uniform"))
    if shell == "bash" {
      // The groups of train mnist, train digits and train text.
      #expect(!script.contains("best"), "what is hidden stays so")
      let train = script.ranges(of: "'--cell')").count
      #expect(train == 3)
      for option in ["--from", "--config"] {
        #expect(script.contains("'\(option)')\n        __recurrent_add_completions -f"), "files behind \(option)")
      }
    }
  }

  @Test func defaultsAndValuesAreToldOnce() throws {
    let text = try Tool().run("train", "--help").output
    let options = text.split(separator: "\n  --").dropFirst()
    #expect(options.count == 63)
    for option in options {
      #expect(option.split(separator: "default: ").count <= 2, "\(option)")
      #expect(option.split(separator: "(values: ").count <= 2, "\(option)")
    }
  }
}
