import Foundation
import Recurrent
import TestSupport
import Testing

/// Images and labels that are not as they should be: 65, or 66 where they are not there; nothing is written.
@Suite struct DataFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let file: String
    let status: Int32
    let words: [String]
    let change: @Sendable ([UInt8]) -> [UInt8]
    let reason: String
    var testDescription: String { reason }
  }

  private static let cases: [Case] = [
    Case(
      file: "train-images-idx3-ubyte", status: 65, words: ["at byte 282116", "360 × 28 × 28"],
      change: { Array($0.dropLast(140)) }, reason: "truncated images"),
    Case(
      file: "train-images-idx3-ubyte", status: 65, words: ["at byte 5", "header of 16 bytes"],
      change: { Array($0.prefix(5)) },
      reason: "truncated within the header"),
    Case(
      file: "train-labels-idx1-ubyte", status: 65, words: ["found a ZIP archive", "an IDX file", "unpack it"],
      change: { [0x50, 0x4b, 3, 4] + $0.dropFirst(4) }, reason: "wrong magic: a zip file"),
    Case(
      file: "train-labels-idx1-ubyte", status: 65, words: ["at byte 18", "label 11", "0 to 9"],
      change: {
        var bytes = $0
        bytes[18] = 11
        return bytes
      }, reason: "label 11"),
    Case(
      file: "t10k-labels-idx1-ubyte", status: 65, words: ["49 labels", "50"],
      change: { ImageFiles.idx([49], Array($0.dropFirst(8).dropLast())) }, reason: "one label less than images"),
    Case(
      file: "t10k-images-idx3-ubyte", status: 65, words: ["27 × 28", "28 × 28"],
      change: { ImageFiles.idx([50, 27, 28], Array($0[16..<16 + 50 * 27 * 28])) }, reason: "images of another size"),
    Case(
      file: "t10k-images-idx3-ubyte", status: 65, words: ["more bytes"], change: { $0 + [0] },
      reason: "one byte too many"),
  ]

  @Test(arguments: cases)
  func refusesToTrain(_ example: Case) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder, changing: [example.file: example.change])
    let result = try tool.run("train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run")
    result.expectFailure(example.status, ["\(ImageFiles.folder)/\(example.file)", "found", "expected"] + example.words)
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [ImageFiles.folder], "no run folder")
  }

  @Test(arguments: cases.filter { $0.file.hasPrefix("t10k") })
  func refusesToEvaluate(_ example: Case) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder, changing: [example.file: example.change])
    try Models.notebook().save(to: tool.folder.path("m.safetensors"))
    let result = try tool.run("evaluate", "m.safetensors", "--data-dir", ImageFiles.folder)
    result.expectFailure(example.status, [example.file] + example.words)
    #expect(result.output == "")
  }

  @Test func plainTrainStopsAtADamagedFileThatWasNamed() throws {
    let tool = try Tool(environment: ["MNIST_DIR": ImageFiles.folder])
    try ImageFiles.write(to: tool.folder, changing: ["train-labels-idx1-ubyte": { Array($0.dropLast()) }])
    try tool.run("train").expectFailure(65, "images/train-labels-idx1-ubyte")
    #expect(try tool.folder.contents() == [ImageFiles.folder])
  }

  @Test(arguments: [
    ("nowhere", "a folder that is not there"), ("file", "a file"), ("empty", "a folder without the files"),
  ])
  func missingData(_ folder: String, _ reason: String) throws {
    let tool = try Tool()
    try tool.folder.write([1], to: "file")
    try FileManager.default.createDirectory(atPath: tool.folder.path("empty"), withIntermediateDirectories: false)
    for command in [["train", "mnist"], ["train"], ["data", "mnist"]] {
      try tool.run(command + ["--data-dir", folder]).expectFailure(
        66, "\(folder)/train-", "found no such file", "expected one of the four files of MNIST", "qmnist-", "emnist-")
    }
    #expect(try tool.folder.contents() == ["empty", "file"])
  }

  /// What a user has named is used, or refused by its name: nothing else is taken in its place.
  @Test(arguments: [
    ("nowhere", "a folder that is not there"), ("file", "a file"), ("empty", "a folder without the files"),
    ("half", "a folder with some of the files"),
  ])
  func namedByTheEnvironment(_ folder: String, _ reason: String) throws {
    let tool = try Tool(environment: ["MNIST_DIR": folder])
    try tool.folder.write([1], to: "file")
    try FileManager.default.createDirectory(atPath: tool.folder.path("empty"), withIntermediateDirectories: false)
    for (name, bytes) in ImageFiles.files {
      if name.hasPrefix("t10k") { try tool.folder.write(bytes, to: "half/\(name)") }
      // A cache that would do.
      try tool.home.write(bytes, to: "cache/swift-recurrent/mnist/\(name)")
    }
    try Models.notebook().save(to: tool.folder.path("m"))
    let before = try tool.folder.contents()
    for command in [
      ["train", "mnist"], ["train"], ["train", "--sweep", "seed=0,1"], ["evaluate", "m"], ["predict", "m"],
      ["data", "mnist"],
    ] {
      try tool.run(command).expectFailure(
        66, "\(folder)/train-images-idx3-ubyte: found no such file",
        "MNIST_DIR names the folder \(folder): correct or unset it")
    }
    #expect(try tool.folder.contents() == before)
    // The option goes before the variable, and built-in digits need no folder.
    try tool.run("predict", "m", "--digits").expectSuccess()
  }

  @Test func theImagesOfTheRunAndThoseOfTheEnvironment() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run("train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--max-steps", "1")
      .expectSuccess()
    // A name that leads nowhere is a mistake, whatever else is at hand.
    let mistyped = Tool(tool, environment: ["MNIST_DIR": "nowhere"])
    try mistyped.run("evaluate", "run").expectFailure(66, "nowhere/train-images", "MNIST_DIR names the folder nowhere")
    for (name, bytes) in ImageFiles.files { try tool.folder.write(bytes, to: "other/\(name)") }
    let other = Tool(tool, environment: ["MNIST_DIR": "other"])
    let result = try other.run("evaluate", "run")
    result.expectSuccess()
    #expect(
      result.errors == """
        reading the images of the model's run in images
        using the images of the model's run, not those of MNIST_DIR (other); --data-dir selects others
        test images (images): 50

        """)
    try FileManager.default.removeItem(atPath: tool.folder.path(ImageFiles.folder))
    #expect(
      try other.run("evaluate", "run").errors.hasPrefix(
        "reading the images of the model's run in images\n"
          + "the images of the model's run are no longer in images: using those of other\n"))
  }

  @Test func aCacheFolderThatIsNotUsedIsNamed() throws {
    let tool = try Tool(environment: ["XDG_CACHE_HOME": "relative"])
    let result = try tool.run("data", "mnist")
    result.expectFailure(66, "MNIST was found in none of \(tool.home.path)/", "RECURRENT_OFFLINE forbids")
    #expect(
      result.errors.hasPrefix("XDG_CACHE_HOME is 'relative', which is not an absolute path; using \(tool.home.path)")
    )
  }

  @Test(arguments: [("", "an empty file"), ("half", "half of a file")])
  func aDamagedCacheWithoutNetwork(_ content: String, _ reason: String) throws {
    let tool = try Tool()
    let cache = "cache/swift-recurrent/mnist"
    for (name, bytes) in ImageFiles.files { try tool.home.write(bytes, to: "\(cache)/\(name)") }
    try tool.home.write(
      Array((content.isEmpty ? [] : ImageFiles.files[3].bytes).dropLast(9)), to: "\(cache)/t10k-labels-idx1-ubyte")
    for command in [["train", "mnist"], ["train"]] {
      try tool.run(command).expectFailure(
        65, "\(cache)/t10k-labels-idx1-ubyte: found the end",
        "; fetch it again with 'recurrent data mnist', without RECURRENT_OFFLINE")
    }
    try tool.run("data", "mnist").expectFailure(65, "'recurrent data mnist', without RECURRENT_OFFLINE")
  }

  @Test func aFileInOrderOfItsClasses() throws {
    let tool = try Tool()
    let labels = (0..<ImageFiles.trainingCount).map { UInt8($0 * 10 / ImageFiles.trainingCount) }
    try ImageFiles.write(
      to: tool.folder, changing: ["train-labels-idx1-ubyte": { _ in ImageFiles.idx([labels.count], labels) }])
    let result = try tool.run(
      "train", "mnist", "--data-dir", ImageFiles.folder, "--max-steps", "1", "--run-dir", "a")
    result.expectSuccess()
    #expect(
      result.errors.contains(
        "images/train-labels-idx1-ubyte is sorted by class: the first twelfth of each class is used for validation\n"
      ))
  }

  @Test func namesDoNotActOnTheTerminal() throws {
    let tool = try Tool()
    let name = "\u{1B}]52;c;AAAA\u{7}"
    try tool.folder.write(Array("<html>".utf8), to: "\(name)/train-labels-idx1-ubyte")
    try tool.folder.write([1], to: "\(name).png")
    try Models.notebook().save(to: tool.folder.path("m"))
    for command in [
      ["train", "mnist", "--data-dir", name], ["data", "mnist", "--data-dir", name],
      ["evaluate", "m", "--data-dir", name], ["predict", "m", "--images", name], ["predict", "m", "--image", name],
      ["predict", "m", "--image", name + ".png"],
    ] {
      let result = try tool.run(command)
      #expect(result.status == 65 || result.status == 66)
      #expect(!result.errors.contains("\u{1B}") && !result.errors.contains("\u{7}"), "\(command)")
      #expect(result.errors.contains(#"\u{1B}]52;c;AAAA\u{7}"#), "\(command)")
    }
  }

  @Test(.enabled(if: Privileges.canBeDropped, "needs a user who has not all rights"))
  func unreadableFolder() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: tool.folder.path)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: tool.folder.path(ImageFiles.folder))
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: tool.folder.path(ImageFiles.folder))
    }
    let result = try tool.run(shell: Privileges.drop, "train", "mnist", "--data-dir", ImageFiles.folder)
    result.expectFailure(66, "images/train-", "Permission denied")
    #expect(try tool.folder.contents() == [ImageFiles.folder])
  }

  @Test func withoutDataTrainMNISTSaysHowToGetIt() throws {
    let tool = try Tool()
    let start = ContinuousClock.now
    let result = try tool.run("train", "mnist")
    #expect(ContinuousClock.now - start < .seconds(20), "within seconds")
    result.expectFailure(
      66, "MNIST was found in none of \(tool.home.path("cache"))/swift-recurrent/mnist", "four files", "MNIST_DIR",
      "--data-dir", "RECURRENT_OFFLINE forbids downloads")
    #expect(result.output == "")
    #expect(try tool.folder.contents() == [])
    #expect(try tool.home.contents() == [], "nothing is left in the cache either")
    try tool.run("data", "mnist").expectFailure(66, "MNIST was found in none of", "--data-dir")
  }

  @Test func mnistIsFoundWhereItIsSaidToBe() throws {
    let tool = try Tool(environment: ["MNIST_DIR": ImageFiles.folder])
    try ImageFiles.write(to: tool.folder)
    try tool.run("train", "mnist", "--max-steps", "1", "--run-dir", "a").expectSuccess()
    #expect(try RunFiles(tool, "a").configuration()["task"] as? String == "mnist")
    let data = try #require(try RunFiles(tool, "a").configuration()["data"] as? [String: Any])
    #expect(data["name"] as? String == "images in the form of MNIST")
    #expect(data["source"] as? String == ImageFiles.folder)
    // The option goes before the variable.
    try tool.run("train", "mnist", "--data-dir", "elsewhere").expectFailure(66, "elsewhere/train-")
  }

  @Test func dataComparesAFolderWithTheOriginal() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run("data", "mnist", "--data-dir", ImageFiles.folder)
    #expect(
      result.output == """
        differs      282,256 bytes  images/train-images-idx3-ubyte
        differs          368 bytes  images/train-labels-idx1-ubyte
        differs       39,216 bytes  images/t10k-images-idx3-ubyte
        differs           58 bytes  images/t10k-labels-idx1-ubyte

        """)
    result.expectFailure(
      65, "images/train-images-idx3-ubyte: found SHA-256 ", "expected ba891046e650", "not MNIST's own")
  }
}
