import RecurrentData
import RecurrentSupport
import TestSupport
import Testing

/// A file with a text, in a folder of its own that goes with it.
struct TextFile {
  let folder: TemporaryDirectory
  let path: String

  init(_ text: String, _ name: String) throws { try self.init(Array(text.utf8), name) }

  init(_ bytes: [UInt8], _ name: String) throws {
    folder = try TemporaryDirectory()
    path = try folder.write(bytes, to: name)
  }
}

/// The series in a text.
func series(
  _ text: String, _ name: String, as format: SeriesFile.Format? = nil, _ columns: SeriesColumns = SeriesColumns()
) throws -> SeriesData {
  let file = try TextFile(text, name)
  return try SeriesFile.read(file.path, as: format, columns: columns)
}

/// The error that something ends with, checked for saying everything in one line; nil, with an issue, if there is none.
func seriesError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> SeriesError? {
  do {
    try body()
  } catch let error as SeriesError {
    let text = error.description
    #expect(text == text.shown(limit: .max) && text.count < 1200, "\(text)", sourceLocation: sourceLocation)
    #expect(text.contains(error.found) && text.contains(error.expected), sourceLocation: sourceLocation)
    if let line = error.line { #expect(text.contains("line \(line)"), sourceLocation: sourceLocation) }
    if let column = error.column { #expect(text.contains("column \(column)"), sourceLocation: sourceLocation) }
    return error
  } catch {
    Issue.record("expected a SeriesError, found \(error)", sourceLocation: sourceLocation)
    return nil
  }
  Issue.record("expected an error", sourceLocation: sourceLocation)
  return nil
}

/// A bad file, and what has to be said about it.
struct BadFile: CustomTestStringConvertible, Sendable {
  let reason: String
  var name = "x.ts"
  let text: String
  var columns = SeriesColumns()
  let kind: SeriesError.Kind
  var line: Int?
  var column: Int?
  var found = ""
  var testDescription: String { reason }

  func check() throws {
    let error = try #require(seriesError { _ = try series(text, name, columns) })
    #expect(error.kind == kind, "\(error)")
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.found.contains(found), "\(error)")
  }

  private func series(_ text: String, _ name: String, _ columns: SeriesColumns) throws -> SeriesData {
    let file = try TextFile(text, name)
    return try SeriesFile.read(file.path, columns: columns)
  }
}
