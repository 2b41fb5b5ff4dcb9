import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// What the writer refuses, and what errors show of strangers' names.
@Suite struct SafeTensorsWordsTests {
  // MARK: What is written can be read

  @Test("contents that no reader would take are refused, and what was there stays")
  func refusedContents() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    let file = SafeTensors(tensors: ["__metadata__": Tensor(zeros: [2])])
    let error = try #require(throws: FileWriteError.self) { try file.write(to: path) }
    #expect(error.reason == "a tensor is named '__metadata__', the format's name for the metadata")
    #expect(error.description.hasSuffix("; rename it"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1]))
    #expect(try directory.contents() == ["file"])
    // As metadata the name may be used.
    try SafeTensors(tensors: [:], metadata: ["__metadata__": "x"]).write(to: path)
    #expect(try SafeTensors(contentsOf: path).metadata == ["__metadata__": "x"])
  }

  @Test("a header beyond the longest allowed is refused by the writer as by the reader")
  func longHeader() {
    let file = SafeTensors(tensors: ["a": Tensor(zeros: [2])])
    #expect(file.fault(headerLength: SafeTensors.longestHeader) == nil)
    #expect(
      file.fault(headerLength: SafeTensors.longestHeader + 1)?.reason
        == "a header of 100000001 bytes, more than the format's limit of 100000000")
  }

  @Test("whatever else is written is read again")
  func oddContents() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("file")
    let names = [
      "", " ", "\u{0}", "\u{1B}]52;c;\u{7}", "\"", "\\", "a/b", "\u{7F}\u{85}\u{2028}", "é", "__metadata", "😀",
      String(repeating: "x", count: 100_000),
    ]
    var file = SafeTensors(tensors: [:])
    for name in names {
      file.tensors[name] = Tensor(known: [1], values: [1])
      file.metadata[name] = name
    }
    for shape in [[0, 1 << 40, 1 << 40], [1 << 62, 0], [], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]] {
      file.tensors["\(shape)"] = Tensor(zeros: shape)
    }
    try file.write(to: path)
    #expect(try SafeTensors(contentsOf: path) == file)
  }

  // MARK: Words of strangers

  private static let escape = "\u{1B}]52;c;aGFja2Vk\u{7}\u{1B}[2J\u{202E}"
  private static let long = String(repeating: "long ", count: 6_000)

  /// A file of one LSTM layer, changed.
  private static func changed(_ change: (inout SafeTensors) -> Void) -> [UInt8] {
    var file = SequenceModel(.init(input: .features(3), layers: .lstm(5), output: .classes(2))).safeTensors
    change(&file)
    return file.bytes.flatMap(\.self)
  }

  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.map {
      $0.value < 32 ? "\\u00" + ($0.value < 16 ? "0" : "") + String($0.value, radix: 16) : "\($0)"
    }
    .joined()
  }

  /// Files whose refusal has to name what a stranger has chosen.
  private static func files(_ text: String) -> [(String, [UInt8])] {
    let word = quoted(text)
    func header(_ text: String) -> [UInt8] { SafeTensorsTests.file(text) }
    return [
      (
        "a tensor twice",
        header("{\"\(word)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"\(word)\":{}}")
      ),
      ("metadata twice", header("{\"__metadata__\":{\"\(word)\":\"\",\"\(word)\":\"\"}}")),
      ("an entry of another name", header("{\"\(word)\":{\"\(word)\":1}}")),
      ("no entries", header("{\"\(word)\":{}}")),
      ("offsets", header("{\"\(word)\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0]}}")),
      ("a size", header("{\"\(word)\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}")),
      (
        "a gap",
        SafeTensorsTests.file("{\"\(word)\":{\"dtype\":\"\(word)\",\"shape\":[],\"data_offsets\":[1,1]}}", data: [0])
      ),
      ("a tensor too many", changed { $0.tensors[text] = Tensor(zeros: [1]) }),
      ("a type", bytesOfOtherType(word)),
      ("two prefixes", changed { $0.tensors[text + ".weight_ih_l0"] = Tensor(zeros: [1]) }),
      (
        "a prefix",
        changed {
          $0.tensors[text + ".weight_ih_l0"] = $0.tensors.removeValue(forKey: "weight_ih_l0")
          $0.tensors[text + ".weight_hh_l0"] = Tensor(zeros: [3, 7])
        }
      ),
      (
        "heads",
        changed { file in
          file.tensors["head.weight"] = nil
          for index in 0..<300 { file.tensors["\(text)\(index).weight"] = Tensor(zeros: [4, 5]) }
        }
      ),
      ("a layer of the metadata", changed { $0.metadata = ["recurrent.cells": text] }),
      ("a kind of the metadata", changed { $0.metadata = ["recurrent.cells": "lstm \(text.filter { $0 != " " })"] }),
    ]
  }

  private static func bytesOfOtherType(_ word: String) -> [UInt8] {
    SafeTensorsTests.file(
      "{\"weight_ih_l0\":{\"dtype\":\"\(word)\",\"shape\":[],\"data_offsets\":[0,0]}}")
  }

  @Test("names, types and metadata are shown escaped and cut, wherever they come up", arguments: [true, false])
  func shown(isLong: Bool) throws {
    let text = isLong ? Self.long : Self.escape
    let directory = try TemporaryDirectory()
    for (reason, bytes) in Self.files(text) {
      let path = try directory.write(bytes, to: "file")
      let error = try #require(throws: SafeTensorsError.self, "\(reason)") { try SequenceModel(contentsOf: path) }
      let said = error.description
      #expect(said.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 0x7F && $0 != "\u{202E}" }, "\(reason)")
      #expect(said.utf8.count < path.utf8.count + 600, "\(reason): \(said.utf8.count) bytes")
      #expect(error.expected.count < 250 && !error.expected.hasSuffix("more)"), "\(reason): \(error.expected)")
    }
  }

  @Test("what is assumed shows names escaped")
  func assumption() {
    let said = SequenceModel.Assumption.skipped(name: Self.escape, type: Self.long).description
    #expect(said.unicodeScalars.allSatisfy { $0.value >= 32 } && said.count < 250)
  }

  @Test("paths are shown escaped")
  func paths() throws {
    let path = "/nowhere/\u{1B}[2J"
    let reading = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
    let writing = try #require(throws: FileWriteError.self) { try SafeTensors(tensors: [:]).write(to: path) }
    for said in [reading.description, writing.description] { #expect(said.hasPrefix("/nowhere/\\u{1B}[2J: ")) }
    #expect(reading.path == path && writing.path == path)
  }

  // MARK: Files of other kinds

  @Test(
    "a file of another kind is named, with what to do",
    arguments: [
      (Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 100), "a ZIP archive", "unpack it"),
      ([0x80, 0x02, 0x7D, 0x71, 0, 0, 0, 0, 0, 1], "a Python pickle", "safetensors.torch.save_file"),
      (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), "a Git LFS pointer", "git lfs pull"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], "a PNG image", "name the file of a model"),
      (Array("<!DOCTYPE html><html>".utf8), "an HTML page", "download the file itself"),
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0, 0, 0], "an HDF5 file", "safetensors.torch.save_file"),
      (Array("GGUF".utf8) + [3, 0, 0, 0, 0, 0], "a GGUF file", "safetensors.torch.save_file"),
      (Array("{\"a\": 1}\n".utf8), "JSON text", "name the file of a model"),
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "a gzip file", "decompress it"),
      // ONNX: a protobuf, which has no signature.
      (
        [0x08, 0x07, 0x12, 0x07] + Array("pytorch".utf8),
        "a file of another format, which starts with 08 07 12 07 70 79 74 6f", "safetensors.torch.save_file"
      ),
    ] as [([UInt8], String, String)])
  func otherKinds(bytes: [UInt8], found: String, advice: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes, to: "model.pt")
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(contentsOf: path) }
    #expect(error.kind == .malformed && error.found.hasPrefix(found), "\(error)")
    #expect(error.expected.hasPrefix("a safetensors file; ") && error.expected.contains(advice), "\(error)")
  }
}
