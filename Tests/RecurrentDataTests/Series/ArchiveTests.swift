import RecurrentData
import TestSupport
import Testing

/// The `.ts` files of the time-series archives.
@Suite struct ArchiveTests {
  static let header = "@problemName p\n@timeStamps false\n@univariate false\n@classLabel true a b\n@data\n"

  @Test("dimensions, unequal lengths, classes in words, CRLF, a byte-order mark, comments, capitals")
  func reading() throws {
    let data = try series(
      "\u{FEFF}# about\r\n\r\n@PROBLEMNAME p\r\n@Univariate False\r\n@dimension 2\r\n@equalLength false\r\n"
        + "@classLabel true walk rest\r\n@DATA\r\n1,2,3:10,20,30:walk\r\n# between\r\n -4 , 5e-1:4E1,+50: rest \r\n",
      "x.ts")
    #expect(data.channels == ["1", "2"] && data.targetKind == .label)
    #expect(data.labelNames == ["rest", "walk"])
    #expect(data.sequences.map(\.inputs) == [[1, 10, 2, 20, 3, 30], [-4, 40, 0.5, 50]])
    #expect(data.sequences.map(\.labels) == [[1], [0]])
    #expect(data.sequences.map(\.line) == [9, 11])
    #expect(data.notices.isEmpty, "\(data.notices)")
    #expect(data.description == "2 sequences of 2 to 3 steps, 2 channels, 2 classes")
    #expect(data.classBalance.description == "rest: 1, walk: 1")
  }

  @Test("missing values are '?' and NaN in any capitals; a tail that lacks all channels means shorter")
  func missing() throws {
    let data = try series(Self.header + "1,?,nan,NaN:NaN,2,?,?:a\n?,1:1,1:b\n", "x.ts")
    #expect(data.sequences[0].inputs.map(\.isNaN) == [false, true, true, false])
    #expect(data.sequences[1].inputs[0].isNaN && data.sequences[1].inputs.count == 4)
    #expect(data.missingCounts == [2, 1])
    #expect(data.notices == ["1 sequence without values at the end: read as shorter"])
  }

