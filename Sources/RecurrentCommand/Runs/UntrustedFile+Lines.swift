#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UntrustedFile {
  /// The most bytes of a line.
  static let longestLine = 1 << 20

  /// Reads a file line by line, whatever its size, in the memory of one line; does nothing if it cannot be read.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes to read.
  ///   - body: called with each line, without its end; with nil for a line of more than ``longestLine`` bytes, and for
  ///     what lies beyond the limit.
  static func forEachLine(of path: String, limit: Int = 1 << 30, _ body: ([UInt8]?) -> Void) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { return }
    defer { close(file) }
    var (line, length, total) = ([UInt8](), 0, 0)
    func add(_ bytes: ArraySlice<UInt8>) {
      length += bytes.count
      if length <= longestLine { line += bytes }
    }
    func end() {
      body(length <= longestLine ? line : nil)
      line.removeAll(keepingCapacity: true)
      length = 0
    }
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe read(file, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      total += count
      if total > limit {
        body(nil)
        return
      }
      var rest = piece[..<count]
      while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
        add(rest[..<newline])
        end()
        rest = rest[(newline + 1)...]
      }
      add(rest)
    }
    if length > 0 { end() }
  }
}
