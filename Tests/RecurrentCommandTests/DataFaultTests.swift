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
      file: "train-labels-idx1-ubyte", status: 65, words: ["found the bytes 50 4b 03 04", "IDX"],
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
        66, "\(folder)/train-", "found no such file", "expected one of the four files of MNIST")
    }
    #expect(try tool.folder.contents() == ["empty", "file"])
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
      "--data-dir", "RECURRENT_OFFLINE forbids to download it")
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
