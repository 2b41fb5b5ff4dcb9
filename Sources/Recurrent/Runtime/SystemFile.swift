#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Small files in which Linux tells about the machine and the process.
enum SystemFile {
  /// The first 64 KiB of a file; nil if it cannot be read.
  static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { Self.read(file, $0, from: count) }
      if more <= 0 { break }
      count += more
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func read(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
    #if canImport(Darwin)
      return Darwin.read(file, rest.baseAddress, rest.count)
    #elseif canImport(Musl)
      return Musl.read(file, rest.baseAddress, rest.count)
    #else
      return Glibc.read(file, rest.baseAddress, rest.count)
    #endif
  }
}
