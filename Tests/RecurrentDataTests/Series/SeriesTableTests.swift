import RecurrentData
import TestSupport
import Testing

/// Tables of series: a row for each, or a row for each step.
@Suite struct SeriesTableTests {
  @Test(
    "separators are seen from the first line and said",
    arguments: [(",", nil), (";", "cells are separated by semicolons"), ("\t", "cells are separated by tabs")])
  func separators(separator: String, notice: String?) throws {
    let rows = [["class", "t0", "t1"], ["walk", "1", "2"], ["rest", "3", ""]]
    let data = try series(rows.map { $0.joined(separator: separator) }.joined(separator: "\r\n"), "x.csv")
    #expect(data.labelNames == ["rest", "walk"] && data.sequences.map(\.inputs) == [[1, 2], [3]])
    #expect(
      data.notices == [notice].compactMap { $0 }
        + ["the first line is read as a header", "1 sequence without values at the end: read as shorter"])
  }

  @Test(
    "a header is one if a cell has a role, or none is a number",
    arguments: [
      ("label,0,1\na,5,6\n", 1, SeriesColumns()), ("x,y,z\n4,5,6\n", 1, SeriesColumns()),
      ("4,5,6\n7,8,9\n", 2, SeriesColumns()), ("a,5,6\nb,8,9\n", 2, SeriesColumns(target: .label("1"))),
      ("1,2,3\n7,8,9\n", 1, SeriesColumns(hasHeader: true)), ("1,2,3\n7,8,9\n", 1, SeriesColumns(statics: ["3"])),
      ("?,,NaN\n7,8,9\n", 1, SeriesColumns()),
    ])
  func header(text: String, count: Int, columns: SeriesColumns) throws {
    #expect(try series(text, "x.csv", as: .wide, columns).sequences.count == count)
  }

  @Test("a wide table may have names, static inputs and values to be predicted")
  func wide() throws {
    let data = try series(
      "id,area,t1,t2,yield,loss\nnorth,5,1,2,0.5,\nsouth,6,3,?,,8\n", "x.csv", as: .wide,
      SeriesColumns(statics: ["area"], target: .values(["yield", "loss"])))
    #expect(data.sequences.map(\.id) == ["north", "south"] && data.staticNames == ["area"])
    #expect(data.sequences.map(\.statics) == [[5], [6]] && data.sequences.map(\.inputs) == [[1, 2], [3]])
    #expect(data.sequences[0].targets[0] == 0.5 && data.sequences[0].targets[1].isNaN)
    #expect(data.sequences[1].targets[0].isNaN && data.sequences[1].targets[1] == 8)
  }

  @Test(
    "what says that a value is missing",
    arguments: ["", "?", "NaN", "nan", "-nan", "NA", "n/a", "null", "None", "NULL"])
  func missing(text: String) throws {
    let data = try series("id,x,class\na,1,u\na,\(text),u\na,3,u\nb,2,v\n", "x.csv", as: .long)
    let values = data.sequences[0].inputs
    #expect(values.count == 3 && values[0] == 1 && values[1].isNaN && values[2] == 3)
  }

  static let rivers = """
    basin,date,rain,temperature,area,flow
    a,2024-01-31,1,-5,100,10
    b,2024-01-31,2,-6,200,
    a,2024-02-01,,-4,,12
    b,2024-02-01,4,-3,200,22
    a,2024-02-02,5,-2,100,?

    """

  @Test("a long table: rows of series may be mixed, targets of steps and inputs may be missing")
  func long() throws {
    let columns = SeriesColumns(id: "basin", statics: ["area"], target: .stepValues(["flow"]))
    let data = try series(Self.rivers, "rivers.csv", columns)
    #expect(data.channels == ["rain", "temperature"] && data.sequences.map(\.id) == ["a", "b"])
    #expect(data.sequences.map(\.line) == [2, 3] && data.stepCounts == 2...3)
    #expect(data.sequences.map(\.statics) == [[100], [200]], "missing in one row, known from another")
    #expect(data.sequences[1].inputs == [2, -6, 4, -3])
    #expect(data.values(ofChannel: 1, in: data.sequences[0]) == [-5, -4, -2])
    #expect(data.sequences[0].targets.map(\.isNaN) == [false, false, true])
    #expect(data.targetCount == 3 && data.missingCounts == [1, 0])
    #expect(data.description == "2 sequences of 2 to 3 steps, 2 channels, 1 static input, 1 target value at every step")
  }

  @Test("a long table: classes of steps, one class for each series, values for each series")
  func targets() throws {
    let text = "id,x,state,class,load\n1,0,on,A,7\n1,0,,A,\n2,0,off,,8\n2,0,on,B,8\n"
    let steps = try series(text, "x.csv", SeriesColumns(channels: ["x"], target: .stepLabel("state")))
    #expect(steps.labelNames == ["off", "on"] && steps.sequences.map(\.labels) == [[1, -1], [0, 1]])
    let labels = try series(text, "x.csv", SeriesColumns(channels: ["x"]))
    #expect(labels.labelNames == ["A", "B"] && labels.sequences.map(\.labels) == [[0], [1]])
    let values = try series(text, "x.csv", SeriesColumns(channels: ["x"], target: .values(["load"])))
    #expect(values.sequences.map(\.targets) == [[7], [8]])
    #expect(
      try series(text, "x.csv", SeriesColumns(channels: ["x"], target: SeriesColumns.Target.none)).targetKind == .none)
  }

  @Test("one long series without names, by month")
  func oneSeries() throws {
    let data = try series("Date,passengers\n1949-01,112\n1949-02,118\n1949-03,132\n", "airline.csv")
    #expect(data.channels == ["passengers"] && data.sequences[0].inputs == [112, 118, 132])
    #expect(
      data.notices == ["the first line is read as a header", "no column of names: all rows are one series"])
  }

  @Test("quotes by RFC 4180: separators, line ends and doubled quotes within them")
  func quotes() throws {
    let data = try series(
      "id,\"a \"\"b\"\", c\"\r\n\"x\r\ny\",\"1.5\"\r\n\"x\r\ny\",2\r\n\"\",3\r\n", "x.csv", as: .long)
    #expect(data.channels == ["a \"b\", c"] && data.sequences.map(\.id) == ["x\r\ny", ""])
    #expect(data.sequences.map(\.inputs) == [[1.5, 2], [3]] && data.sequences.map(\.line) == [2, 6])
  }

  static let bad: [BadFile] = [
    BadFile(reason: "blank lines", name: "x.csv", text: "\n \n\t\n", kind: .empty),
    BadFile(reason: "a header alone", name: "x.csv", text: "id,x\n", kind: .empty),
    BadFile(
      reason: "too few cells", name: "x.csv", text: "id,x,y\n1,2,3\n1,2\n", kind: .ragged, line: 3, column: 4,
      found: "2 cells"),
    BadFile(
      reason: "too many cells", name: "x.csv", text: "id,x\n1,2\n1,2,3\n", kind: .ragged, line: 3, column: 5,
      found: "3 cells"),
    BadFile(
      reason: "a word", name: "x.csv", text: "id,x\n1,2\n1, dry\n", kind: .number, line: 3, column: 4,
      found: "'dry' as 'x'"),
    BadFile(
      reason: "the column counts characters", name: "x.csv", text: "id,x\nüß,dry\n", kind: .number, line: 2, column: 4),
    BadFile(
      reason: "a word after a quoted line end", name: "x.csv", text: "id,x\n\"a\nb\",y\n", kind: .number, line: 3,
      column: 4),
    BadFile(
      reason: "a decimal comma", name: "x.csv", text: "id;x\n1;2,5\n", kind: .number, line: 2, column: 3, found: "'2,5'"
    ),
    BadFile(reason: "an open quotation", name: "x.csv", text: "id,x\n\"a,1\nb,2\n", kind: .quotes, line: 2),
    BadFile(
      reason: "text after a quotation", name: "x.csv", text: "id,x\n\"a\"b,1\n", kind: .quotes, line: 2, column: 4),
    BadFile(
      reason: "quotes within a cell", name: "x.csv", text: "id,x\n5\" pipe\",1\n", kind: .quotes, line: 2, column: 2),
    BadFile(
      reason: "two columns of one name", name: "x.csv", text: "id,x,x\n1,2,3\n", kind: .header, line: 1, found: "'x'"),
    BadFile(reason: "no inputs", name: "x.csv", text: "id,time\n1,2\n", kind: .columns, line: 1),
    BadFile(
      reason: "no such column", name: "x.csv", text: "id,x\n1,2\n", columns: SeriesColumns(statics: ["area"]),
      kind: .columns, line: 1, found: "'area'"),
    BadFile(
      reason: "two roles", name: "x.csv", text: "id,x\n1,2\n",
      columns: SeriesColumns(statics: ["x"], target: .stepValues(["x"])), kind: .columns, line: 1, found: "'x'"),
    BadFile(
      reason: "targets without names", name: "x.csv", text: "id,x\n1,2\n",
      columns: SeriesColumns(target: .stepValues([])), kind: .columns, line: 1),
    BadFile(
      reason: "time goes back", name: "x.csv", text: "id,time,x\na,1,0\nb,1,0\na,1,0\n", kind: .time, line: 4,
      column: 3, found: "of 'a'"),
    BadFile(reason: "no time", name: "x.csv", text: "time,x\n,1\n", kind: .time, line: 2, column: 1),
    BadFile(
      reason: "a month beyond the year", name: "x.csv", text: "time,x\n2024-13-01,1\n", kind: .time, line: 2, column: 1),
    BadFile(
      reason: "a class that changes", name: "x.csv", text: "id,class,x\na,1,0\na,2,0\n", kind: .label, line: 3,
      column: 3),
    BadFile(
      reason: "a static input that changes", name: "x.csv", text: "id,s,x\na,1,0\na,2,0\n",
      columns: SeriesColumns(statics: ["s"]), kind: .statics, line: 3, column: 3),
    BadFile(
      reason: "terminal commands", name: "x.csv", text: "id,x\n1,\u{1B}[2J\u{202E}\n", kind: .number, line: 2, column: 3
    ),
    BadFile(
      reason: "a huge cell", name: "x.csv", text: "id,x\n1,\(String(repeating: "9e", count: 100_000))\n", kind: .number,
      line: 2, column: 3),
    BadFile(
      reason: "a huge name", name: "x.csv", text: "id,x\n\(String(repeating: "n", count: 1001)),1\n", kind: .label,
      line: 2),
  ]

  @Test("what is wrong is named with line and column", arguments: bad)
  func badFiles(_ file: BadFile) throws { try file.check() }

  @Test("targets of steps and time need a row for each step")
  func wrongForm() throws {
    for columns in [SeriesColumns(target: .stepValues(["x"])), SeriesColumns(time: "x")] {
      let error = try #require(seriesError { _ = try series("x,y\n1,2\n", "x.csv", as: .wide, columns) })
      #expect(error.kind == .columns)
    }
  }
}
