import Foundation
import Synchronization
import TestSupport
import Testing
import WatchedCalls

@testable import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files are written whole or not at all, whoever else writes, and whatever a path stands for.
@Suite(.timeLimit(.minutes(30))) struct AtomicFileTests {
  private func text(_ path: String) throws -> String {
    try String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  private func type(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  // MARK: Two at once

  @Test("saves to one path at a time all succeed, and the last one wins")
  func concurrentSaves() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("model")
    let networks = (0..<4).map {
      SequenceModel(.init(input: .features(3), layers: .lstm(5), output: .classes(2)), seed: $0)
    }
    let failures = await withTaskGroup(of: Int.self) { group in
      for network in networks {
        group.addTask {
          (0..<50).count { _ in (try? network.save(to: path)) == nil }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(failures == 0, "of 200 saves")
    let last = try SequenceModel(contentsOf: path)
    #expect(networks.contains { $0.parameters == last.parameters }, "one of them, whole")
    #expect(try directory.contents() == ["model"])
  }

  @Test(
    "the bytes are on the disk before the file has its name, and the name before the write is over",
    .enabled(if: file_calls_can_be_noted() == 1, "needs Linux without a sanitizer"))
  func synchronization() throws {
    let directory = try TemporaryDirectory()
    for _ in 0..<2 {
      file_calls_begin()
      let result = Result { try AtomicFile.write("new", to: directory.path("file")) }
      let calls = String(cString: file_calls_end())
      try result.get()
      #expect(calls == "frd", "the file, its name, the folder")
    }
  }

  @Test("no two temporary names are equal, nor can they be foreseen from the process or the path")
  func temporaryNames() {
    let names = (0..<1000).map { _ in AtomicFile.temporaryName(for: "folder/model") }
    #expect(Set(names).count == 1000)
    #expect(names.allSatisfy { $0.hasPrefix("folder/model.") && $0.hasSuffix(".part") && $0.utf8.count == 34 })
    let long = AtomicFile.temporaryName(for: String(repeating: "ä", count: 127))
    #expect(long.utf8.count <= 255)
  }

  @Test("links under the temporary names of before are neither followed nor touched")
  func plantedTemporaries() throws {
    let directory = try TemporaryDirectory()
    let victim = try directory.write(Array("mine".utf8), to: "victim")
    let planted = directory.path("file.\(getpid()).part")
    #expect(symlink(victim, planted) == 0)
    try AtomicFile.write("new", to: directory.path("file"))
    #expect(try text(victim) == "mine" && type(planted) == S_IFLNK)
    #expect(try directory.contents() == ["file", "file.\(getpid()).part", "victim"])
  }

  // MARK: Names and permissions

  @Test("a name as long as names can be is written")
  func longName() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(String(repeating: "x", count: 255))
    try AtomicFile.write("new", to: path)
    #expect(try text(path) == "new")
  }

  @Test("a replaced file keeps its permissions, a new one has those that the mask leaves")
  func permissions() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    for wanted: mode_t in [0o600, 0o640, 0o666, 0o755] {
      #expect(chmod(path, wanted) == 0)
      try AtomicFile.write("new", to: path)
      #expect(mode(path) == wanted)
    }
    let mask = umask(0)
    _ = umask(mask)
    try AtomicFile.write("new", to: directory.path("fresh"))
    #expect(mode(directory.path("fresh")) == 0o666 & ~mask)
  }

  // MARK: Links

  @Test("a link that the user names stays a link, and the file it leads to is replaced", arguments: [true, false])
  func namedLink(exists: Bool) throws {
    let directory = try TemporaryDirectory()
    try directory.write([], to: "folder/other")
    if exists { try directory.write([1], to: "folder/file") }
    // Relative to where the link is, and by way of another link.
    #expect(symlink("folder/file", directory.path("second")) == 0 && symlink("second", directory.path("first")) == 0)
    try AtomicFile.write("new", to: directory.path("first"))
    #expect(type(directory.path("first")) == S_IFLNK && type(directory.path("second")) == S_IFLNK)
    #expect(type(directory.path("folder/file")) == S_IFREG)
    #expect(try text(directory.path("folder/file")) == "new")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path("folder")).sorted() == ["file", "other"])
  }

  @Test("links that lead round are refused")
  func circularLinks() throws {
    let directory = try TemporaryDirectory()
    #expect(symlink("b", directory.path("a")) == 0 && symlink("a", directory.path("b")) == 0)
    let error = try #require(throws: FileWriteError.self) { try AtomicFile.write("new", to: directory.path("a")) }
    #expect(error == FileWriteError(path: directory.path("a"), code: ELOOP))
  }

  @Test("a link planted in a folder of ours is replaced, and what it leads to is not touched")
  func plantedLink() throws {
    let directory = try TemporaryDirectory()
    let victim = try directory.write(Array("mine".utf8), to: "victim")
    let path = directory.path("config.json")
    let device = SafeDevice("null")
    for target in [victim, directory.path("nowhere")] + (device.map { [$0.path] } ?? []) {
      unlink(path)
      #expect(symlink(target, path) == 0)
      try AtomicFile.write("new", to: path, as: .member)
      #expect(type(path) == S_IFREG)
      #expect(try text(path) == "new")
    }
    #expect(try text(victim) == "mine" && directory.contents() == ["config.json", "victim"])
    #expect(device.map { type($0.path) == S_IFCHR && $0.isAlone } != false)
  }

  // MARK: What is no file

  @Test("a pipe is written into and stays a pipe", arguments: [false, true])
  func pipe(byLink: Bool) throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let path = byLink ? directory.path("link") : pipe
    if byLink { #expect(symlink("pipe", path) == 0) }
    let contents = String(repeating: "more than a pipe holds\n", count: 10_000)
    // A process, since a pipe makes both of its ends wait for each other.
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/bin/sh")
    reader.arguments = ["-c", "cat \"$0\" > \"$1\"", pipe, directory.path("read")]
    try reader.run()
    try AtomicFile.write(contents, to: path)
    reader.waitUntilExit()
    #expect(try text(directory.path("read")) == contents)
    #expect(type(pipe) == S_IFIFO)
  }

  @Test(
    "the null device takes everything and stays a device", .enabled(if: SafeDevice("null") != nil, "needs a device"))
  func nullDevice() throws {
    let device = try #require(SafeDevice("null"))
    let directory = try TemporaryDirectory()
    #expect(symlink(device.path, directory.path("link")) == 0)
    for path in [device.path, directory.path("link")] {
      try AtomicFile.write("gone", to: path)
      try SafeTensors(tensors: ["a": Tensor(zeros: [2])]).write(to: path)
    }
    #expect(type(device.path) == S_IFCHR && device.isAlone && type(directory.path("link")) == S_IFLNK)
    #expect(try directory.contents() == ["link"])
  }

  @Test("a descriptor's own path is written through the descriptor, behind what it has written before")
  func openDescriptor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("file")
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file > STDERR_FILENO)
    defer { close(file) }
    #expect(AtomicFile.writeAll(Array("first ".utf8), to: file) == 0)
    try AtomicFile.write("second ", to: "/dev/fd/\(file)")
    #expect(AtomicFile.writeAll(Array("third".utf8), to: file) == 0)
    #expect(try text(path) == "first second third")
    #expect(try directory.contents() == ["file"])
  }

  @Test("a full device is an error, not a file", .enabled(if: SafeDevice("full") != nil, "needs a full device"))
  func fullDevice() throws {
    let device = try #require(SafeDevice("full"))
    let error = try #require(throws: FileWriteError.self) { try AtomicFile.write("new", to: device.path) }
    #expect(error == FileWriteError(path: device.path, code: ENOSPC))
    #expect(type(device.path) == S_IFCHR && device.isAlone)
  }

  @Test("folders and sockets are refused, and in a folder of ours pipes and devices too")
  func refused() throws {
    let directory = try TemporaryDirectory()
    let socketPath = directory.path("socket")
    let descriptor = try boundSocket(socketPath)
    defer { close(descriptor) }
    #expect(mkfifo(directory.path("pipe"), 0o600) == 0)
    try directory.write([], to: "folder/inner")
    #expect(symlink("folder", directory.path("link")) == 0)
    let before = try directory.contents()
    let device = SafeDevice("null")
    for (path, place, reason) in [
      (socketPath, AtomicFile.Place.named, "found a socket"), (socketPath, .member, "found a socket"),
      (directory.path("pipe"), .member, "found a pipe"),
      (directory.path("folder"), .named, "Is a directory"), (directory.path("folder"), .member, "Is a directory"),
      (directory.path("link"), .named, "Is a directory"), ("", .named, "No such file or directory"),
      (directory.path("nowhere/"), .named, "No such file or directory"),
    ] + (device.map { [($0.path, .member, "found a device")] } ?? []) {
      let error = try #require(throws: FileWriteError.self) { try AtomicFile.write("new", to: path, as: place) }
      #expect(error.path == path && error.reason == reason, "\(error)")
    }
    #expect(try directory.contents() == before)
  }

  /// A socket that lies in a folder as a file does.
  private func boundSocket(_ path: String) throws -> Int32 {
    #if canImport(Darwin)
      let type = SOCK_STREAM
    #else
      let type = Int32(SOCK_STREAM.rawValue)
    #endif
    let descriptor = socket(AF_UNIX, type, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(result == 0)
    return descriptor
  }
}
