import Foundation
import Synchronization
import TestSupport
import Testing

@testable import RecurrentData

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A server on the loopback interface that answers every request in one way.
final class LoopbackServer: Sendable {
  /// Sends a part of the answer; false when the other side has gone.
  typealias Answer = @Sendable (_ send: (String) -> Bool) -> Void

  let port: UInt16
  private let descriptor: Int32

  init(_ answer: @escaping Answer) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 4) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(isListening)
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0 { return }
        Thread.detachNewThread {
          var request = [UInt8](repeating: 0, count: 4096)
          _ = recv(client, &request, request.count, 0)
          answer { text in
            let bytes = Array(text.utf8)
            return send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
          }
          close(client)
        }
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  var address: String { "http://127.0.0.1:\(port)/file.gz" }
}

#if os(Linux)
  @Suite("Downloads by HTTP", .timeLimit(.minutes(30)))
  struct HTTPTransferTests {
    private static let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// How the transfer of what a server sends fails; nil if it does not.
    private func failure(
      byteLimit: Int = 1000, _ patience: HTTPTransfer.Patience = .init(), _ answer: @escaping LoopbackServer.Answer
    ) async throws -> String? {
      let server = try LoopbackServer(answer)
      do throws(MNISTError.DownloadFailure) {
        try await HTTPTransfer.fetch(
          server.address, to: folder.path("file"), byteLimit: byteLimit, patience: patience
        ) { _, _ in }
        return nil
      } catch {
        #expect(error.address == server.address)
        return error.reason
      }
    }

    private var size: Int? { FileManager.default.contents(atPath: folder.path("file"))?.count }

    @Test
    func `A file comes whole, up to the limit`() async throws {
      let text = String(repeating: "x", count: 1000)
      #expect(try await failure { _ = $0(Self.ok + "Content-Length: 1000\r\n\r\n" + text) } == nil)
      #expect(size == 1000)
      #expect(try await failure { _ = $0(Self.ok + "\r\n" + text) } == nil, "without an announcement")
      #expect(size == 1000, "in the place of the one before")
    }

    @Test
    func `A server that sends without end is left`() async throws {
      let sent = Mutex(0)
      let reason = try await failure { send in
        let piece = String(repeating: "x", count: 10_000)
        guard send(Self.ok + "\r\n") else { return }
        // A gigabyte, unless somebody closes the connection.
        for _ in 0..<100_000 {
          guard send(piece) else { return }
          sent.withLock { $0 += piece.utf8.count }
          // As fast as a good network, so that a busy machine keeps up.
          usleep(500)
        }
      }
      #expect(reason == "the server sent more than 1000 bytes, which is more than the file has")
      #expect(try #require(size) <= 1000)
      #expect(sent.withLock { $0 } < 500_000_000)
    }

    @Test
    func `An announcement beyond the limit is enough`() async throws {
      let reason = try await failure { _ = $0(Self.ok + "Content-Length: 3000000000\r\n\r\n") }
      #expect(reason == "the server announced 3000000000 bytes, expected at most 1000")
    }

    @Test(arguments: ["before its header is whole", "after its header"])
    func `A server that sends a byte now and then is left`(_ place: String) async throws {
      let patience = HTTPTransfer.Patience(silence: 20, minimumRate: 1000, window: 0.5)
      let sent = Mutex(0)
      let reason = try await failure(patience) { send in
        if place == "after its header" { guard send(Self.ok + "\r\n") else { return } }
        for byte in Self.ok + String(repeating: "x", count: 900) {
          guard send(String(byte)) else { return }
          sent.withLock { $0 += 1 }
          usleep(20_000)
        }
      }
      #expect(reason == "fewer than 1000 bytes a second")
      #expect(sent.withLock { $0 } < 500, "long before the end")
    }

    @Test
    func `A slow server that keeps to the minimum is waited for`() async throws {
      // Beyond one window, and at many times the rate, so that a busy machine does not count as a slow server.
      let patience = HTTPTransfer.Patience(silence: 20, minimumRate: 1, window: 6)
      let reason = try await failure(patience) { send in
        guard send(Self.ok + "Content-Length: 60\r\n\r\n") else { return }
        for _ in 0..<60 {
          guard send("x") else { return }
          usleep(120_000)
        }
      }
      #expect(reason == nil)
      #expect(size == 60)
    }

    @Test
    func `A server that keeps silent, and one that answers with something else`() async throws {
      let patience = HTTPTransfer.Patience(silence: 1, minimumRate: 1, window: 30)
      #expect(try await failure(patience) { _ in sleep(4) } == "no response within 1 seconds")
      let reason = try await failure { _ = $0("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n<html>") }
      #expect(reason == "the server answered with status 404")
      #expect(size == 0, "nothing of the page is kept")
    }

    @Test
    func `The next mirror is asked`() async throws {
      let endless = try LoopbackServer { send in
        guard send(Self.ok + "\r\n") else { return }
        while send(String(repeating: "x", count: 10_000)) { usleep(500) }
      }
      let sound = try LoopbackServer { send in
        _ = send(Self.ok + "\r\none")
      }
      let addresses = [endless, sound].map { "http://127.0.0.1:\($0.port)/" }
      let downloader = Downloader(mirrors: addresses, transfer: HTTPTransfer.fetch)
      let item = Downloader.Item(name: "1", byteCount: 3, checksum: SHA256.checksum(of: Array("one".utf8)))
      try await downloader.download([item], to: folder.path("cache")) { _ in }
      #expect(FileManager.default.contents(atPath: folder.path("cache/1")) == Data("one".utf8))
      withExtendedLifetime((endless, sound)) {}
    }
  }
#endif
