import Foundation
import TestSupport
import Testing

@testable import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Safetensors files that are not as they should be: each is refused with a word on what was found where, and on
/// what was expected; nothing crashes, waits, or takes memory on a file's word.
@Suite struct SafeTensorsFaultTests {
  struct Fault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let offset: Int?
    let found: String
    let expected: String
    var kind = SafeTensorsError.Kind.malformed

    init(
      _ reason: String, _ header: String, data: Int = 0, length: UInt64? = nil, at offset: Int?, found: String,
      expected: String, kind: SafeTensorsError.Kind = .malformed
    ) {
      self.init(
        reason, bytes: SafeTensorsTests.file(header, data: Array(repeating: 0, count: data), length: length),
        at: offset,
        found: found, expected: expected, kind: kind)
    }

    init(
      _ reason: String, bytes: [UInt8], at offset: Int?, found: String, expected: String,
      kind: SafeTensorsError.Kind = .malformed
    ) {
      testDescription = reason
      (self.bytes, self.offset, self.found, self.expected, self.kind) = (bytes, offset, found, expected, kind)
    }
  }

  private static func tensor(_ shape: String = "[2]", _ offsets: String = "[0,8]", type: String = "F32") -> String {
    #"{"x":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  @Test(arguments: [
    Fault("no bytes", bytes: [], at: nil, found: "an empty file", expected: "a safetensors file; fetch or write"),
    Fault("not even a length", bytes: [1, 2, 3], at: nil, found: "a file of 3 bytes", expected: "at least 8"),
    Fault("a length beyond the file", "{}", length: 3, at: 0, found: "a header of 3 bytes", expected: "at most 2"),
    Fault(
      "a length that is negative as a signed number", "{}", length: .max, at: 0,
      found: "a header of 18446744073709551615 bytes", expected: "at most 2, the rest of the file"),
    Fault("no header", "", at: 8, found: "the end of the header", expected: "{"),
    Fault("blanks before the header", " {}", at: 8, found: "the byte 0x20", expected: "{"),
    Fault("no JSON", "hello", at: 8, found: "h", expected: "{"),
    Fault("an array", "[]", at: 8, found: "[", expected: "{"),
    Fault("cut off", "{", at: 9, found: "the end of the header", expected: "\""),
    Fault("a comma too many", "{\"__metadata__\":{},}", at: 27, found: "}", expected: "\""),
    Fault("words behind it", "{} x", at: 11, found: "x", expected: "nothing but spaces"),
    Fault("a zero byte behind it", "{}\0", at: 10, found: "the byte 0x0", expected: "nothing but spaces"),
    Fault("a name without end", "{\"abc", at: 13, found: "the end of the header", expected: "the rest of the string"),
    Fault("a name with a raw line break", "{\"a\nb\":1}", at: 11, found: "the byte 0xa", expected: "the rest"),
    Fault("a made-up escape", "{\"\\x41\":1}", at: 10, found: "\\", expected: "a JSON escape"),
    Fault("half a character", "{\"\\ud83d\":1}", at: 10, found: "an unpaired surrogate", expected: "a whole character"),
    Fault("an escape cut short", "{\"\\u12", at: 10, found: "\\", expected: "four hexadecimal digits"),
    Fault(
      "bytes that are no UTF-8", bytes: SafeTensorsTests.file("{\"", data: [0xff, 0xfe, 0x22, 0x7d], length: 6), at: 10,
      found: "invalid UTF-8", expected: "text"),
    Fault("a number for a tensor", "{\"x\":1}", at: 13, found: "1", expected: "{"),
    Fault("a list for a tensor", "{\"x\":[[[[]]]]}", at: 13, found: "[", expected: "{"),
    Fault("a tensor without entries", "{\"x\":{}}", at: 13, found: "'x' with missing", expected: "dtype, shape"),
    Fault(
      "a tensor without a type", #"{"x":{"shape":[],"data_offsets":[0,4]}}"#, data: 4, at: 13,
      found: "'x' with missing entries", expected: "dtype, shape and data_offsets"),
    Fault(
      "an entry of another kind", #"{"x":{"strides":[1]}}"#, at: 14, found: "'strides' in 'x'",
      expected: "dtype, shape and data_offsets"),
    Fault(
      "an entry twice", #"{"x":{"dtype":"F32","dtype":"F32"}}"#, at: 28, found: "'dtype' in 'x'",
      expected: "each once"),
    Fault(
      "a tensor twice",
      #"{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}"#,
      data: 8, at: 61, found: "duplicate name 'x'", expected: "unique names"),
    Fault(
      "metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, at: 27,
      found: "duplicate name '__metadata__'", expected: "unique names"),
    Fault(
      "a word of metadata twice", #"{"__metadata__":{"a":"","a":""}}"#, at: 32, found: "duplicate name 'a'",
      expected: "unique names"),
    Fault("a number in the metadata", #"{"__metadata__":{"a":1}}"#, at: 29, found: "1", expected: "\""),
    Fault(
      "whole numbers for more bytes", tensor(type: "I64"), data: 8, at: 13, found: "'x' with 8 bytes",
      expected: "16 for I64 of shape [2]"),
    Fault(
      "elements that fill no whole byte", tensor("[3]", "[0,1]", type: "F4"), data: 1, at: 13,
      found: "'x' of shape [3]", expected: "a size in whole bytes"),
    Fault("a negative size", tensor("[-2]"), data: 8, at: 37, found: "-", expected: "a whole number of at least 0"),
    Fault("a fraction", tensor("[2.0]"), data: 8, at: 38, found: ".", expected: "]"),
    Fault("a power of ten", tensor("[2e0]"), data: 8, at: 38, found: "e", expected: "]"),
    Fault("a leading zero", tensor("[02]"), data: 8, at: 37, found: "0", expected: "a whole number"),
    Fault("a size in words", tensor("[\"2\"]"), data: 8, at: 37, found: "\"", expected: "a whole number"),
    Fault(
      "a size beyond 64 bits", tensor("[99999999999999999999]"), data: 8, at: 37, found: "a number beyond 64 bits",
      expected: "a size"),
    Fault(
      "sizes whose product is beyond 64 bits", tensor("[4294967296,4294967296]"), data: 8, at: 13,
      found: "'x' of shape [4294967296, 4294967296]", expected: "64 bits"),
    Fault(
      "sizes that overflow before the zero", tensor("[9223372036854775807,2,0]", "[0,0]"), at: 13,
      found: "'x' of shape [9223372036854775807, 2, 0]", expected: "64 bits"),
    Fault(
      "a shape for more bytes", tensor("[3]"), data: 8, at: 13, found: "'x' with 8 bytes",
      expected: "12 for F32 of shape [3]"),
    Fault(
      "a shape for fewer bytes", tensor("[]"), data: 8, at: 13, found: "'x' with 8 bytes",
      expected: "4 for F32 of shape []"),
    Fault("one offset", tensor("[2]", "[8]"), data: 8, at: 13, found: "'x' at [8]", expected: "a start and an end"),
    Fault(
      "three offsets", tensor("[2]", "[0,8,8]"), data: 8, at: 13, found: "'x' at [0, 8, 8]",
      expected: "a start and an end"),
    Fault(
      "the end before the beginning", tensor("[2]", "[8,0]"), data: 8, at: 13, found: "'x' at [8, 0]",
      expected: "in this order"),
    Fault(
      "an end beyond the file", tensor("[3]", "[0,12]"), data: 11, at: 13, found: "'x' at [0, 12]",
      expected: "an end within the 11 bytes"),
    Fault(
      "an end far beyond the file", tensor("[2305843009213693951]", "[0,9223372036854775804]"), data: 8, at: 13,
      found: "'x' at [0, 9223372036854775804]", expected: "an end within the 8 bytes"),
    Fault("bytes after the last tensor", tensor(), data: 9, at: 70, found: "continues to byte 71", expected: "its end"),
    Fault("bytes and no tensor", "{}", data: 1, at: 10, found: "continues to byte 11", expected: "its end"),
    Fault(
      "a gap before the first tensor", tensor("[1]", "[4,8]"), data: 8, at: 66, found: "the start of 'x'",
      expected: "it at byte 62"),
    Fault(
      "tensors that overlap",
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      data: 12, at: 120, found: "the start of 'b'", expected: "it at byte 124"),
    Fault(
      "a gap between tensors",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
      data: 12, at: 124, found: "the start of 'b'", expected: "it at byte 120"),
    Fault(
      "two tensors in one place",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      data: 4, at: 115, found: "the start of 'b'", expected: "it at byte 119"),
  ])
  func faults(_ fault: Fault) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(fault.bytes, to: "file")
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
    #expect(error.kind == fault.kind)
    #expect(error.path == path)
    #expect(error.offset == fault.offset, "\(error)")
    #expect(error.found.contains(fault.found), "\(error)")
    #expect(error.expected.contains(fault.expected), "\(error)")
    #expect(error.description.hasPrefix(path) && !error.description.contains("\n"))
    #expect(error.description.utf8.count < path.utf8.count + 300, "a line that can be read")
  }

  @Test("a name that fills the screen is cut off in messages")
  func longNames() throws {
    let name = String(repeating: "long", count: 10_000)
    let directory = try TemporaryDirectory()
    let header = "{\"\(name)\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}"
    let path = try directory.write(SafeTensorsTests.file(header), to: "file")
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
    #expect(error.found.count < 200)
  }

  @Test("a header longer than any that is allowed is refused before it is read")
  func hugeHeader() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(SafeTensorsTests.file("", length: 100_000_001), to: "file")
    // A file that has the size without taking the room.
    #expect(truncate(path, 200_000_000) == 0)
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
    #expect(error.found == "a header of 100000001 bytes")
    #expect(error.expected == "at most 100000000, the longest allowed")
  }

  @Test("paths that are no files")
  func noFiles() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([1], to: "file")
    let pipe = directory.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for (path, kind, found) in [
      (directory.path("nowhere"), SafeTensorsError.Kind.missing, "no such file"),
      (file + "/below", .missing, "no such file"), ("", .missing, "no such file"),
      (directory.path, .unreadable, "a folder"), (pipe, .unreadable, "something other than a file"),
      ("/dev/null", .unreadable, "something other than a file"),
      (directory.path(String(repeating: "x", count: 300)), .unreadable, "File name too long"),
    ] {
      let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
      #expect(error.kind == kind && error.path == path && error.offset == nil)
      #expect(error.found.contains(found), "\(error)")
      #expect(error.expected == "a safetensors file")
    }
  }

  @Test("a file that was cut off anywhere is refused")
  func truncated() throws {
    let file = SafeTensors(
      tensors: ["a": Tensor(known: [3], values: [1, 2, 3]), "b": Tensor(known: [2, 2], values: [4, 5, 6, 7])],
      metadata: ["words": "some"])
    let bytes = file.bytes.flatMap(\.self)
    let directory = try TemporaryDirectory()
    for count in 0..<bytes.count {
      let path = try directory.write(Array(bytes.prefix(count)), to: "file")
      #expect(throws: SafeTensorsError.self, "\(count) bytes of \(bytes.count)") { try SafeTensors(contentsOf: path) }
    }
  }

  @Test("random bytes are refused, and random changes refused or read: there is no third way", arguments: 0..<4)
  func randomBytes(_ seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let directory = try TemporaryDirectory()
    let sound = SafeTensors(
      tensors: [
        "weight_ih_l0": Tensor(zeros: [8, 3]), "weight_hh_l0": Tensor(zeros: [8, 2]),
        "bias_ih_l0": Tensor(zeros: [8]), "head.weight": Tensor(zeros: [2, 2]), "head.bias": Tensor(zeros: [2]),
      ], metadata: ["recurrent.cells": "lstm"]
    ).bytes.flatMap(\.self)
    var (read, refused) = (0, 0)
    for turn in 0..<700 {
      var bytes: [UInt8]
      if turn.isMultiple(of: 4) {
        bytes = (0..<generator.integer(below: 200)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        // Half of them with a length that leads further.
        if turn.isMultiple(of: 8), bytes.count > 8 {
          bytes.replaceSubrange(0..<8, with: [UInt8(bytes.count - 8), 0, 0, 0, 0, 0, 0, 0])
          bytes[8] = UInt8(ascii: "{")
        }
      } else {
        bytes = sound
        for _ in 0...generator.integer(below: 3) {
          let place = generator.integer(below: turn.isMultiple(of: 3) ? bytes.count : 480)
          // Digits more often than anything else: they say what is where.
          let digit = UInt8(ascii: "0") + UInt8(generator.integer(below: 10))
          bytes[place] = turn.isMultiple(of: 2) ? digit : UInt8(truncatingIfNeeded: generator.next())
        }
      }
      let path = try directory.write(bytes, to: "file")
      do throws(SafeTensorsError) {
        _ = try SequenceModel(contentsOf: path)
        read += 1
      } catch {
        #expect(error.path == path)
        refused += 1
      }
    }
    #expect(read > 0 && refused > 350)
  }
}