  @Test("a header that is wrong about sizes is corrected by the data, and said so")
  func wrongHeader() throws {
    let data = try series(
      "@univariate true\n@equalLength true\n@seriesLength 9\n@missing false\n@color blue\n@data\n1,2:?,4\n1:2\n", "x.ts"
    )
    #expect(data.targetKind == .none && data.channels.count == 2)
    #expect(
      data.notices == [
        "line 5: '@color' has no meaning here, and is ignored",
        "the header says 1 channel, the rows have 2, which are read",
        "the header says equal lengths, the series have 1 to 2 steps, which are read",
        "the header says that no value is missing, 1 are",
      ])
    let equal = try series("@equalLength true\n@seriesLength 9\n@data\n1,2\n3,4\n", "x.ts")
    #expect(equal.notices == ["the header says 9 steps, the series have 2, which are read"])
  }

  @Test(
    "labels are numbers from -1 or 1, or words; a number is the same class however it is written",
    arguments: [
      ("true 1 -1", ["1.0", "-1", "1.0000000e+00"], ["-1", "1"]),
      ("true 1 2 10", ["10", "2", "1"], ["1", "2", "10"]), ("true", ["b", "10", "A"], ["10", "A", "b"]),
    ])
  func labels(header: String, rows: [String], names: [String]) throws {
    let text = "@classLabel \(header)\n@data\n" + rows.map { "1:\($0)\n" }.joined()
    let data = try series(text, "x.ts")
    #expect(data.labelNames == names)
    let expected = rows.map { row in names.firstIndex { $0 == row || Double($0) == Double(row) && Double(row) != nil } }
    #expect(data.sequences.map { Int($0.labels[0]) } == expected.map { $0 ?? -9 })
  }

  @Test("values to be predicted, one of them missing")
  func regression() throws {
    let data = try series("@targetLabel true\n@data\n1,2:0.5\n1:?\n", "x.ts")
    #expect(data.targetKind == .values && data.targetNames == ["target"] && data.targetCount == 1)
    #expect(data.sequences[0].targets == [0.5] && data.sequences[1].targets[0].isNaN)
  }

  @Test("time stamps are read if they ascend and are those of all channels; uneven ones are said")
  func timeStamps() throws {
    let data = try series(
      "@timestamps true\n@data\n"
        + "(2004-02-28 18:00:00,1.5),(2004-02-29 18:00:00,?),(2004-03-01 18:00:00,3):"
        + "(2004-02-28 18:00:00,4),(2004-02-29 18:00:00,5),(2004-03-01 18:00:00,6)\n(0,1),(86400,2):(0,3),(86400,4)\n",
      "x.ts")
    #expect(data.sequences[1].inputs == [1, 3, 2, 4] && data.sequences[0].inputs[3] == 5)
    #expect(data.notices.isEmpty, "\(data.notices)")
    let uneven = try series("@data\n(1,1),(2,2),(4,3)\n", "x.ts")
    #expect(uneven.notices == ["time steps are uneven, from 1 to 2: the network reads them as one step each"])
  }

  static let bad: [BadFile] = [
    BadFile(reason: "empty", text: "", kind: .empty),
    BadFile(reason: "no rows", text: "@data\n", kind: .empty),
    BadFile(reason: "no header", text: "1,2:a\n", kind: .header, line: 1, found: "'1,2:a' before @data"),
    BadFile(reason: "no @data", text: "#\n@classLabel true a\n", kind: .header),
    BadFile(
      reason: "neither true nor false", text: "@missing maybe\n@data\n1\n", kind: .header, line: 1, found: "maybe"),
    BadFile(reason: "no number of dimensions", text: "@dimensions x\n@data\n1\n", kind: .header, line: 1),
    BadFile(
      reason: "a word", text: header + "1,2:3,x4:a\n", kind: .number, line: 6, column: 7,
      found: "'x4' as step 2 of channel 2"),
    BadFile(reason: "infinity", text: "@data\ninf\n", kind: .number, line: 2, column: 1),
    BadFile(reason: "beyond a Float", text: "@data\n1,1e39\n", kind: .number, line: 2, column: 3),
    BadFile(reason: "hexadecimal", text: "@data\n0x10\n", kind: .number, line: 2, column: 1),
    BadFile(
      reason: "an unknown class", text: header + "1:2:a\n1:2:c\n", kind: .label, line: 7, column: 5, found: "'c'"),
    BadFile(reason: "no class", text: "@classLabel true\n@data\n1,2,3\n", kind: .channels, line: 3),
    BadFile(
      reason: "values in place of the class", text: "@classLabel true\n@data\n1,2:3,4\n", kind: .label, line: 3,
      column: 5),
    BadFile(reason: "other channels", text: header + "1:2:a\n1:2:3:b\n", kind: .channels, line: 7, found: "3 channels"),
    BadFile(
      reason: "channels of two lengths", text: header + "1,2:1:a\n", kind: .ragged, line: 6, column: 5,
      found: "1 value in channel 2"),
    BadFile(reason: "only missing values", text: header + "?,?:?,?:a\n", kind: .empty, line: 6),
    BadFile(reason: "time goes back", text: "@data\n(2,1),(1,1)\n", kind: .time, line: 2, column: 7),
    BadFile(
      reason: "a time of no kind", text: "@data\n(10/08/2004,1)\n", kind: .time, line: 2, column: 2, found: "10/08/2004"
    ),
    BadFile(reason: "times differ", text: "@data\n(1,1),(2,1):(1,1),(3,1)\n", kind: .time, line: 2, column: 19),
    BadFile(reason: "an open parenthesis", text: "@data\n(1,1\n", kind: .time, line: 2, column: 1),
    BadFile(reason: "time at some steps", text: "@data\n1,(2,1)\n", kind: .time, line: 2, column: 3),
    BadFile(reason: "time at the first step", text: "@data\n(2,1),1\n", kind: .time, line: 2, column: 7),
    BadFile(reason: "time of the second channel only", text: "@data\n1:(2,1)\n", kind: .time, line: 2, column: 3),
    BadFile(
      reason: "a target that is a word", text: "@targetLabel true\n@data\n1:x\n", kind: .number, line: 3, column: 3),
  ]

  @Test("what is wrong is named with line and column", arguments: bad)
  func badFiles(_ file: BadFile) throws { try file.check() }
}

/// The `.tsv` files of the UCR archive.
@Suite struct ArchiveTableTests {
  @Test("the class comes first; NaN at the end means shorter, within it is missing")
  func reading() throws {
    let data = try series("-1\t0.5\tNaN\t1.5\tNaN\tNaN\n1.0\t1\t2\t3\t4\t5\n", "PLAID_TRAIN.tsv")
    #expect(data.labelNames == ["-1", "1"] && data.channels == ["1"])
    #expect(data.sequences.map(\.labels) == [[0], [1]])
    #expect(data.sequences[0].inputs.count == 3 && data.sequences[0].inputs[1].isNaN)
    #expect(data.sequences[1].inputs == [1, 2, 3, 4, 5])
    #expect(data.notices == ["1 sequence without values at the end: read as shorter"])
  }

  static let bad: [BadFile] = [
    BadFile(
      reason: "ragged", name: "x.tsv", text: "1\t2\t3\n1\t2\n", kind: .ragged, line: 2, column: 4, found: "2 cells"),
    BadFile(
      reason: "too long", name: "x.tsv", text: "1\t2\n1\t2\t3\n", kind: .ragged, line: 2, column: 5, found: "3 cells"),
    BadFile(reason: "commas", name: "x.tsv", text: "1,2,3\n", kind: .columns, line: 1, found: "no column of inputs"),
    BadFile(reason: "a word", name: "x.tsv", text: "1\t2\n1\tx\n", kind: .number, line: 2, column: 3, found: "'x'"),
  ]

  @Test("what is wrong is named with line and column", arguments: bad)
  func badFiles(_ file: BadFile) throws { try file.check() }
}
