import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A terminal that nobody sits at: what is written to its tail can be read as text.
final class PseudoTerminal {
  struct Failure: Error {}

  /// The end that a program writes to.
  private(set) var tail: Int32
  private let head: Int32
  private let reader = DispatchGroup()
  private let bytes = Bytes()

  private final class Bytes: @unchecked Sendable {  // written by one thread, and read when that has ended
    var all: [UInt8] = []
  }

  /// Opens a terminal.
  init(columns: UInt16) throws {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var (head, tail): (Int32, Int32) = (-1, -1)
    guard openpty(&head, &tail, nil, nil, &size) == 0 else { throw Failure() }
    self.head = head
    self.tail = tail
    // A terminal that nobody reads is soon full, and holds the program up.
    let (source, bytes) = (head, bytes)
    Thread.detachNewThread(in: reader) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(source, &buffer, buffer.count)
        if count <= 0 { return }
        bytes.all += buffer[..<count]
      }
    }
  }

  deinit {
    if tail >= 0 { close(tail) }
    close(head)
  }

  /// Everything that has been written; to be asked for when the program has ended.
  func text() -> String {
    close(tail)
    tail = -1
    reader.wait()
    return String(decoding: bytes.all, as: UTF8.self)
  }
}

extension Thread {
  fileprivate static func detachNewThread(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    detachNewThread {
      body()
      group.leave()
    }
  }
}
