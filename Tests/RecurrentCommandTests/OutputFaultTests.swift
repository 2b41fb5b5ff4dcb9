import Foundation
import Recurrent
import TestSupport
import Testing

/// Folders and streams that cannot be written: 73 where nothing could be begun, 74 where writing failed on the way;
/// what is left behind is whole.
@Suite struct OutputFaultTests {
  private static let training = ["train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir"]

  @Test(arguments: [
    ("file", "file: found a file, expected a folder", "a file has the name"),
    ("file/run", "file: found a file, expected a folder", "a file lies above"),
    ("/dev/null", "/dev/null: found a file, expected a folder", "a device has the name"),
    ("a/b/file/c", "a/b/file: found a file, expected a folder", "a file lies above, below folders that are there"),
    ("link", "link: found a file, expected a folder", "a link that leads nowhere"),
  ])
  func fileInTheWay(_ folder: String, _ words: String, _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write([1], to: "file")
    try tool.folder.write([1], to: "a/b/file")
    try FileManager.default.createSymbolicLink(atPath: tool.folder.path("link"), withDestinationPath: "nowhere/at/all")
    let result = try tool.run(Self.training + [folder])
    result.expectFailure(73, words, "expected a folder for the run's results", "--run-dir")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == ["a", "file", "images", "link"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("a/b")) == ["file"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self"), "needs /proc"))
  func folderThatTheSystemRefuses() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.training + ["/proc/run"]).expectFailure(
      73, "/proc/run: found a folder that cannot be made", "expected a folder for the run's results")
  }

