import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentData

/// What files of any form have in common: their bytes.
@Suite struct SeriesFileTests {
  @Test("compressed files are read by what they are, whatever their name")
  func gzip() throws {
    let text = Array("@data\n1,2\n".utf8)
    for name in ["x.ts.gz", "x.ts"] {
      let file = try TextFile(IDXBytes.gzip(text), name)
      #expect(try SeriesFile.read(file.path).sequences[0].inputs == [1, 2])
    }
    let damaged = try TextFile(IDXBytes.gzip(text).dropLast(6) + [], "x.ts.gz")
    #expect(try #require(seriesError { _ = try SeriesFile.read(damaged.path) }).kind == .unreadable)
  }

  @Test("bytes that are not UTF-8 are named with line and column")
  func encoding() throws {
    let file = try TextFile(Array("id,x\nüä,1\nü".utf8) + [0x92] + Array(",1\n".utf8), "x.csv")
    let error = try #require(seriesError { _ = try SeriesFile.read(file.path) })
    #expect(error.kind == .encoding && error.line == 3 && error.column == 2 && error.found == "byte 0x92")
    let utf16 = try TextFile([0xFF, 0xFE] + Array("a\0,\0".utf8), "x.csv")
    #expect(try #require(seriesError { _ = try SeriesFile.read(utf16.path) }).column == 1)
  }

  @Test("files of other kinds, folders and files that are not there")
  func otherFiles() throws {
    let folder = try TemporaryDirectory()
    func kind(_ path: String) -> SeriesError.Kind? { seriesError { _ = try SeriesFile.read(path) }?.kind }
    #expect(kind(folder.path("none.ts")) == .missing)
    #expect(kind(folder.path) == .unreadable)
    #expect(kind(try folder.write(Array("PK\u{3}\u{4}....".utf8), to: "x.csv")) == .encoding)
    #expect(kind(try folder.write(Array("<!DOCTYPE html><html>".utf8), to: "x.ts")) == .encoding)
    #expect(kind(try folder.write([], to: "x.csv")) == .empty)
  }

  @Test(
    "more values than the limit are refused where they begin to be too many", arguments: ["x.ts", "x.csv", "y.csv"])
  func limit(name: String) throws {
    // A sequence counts as 64 values besides its own.
    let row = name == "x.ts" ? "1,2,3,4\n" : name == "x.csv" ? "1,2,3,4\n" : "a,1,2\n"
    let head = name == "x.ts" ? "@data\n" : name == "x.csv" ? "t1,t2,t3,t4\n" : "id,x,y\n"
    let file = try TextFile(head + String(repeating: row, count: 100), name)
    let size = name == "y.csv" ? 64 + 200 : 6800
    #expect(try SeriesFile.read(file.path, valueLimit: size).sequences.count == (name == "y.csv" ? 1 : 100))
    let error = try #require(seriesError { _ = try SeriesFile.read(file.path, valueLimit: size - 1) })
    #expect(error.kind == .size && error.line == 101)
  }

  @Test("lines that cross the blocks in which a file is read, and one without an end")
  func blocks() throws {
    let rows = (0..<30_000).map { "s\($0 % 7),\($0),\(Double($0) / 8)" }
    let file = try TextFile("id,time,x\n" + rows.joined(separator: "\n"), "x.csv")
    let data = try SeriesFile.read(file.path)
    #expect(data.sequences.count == 7 && data.sequences.allSatisfy { $0.inputs.count >= 4285 })
    #expect(data.sequences[3].inputs.enumerated().allSatisfy { $1 == Float(7 * $0 + 3) / 8 })
  }

  @Test("memory does not grow with a line that never ends, nor with one of separators alone")
  func longLine() throws {
    let file = try TextFile(
      Array("@data\n".utf8) + Array(repeating: UInt8(ascii: "1"), count: RecordReader.lengthLimit + 1), "x.ts")
    let error = try #require(seriesError { _ = try SeriesFile.read(file.path) })
    #expect(error.kind == .size && error.line == 2)
    let separators = try TextFile(Array(repeating: UInt8(ascii: ","), count: 1 << 22), "x.csv")
    #expect(try #require(seriesError { _ = try SeriesFile.read(separators.path) }).kind == .size)
  }

  @Test("numbers are read as the standard library reads them")
  func numbers() throws {
    var generator = SplitMix64(seed: 5)
    var texts = ["0", "-0", ".5", "5.", "+7", "1e5", "-1.25E-3", "123456789012345", "1234567890123456", "0.1", "1e-50"]
    for _ in 0..<2000 {
      texts.append(String((Double(generator.uniform()) - 0.5) * Double(1 << generator.integer(below: 40))))
    }
    for text in texts {
      #expect(CellText.double(ArraySlice(text.utf8)) == Double(text), "\(text)")
    }
    for text in ["", "-", "+", ".", "1..2", "1e", "0x1p3", "inf", "nan", "1_000", "1 2", "٣", "1e400", "--1"] {
      #expect(CellText.double(ArraySlice(text.utf8)) == nil, "\(text)")
    }
  }

