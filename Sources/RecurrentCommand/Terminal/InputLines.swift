#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The lines of standard input; a line that is too long is truncated, so that it cannot fill the memory.
struct InputLines {
  /// The most bytes of a line.
  static let longest = 1 << 16

  private var buffer: ArraySlice<UInt8> = []
  private var hasEnded = false

  /// The next line without its line break, or nil after the last; a line that is too long has `longest + 1` bytes.
  mutating func next() -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        line += buffer[..<end]
        buffer = buffer[(end + 1)...]
        return Array(line.prefix(Self.longest + 1))
      }
      line = Array((line + buffer).prefix(Self.longest + 1))
      buffer = []
      if hasEnded { return line.isEmpty ? nil : line }
      fill()
    }
  }

  private mutating func fill() {
    var piece = [UInt8](repeating: 0, count: Self.longest)
    let count = unsafe read(STDIN_FILENO, &piece, piece.count)
    if count < 0 && errno == EINTR { return }
    if count <= 0 { hasEnded = true } else { buffer = piece[..<count] }
  }
}
