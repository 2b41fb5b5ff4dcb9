import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// Reading and writing of safetensors files: what is right comes through bit for bit.
@Suite struct SafeTensorsTests {
  /// The bytes of a file with this header and this many bytes behind it.
  static func file(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let length = length ?? UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + text + data
  }

  private func read(_ bytes: [UInt8]) throws -> SafeTensors {
    let directory = try TemporaryDirectory()
    return try SafeTensors(contentsOf: directory.write(bytes, to: "file"))
  }

  private func bits(_ tensor: Tensor?) -> [UInt32]? { tensor?.values.map(\.bitPattern) }

  // MARK: What is right

  @Test("every bit of every float comes back, whatever it means")
  func roundTrip() throws {
    let patterns: [UInt32] = [
      0, 0x8000_0000,  // both zeros
      0x7f80_0000, 0xff80_0000,  // both infinities
      0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffff_ffff,  // quiet, signalling and loaded NaNs
      1, 0x807f_ffff,  // subnormal
      0x7f7f_ffff, 0x3f80_0000, 0x0080_0000,
    ]
    let file = SafeTensors(
      tensors: [
        "special": Tensor(known: [13], values: patterns.map(Float.init(bitPattern:))),
        "scalar": Tensor(known: [], values: [42]),
        "empty": Tensor(known: [3, 0, 5], values: []),
        "cube": Tensor(known: [2, 3, 4], values: (0..<24).map { Float($0) / 7 }),
        "näme \"with\" \\ and \n\u{1}😀": Tensor(known: [1], values: [-1]),
      ], metadata: ["format": "pt", "wörds": "\"quoted\"\ttab\u{0}", "": ""])
    let directory = try TemporaryDirectory()
    try file.write(to: directory.path("file"))
    let copy = try SafeTensors(contentsOf: directory.path("file"))
    #expect(copy.metadata == file.metadata)
    #expect(copy.tensors.mapValues(\.shape) == file.tensors.mapValues(\.shape))
    for (name, tensor) in file.tensors { #expect(bits(copy.tensors[name]) == bits(tensor), "\(name)") }
    #expect(try directory.contents() == ["file"], "nothing else is left")
  }

  @Test("the bytes are those of the format's description")
  func bytes() throws {
    let file = SafeTensors(
      tensors: ["b": Tensor(known: [2], values: [1, -2]), "a": Tensor(known: [1, 1], values: [0.5])],
      metadata: ["format": "pt"])
    let header = """
      {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},\
      "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}
      """
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
    #expect(file.bytes.flatMap(\.self) == Self.file(padded, data: data))
    #expect(padded.utf8.count % 8 == 0, "tensors begin at a multiple of 8")
    #expect(SafeTensors(tensors: [:]).bytes.flatMap(\.self) == Self.file("{}      "))
  }

  @Test("equal contents make equal files, in whatever order they came")
  func order() {
    let names = (0..<50).map { "tensor\($0)" }
    func file(_ names: [String]) -> [[UInt8]] {
      var file = SafeTensors(tensors: [:])
      for name in names {
        file.tensors[name] = Tensor(zeros: [name.count])
        file.metadata[name] = name
      }
      return file.bytes
    }
    #expect(file(names) == file(names.reversed()))
  }

  @Test("blanks, escapes and entries in another order are right as well")
  func liberties() throws {
    let header = """
      {\t"x" : {"data_offsets" : [ 0 , 8 ], "shape":[2 ],"dtype":"F32"} ,
       "__metadata__":{ "\\u00e4\\/\\ud83d\\ude00":"\\b\\f\\n\\r\\t\\\\\\"" },
       "y":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}
      """
    let file = try read(Self.file(header + "  ", data: [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]))
    #expect(file.tensors == ["x": Tensor(known: [2], values: [1, 2]), "y": Tensor(known: [], values: [3])])
    #expect(file.metadata == ["ä/😀": "\u{8}\u{c}\n\r\t\\\""])
  }

  @Test("doubles and both kinds of halves become floats, also beyond one piece of reading")
  func otherTypes() throws {
    let doubles: [Double] = [0.1, -0.0, .infinity, 1e300, 0x1p-149, 3]
    let count = 150_000  // more than one piece of either type
    func bytes(_ value: UInt64, count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var data = doubles.flatMap { bytes($0.bitPattern, count: 8) }
    let words = (0..<count).flatMap { bytes(UInt64($0), count: 2) }
    data += words + words
    let (second, end) = (48 + 2 * count, 48 + 4 * count)
    let file = try read(
      Self.file(
        """
        {"d":{"dtype":"F64","shape":[6],"data_offsets":[0,48]},
         "h":{"dtype":"F16","shape":[\(count)],"data_offsets":[48,\(second)]},
         "b":{"dtype":"BF16","shape":[\(count)],"data_offsets":[\(second),\(end)]}}
        """, data: data))
    #expect(bits(file.tensors["d"]) == doubles.map { Float($0).bitPattern })
    let truncated = (0..<count).map { UInt32($0 & 0xffff) << 16 }
    #expect(bits(file.tensors["b"]) == truncated)
    let halves = try #require(file.tensors["h"]).values
    let expected = (0..<count).map { Float(half: UInt16(truncatingIfNeeded: $0)).bitPattern }
    #expect(halves.map(\.bitPattern) == expected)
  }

  #if !(os(macOS) && arch(x86_64))
    @Test("all halves there are have the value that the processor gives them")
    func halves() {
      for bits in UInt16.min...UInt16.max {
        let (ours, theirs) = (Float(half: bits), Float(Float16(bitPattern: bits)))
        #expect(ours.bitPattern == theirs.bitPattern || (ours.isNaN && theirs.isNaN && ours.sign == theirs.sign))
      }
    }
  #endif

  // MARK: Writing

  @Test("a file that cannot be written is named, and what was there stays")
  func failedWrites() throws {
    let directory = try TemporaryDirectory()
    try directory.write([1], to: "file")
    try directory.write([1], to: "folder/inner")
    let file = SafeTensors(tensors: ["a": Tensor(zeros: [2])])
    for (path, reason) in [
      (directory.path("nowhere/file"), "No such file or directory"), (directory.path("file/below"), "Not a directory"),
      (directory.path("folder"), "Is a directory"),
      (directory.path(String(repeating: "x", count: 300)), "File name too long"),
    ] {
      let error = try #require(throws: FileWriteError.self) { try file.write(to: path) }
      #expect(error.path == path && error.reason == reason)
      #expect(error.description.hasPrefix("\(path): cannot be written (\(reason))"))
    }
    #expect(try directory.contents() == ["file", "folder"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("folder")) == ["inner"])
  }

  @Test("a file takes the place of the one before in one step")
  func replacing() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("file")
    for size in [5, 1, 9] {
      try SafeTensors(tensors: ["a": Tensor(zeros: [size])]).write(to: path)
      #expect(try SafeTensors(contentsOf: path).tensors["a"]?.shape == [size])
    }
    #expect(try directory.contents() == ["file"])
  }
}
