import Recurrent
import RecurrentData
import RecurrentSupport

/// The text of training runs.
struct TrainingText: RunSource {
  let source: TextSource
  /// The files, as they were named.
  private let files: [String]
  /// The bytes of standard input, if the text is from there.
  let input: [UInt8]?

  /// Reads files, or standard input.
  init(_ options: TextOptions) throws(CommandFailure) {
    files = options.files
    guard files == ["-"] else {
      input = nil
      do throws(TextError) { source = try TextSource(contentsOf: files, encoding: options.encoding) } catch {
        throw CommandFailure(error)
      }
      return
    }
    let name = "standard input"
    guard let bytes = UntrustedFile.start(of: "/dev/stdin", limit: TextSource.largestSize + 1, waits: true) else {
      throw CommandFailure("\(name): cannot be read, expected a text", .missingInput)
    }
    if bytes.count > TextSource.largestSize {
      throw CommandFailure(
        "\(name): found more than \(TextSource.largestSize.grouped) bytes (1 GiB), expected less; take a part", .badData
      )
    }
    input = bytes
    do throws(TextError) { source = try TextSource(bytes: bytes, name: name, encoding: options.encoding) } catch {
      throw CommandFailure(error)
    }
  }

  var kind: TaskKind { .text }
  var name: String { source.name }
  var nameInPictures: String { RunPicture.shortSource(source.name) }
  var identity: (name: String, source: String)? { (Self.dataName, files.joined(separator: " ")) }
  static let dataName = "text"
}
