import RecurrentData
import Testing

/// The error that reading a file of the given rank ends with, checked for saying everything in one line; nil, with an
/// issue, if there is none.
func idxError(
  reading path: String, rank: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
) -> IDXError? {
  idxError(sourceLocation: sourceLocation) { () throws(IDXError) in _ = try IDXFile(contentsOf: path, rank: rank) }
}

/// The error that something ends with, checked for saying everything in one line; nil, with an issue, if there is none.
func idxError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(IDXError) -> Void
) -> IDXError? {
  do throws(IDXError) {
    try body()
  } catch {
    let text = error.description
    #expect(!text.contains("\n"), "an error is one line", sourceLocation: sourceLocation)
    for part in [error.path, error.found, error.expected, error.advice] {
      #expect(!part.isEmpty && text.contains(part), "an error says everything", sourceLocation: sourceLocation)
    }
    if let offset = error.offset {
      #expect(text.contains("at byte \(offset)"), "an error names its place", sourceLocation: sourceLocation)
    }
    return error
  }
  Issue.record("expected an error", sourceLocation: sourceLocation)
  return nil
}