  @Test(.enabled(if: Privileges.canBeDropped, "needs a user who has not all rights"))
  func folderWithoutPermission() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try FileManager.default.createDirectory(atPath: tool.folder.path("mine"), withIntermediateDirectories: false)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: tool.folder.path("mine"))
    func run(_ folder: String) throws -> Tool.Result {
      try tool.run(
        shell: Privileges.drop, "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", folder)
    }
    try run("mine/run").expectFailure(73, "mine/run: found a folder that cannot be made (Permission denied)")
    try run("mine").expectFailure(73, "mine: cannot be written (Permission denied)", "--run-dir")
    #expect(RunFiles(tool, "mine").names == [])
  }

  @Test func folderThatHoldsAModel() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write([1, 2, 3], to: "run/model.safetensors")
    let result = try tool.run(Self.training + ["run"])
    result.expectFailure(
      73, "run: found model.safetensors in it", "expected a folder without the files of a run", "--run-dir")
    #expect(RunFiles(tool, "run").names == ["model.safetensors"])
    #expect(RunFiles(tool, "run").model == Data([1, 2, 3]), "it is left alone")
  }

  @Test func folderThatIsThereAndHoldsNothingOfARun() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.folder.write(Array("mine\n".utf8), to: "run/notes.md")
    try tool.run(Self.training + ["run/", "--max-steps", "1"]).expectSuccess()
    let run = RunFiles(tool, "run")
    #expect(run.names == (RunFiles.whole + ["notes.md"]).sorted() && run.count("test") == 1)
    #expect(try run.picture("notes.md") == "mine\n")
  }

  @Test func runsThatBeginTogetherGetFoldersOfTheirOwn() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let arguments = ["train", "mnist", "--data-dir", ImageFiles.folder, "--max-steps", "1", "--threads", "1"]
    let processes = try (0..<4).map { _ in try tool.start(arguments) }
    for process in processes { process.wait().expectSuccess() }
    let runs = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path("runs"))
    #expect(runs.count == 4)
    for run in runs {
      #expect(run.wholeMatch(of: /mnist-\d{4}-\d\d-\d\d-\d{6}(-\d)?/) != nil, "\(run)")
      try RunFiles(tool, "runs/" + run).expectWhole()
      #expect(RunFiles(tool, "runs/" + run).count("test") == 1)
    }
  }

  // MARK: No room

  @Test func modelThatIsLargerThanAFileMayBe() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    // Blocks of 512 bytes, or 1024 in some shells: more than the other files need, less than the model's 44,800 bytes.
    let result = try tool.run(
      shell: "ulimit -f 20; exec \"$0\" \"$@\"", "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run")
    result.expectFailure(74, "run/model.safetensors: cannot be written (File too large)", "space")
    try RunFiles(tool, "run").expectWhole()
    #expect(RunFiles(tool, "run").names == ["config.json", "metrics.jsonl"])
  }

  @Test func noRoomAtAll() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(
      shell: "exec 2>/dev/null; ulimit -f 0; exec \"$0\" \"$@\"", "train", "mnist", "--data-dir", ImageFiles.folder,
      "--run-dir", "a/run")
    #expect(result.status == 74)
    #expect(try tool.folder.contents() == [ImageFiles.folder], "the folder is taken away again")
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount"))
  func diskThatIsFull() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let disk = try SmallDisk("disk", in: tool.folder, kilobytes: 64)
    // One model has its place, but no second one beside it.
    let result = try tool.run(Self.training + ["disk/run"])
    result.expectFailure(74, "disk/run/model.safetensors: cannot be written (No space left on device)", "space")
    let run = RunFiles(tool, "disk/run")
    try run.expectWhole()
    #expect(run.names == ["config.json", "metrics.jsonl", "model.safetensors"], "the first epoch's model is kept")
    #expect(run.count("epoch") == 1)
    try tool.run("evaluate", "disk/run", "--data-dir", ImageFiles.folder).expectSuccess()
    withExtendedLifetime(disk) {}
  }

  // MARK: Standard output

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func outputThatIsFull() throws {
    let tool = try Tool()
    try Models.small().save(to: tool.folder.path("m"))
    let result = try tool.run(shell: "exec \"$0\" \"$@\" > /dev/full", "inspect", "m")
    result.expectFailure(74, "standard output: cannot be written (No space left on device)")
  }

  @Test(
    "whatever is printed, a full device is told",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"),
    arguments: [
      ["--version"], ["--help"], [], ["help"], ["train", "--help"], ["help", "train", "mnist"], ["data"],
      ["--generate-completion-script", "bash"], ["--generate-completion-script=zsh"], ["--experimental-dump-help"],
    ])
  func textsThatCannotBeWritten(_ arguments: [String]) throws {
    let tool = try Tool()
    let words = arguments.joined(separator: " ")
    let result = try tool.run(shell: "exec \"$0\" \(words) > /dev/full")
    result.expectFailure(74, "standard output: cannot be written (No space left on device)")
    #expect(try tool.run(arguments).status == 0)
  }

  @Test func outputThatIsClosed() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(
      shell: "exec \"$0\" \"$@\" >&-", "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run",
      "--log-every", "1")
    result.expectFailure(
      74, "standard output: cannot be written (", "stopped before the end: no epoch was finished")
    try RunFiles(tool, "run").expectWhole()
    #expect(RunFiles(tool, "run").metricsLines == [], "the log has not gone to a file in place of the stream")
  }

  @Test func logWhoseReaderHasGone() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(
      shell: "{ \"$0\" \"$@\"; echo status $? >&2; } | head -n 2", "train", "mnist", "--data-dir", ImageFiles.folder,
      "--run-dir", "run", "--epochs", "1000", "--log-every", "1")
    #expect(result.output == "\nEpoch:  0\n")
    #expect(result.errors.hasSuffix("status 74\n"), "\(result.errors)")
    #expect(
      result.errors.contains(
        "recurrent: standard output: cannot be written (Broken pipe); stopped before the end: "), "\(result.errors)")
    try RunFiles(tool, "run").expectWhole()
  }

  @Test func tableWhoseReaderHasGone() throws {
    let tool = try Tool()
    try Models.small().save(to: tool.folder.path("m"))
    // The reader is gone before there is anything to read.
    let result = try tool.run(
      shell: "{ sleep 0.2; \"$0\" \"$@\"; echo status $? >&2; } | true", "inspect", "m")
    #expect(result.errors == "status 141\n", "ended by SIGPIPE, without a word, as other tools are")
  }
}
