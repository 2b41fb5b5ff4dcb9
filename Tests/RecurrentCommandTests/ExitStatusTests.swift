import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Each status that a command can end with, as `Documentation/Design/0003-names-and-statuses.md` lists them.
///
/// 70, a fault of this program, cannot be reached on purpose.
@Suite struct ExitStatusTests {
  private static let training = "train mnist --data-dir images --layers 1 --hidden-size 4 --max-steps 1 --run-dir run"

  @Test(arguments: [
    (0, "\"$0\" \(training)", "all went well"),
    (64, "\"$0\" train --epochs 0", "the command makes no sense"),
    (65, "echo x > m; \"$0\" inspect m", "an input is not as it should be"),
    (66, "\"$0\" inspect nowhere", "an input is missing"),
    (71, "ulimit -v 1200000; \"$0\" train mnist --data-dir images --hidden-size 4000", "there is not enough memory"),
    (73, "mkdir run; touch run/loss.svg; \"$0\" \(training)", "an output would replace something"),
    (73, "touch run; \"$0\" \(training)", "an output cannot be made"),
    (74, "\"$0\" --version > /dev/full", "an output cannot be written"),
    (130, "\"$0\" \(training) --max-steps 999999 --epochs 99999 & sleep 1; kill -TERM $!; wait $!", "stopped"),
    (141, "{ sleep 0.2; \"$0\" --help; echo $? > status; } | true; exit $(cat status)", "nobody reads"),
  ])
  func statuses(_ status: Int32, _ script: String, _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(shell: script)
    #expect(result.status == status, "\(reason): \(result.errors)")
    let failures = result.errors.split(separator: "\n").filter { $0.hasPrefix("recurrent: ") }
    #expect(failures.count == (status == 0 || status == 141 ? 0 : 1))
  }

  @Test func theHelpNamesThemAll() throws {
    let help = try Tool().run("--help").output.replacing("\n", with: " ")
    for status in [0, 64, 65, 66, 70, 71, 73, 74, 130] { #expect(help.contains(" \(status) "), "\(status)") }
    #expect(help.contains("0003-names-and-statuses.md"))
  }
}
