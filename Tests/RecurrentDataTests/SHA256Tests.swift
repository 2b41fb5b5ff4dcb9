import TestSupport
import Testing

@testable import RecurrentData

@Suite("SHA-256")
struct SHA256Tests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let reason: String
    let message: [UInt8]
    let digits: String
    var testDescription: String { reason }

    init(_ reason: String, _ message: String, _ digits: String) {
      (self.reason, self.message, self.digits) = (reason, Array(message.utf8), digits)
    }
  }

  /// Source: NIST, *Examples with Intermediate Values* for FIPS 180-4 and its additional test vectors.
  static let vectors = [
    Vector("nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    Vector("one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    Vector(
      "padding that takes a block more", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    Vector(
      "two blocks",
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
    Vector(
      "a long message", String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test(arguments: vectors)
  func `Published examples`(_ vector: Vector) {
    #expect(SHA256.checksum(of: vector.message) == vector.digits)
  }

  @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 200])
  func `A message in two pieces has the checksum of the whole, wherever it is cut`(_ count: Int) {
    let message = (0..<count).map { UInt8($0) }
    let whole = SHA256.checksum(of: message)
    for cut in 0...count {
      var checksum = SHA256()
      message[..<cut].withUnsafeBytes { checksum.update($0) }
      message[cut...].withUnsafeBytes { checksum.update($0) }
      #expect(checksum.finish() == whole, "cut at \(cut)")
    }
  }

  @Test
  func `A file has the checksum of its uncompressed bytes`() throws {
    let folder = try TemporaryDirectory()
    let bytes = [UInt8]("abc".utf8)
    for path in [try folder.write(bytes, to: "plain"), try folder.write(IDXBytes.gzip(bytes), to: "gzip")] {
      let (digits, byteCount) = try SHA256.checksum(ofFile: path)
      #expect(digits == Self.vectors[1].digits)
      #expect(byteCount == 3)
    }
  }
}