  @Test(
    "dates are seconds since 1970",
    arguments: [
      ("1970-01-01", 0), ("2000-03-01", 951_868_800), ("2024-02-29T12:30:15.5Z", 1_709_209_815.5),
      ("1969-12", -2_678_400),
      ("1900/03/01 00:00", -2_203_891_200), ("12.5", 12.5), ("2000-03-01Z", 951_868_800),
      ("2000-03-01 00:00:00+00:00", 951_868_800), ("2000-03-01T02:30+0230", 951_868_800),
      ("2000-02-29 19:00:00.25-05", 951_868_800.25), ("2000-02-29 20:30-03:30", 951_868_800),
      ("2000-03-01 00:00 CET", nil), ("2000-03-01 00:00+25:00", nil), ("2000-03-01 00:00+1:0", nil),
      ("2000-03-01 00:00Z+1", nil), ("2000-03-01+01:00", nil), ("2000-13-01", nil), ("01.03.2000", nil),
    ] as [(String, Double?)])
  func dates(text: String, seconds: Double?) {
    #expect(TimeStamp.point(ArraySlice(text.utf8)) == seconds)
  }
}

/// Random and damaged bytes.
@Suite struct SeriesRandomTests {
  static let samples: [(name: String, text: String, columns: SeriesColumns)] = [
    ("x.ts", "#c\n@univariate false\n@classLabel true a b\n@data\n1,2.5,?:3,4,5:a\n6:7e-1:b\n", SeriesColumns()),
    (
      "x.ts", "@timestamps true\n@targetLabel true\n@data\n(2004-08-10,1),(2004-08-11,2):0.5\n(1,2):1\n",
      SeriesColumns()
    ),
    ("x.tsv", "-1\t0.5\tNaN\n1\t2\t3\n", SeriesColumns()),
    ("x.csv", "label;t0;t1\n\"a;b\";1;2\nc;3;\n", SeriesColumns()),
    ("x.csv", SeriesTableTests.rivers, SeriesColumns(id: "basin", statics: ["area"], target: .stepValues(["flow"]))),
  ]

  /// Success or a typed error: anything else ends the process or fails.
  private func read(_ bytes: [UInt8], _ name: String, _ columns: SeriesColumns, _ folder: TemporaryDirectory) throws
    -> Bool
  {
    let path = try folder.write(bytes, to: name)
    do throws(SeriesError) {
      let data = try SeriesFile.read(path, columns: columns)
      #expect(!data.sequences.isEmpty && data.sequences.allSatisfy { !$0.inputs.isEmpty })
      // What was read can be prepared, or is refused for what it lacks.
      if let preparation = try? SeriesPreparation(learnedFrom: data) { _ = try? preparation.dataset(of: data) }
      return true
    } catch {
      #expect(!error.description.isEmpty && !error.isMissingInput)
      return false
    }
  }

  @Test("cut off anywhere", .timeLimit(.minutes(30)), arguments: samples.indices)
  func truncated(index: Int) throws {
    let (folder, sample) = (try TemporaryDirectory(), Self.samples[index])
    let bytes = Array(sample.text.utf8)
    #expect(try read(bytes, sample.name, sample.columns, folder))
    for count in 0..<bytes.count { _ = try read(Array(bytes[..<count]), sample.name, sample.columns, folder) }
  }

  @Test("some bytes changed, left out or put in", .timeLimit(.minutes(30)), arguments: samples.indices)
  func changed(index: Int) throws {
    let (folder, sample) = (try TemporaryDirectory(), Self.samples[index])
    let special = Array(",;:\t\n\r\"().?@#-+eE0189NaN\u{FEFF} ".utf8) + [0, 0x92, 0xFF]
    var outcomes: Set<Bool> = []
    for seed in 0..<400 {
      var generator = SplitMix64(seed: UInt64(seed), stream: UInt64(index))
      var bytes = Array(sample.text.utf8)
      for _ in 0...generator.integer(below: 4) {
        let (position, byte) = (generator.integer(below: bytes.count), special[generator.integer(below: special.count)])
        switch generator.integer(below: 3) {
        case 0: bytes[position] = byte
        case 1: bytes.insert(byte, at: position)
        default: bytes.remove(at: position)
        }
      }
      outcomes.insert(try read(bytes, sample.name, sample.columns, folder))
    }
    #expect(outcomes == [true, false])
  }

  @Test("nothing but random bytes", .timeLimit(.minutes(30)), arguments: ["x.ts", "x.tsv", "x.csv"])
  func random(name: String) throws {
    let folder = try TemporaryDirectory()
    for seed in 0..<200 {
      var generator = SplitMix64(seed: UInt64(seed))
      let start = name == "x.ts" && seed % 2 == 0 ? Array("@data\n".utf8) : []
      let bytes = start + (0..<generator.integer(below: 300)).map { _ in UInt8(generator.integer(below: 256)) }
      _ = try read(bytes, name, SeriesColumns(), folder)
    }
  }
}
