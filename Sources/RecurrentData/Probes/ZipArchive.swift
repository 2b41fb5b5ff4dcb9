import CZlib

/// A zip file whose members are stored as they are, without compression.
///
/// ```
/// for each member: local header, name, contents      then for each: central header, name      end record
/// ```
///
/// All members have the same date, so that equal contents give equal bytes.
///
/// Source: PKWARE, *.ZIP File Format Specification*, sections 4.3 and 4.4.
struct ZipArchive {
  private static let localHeader: UInt32 = 0x0403_4b50
  private static let centralHeader: UInt32 = 0x0201_4b50
  private static let endRecord: UInt32 = 0x0605_4b50
  /// 2.0: no extensions are needed to read it.
  private static let version: UInt16 = 20
  /// Names are in UTF-8.
  private static let flags: UInt16 = 1 << 11
  /// The first day that a zip file can name: January 1, 1980.
  private static let date: UInt16 = 1 << 5 | 1

  private var members: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a member.
  mutating func add(_ contents: [UInt8], named name: String) {
    let size = UInt32(clamping: contents.count)
    let checksum = unsafe contents.withUnsafeBufferPointer {
      unsafe UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count))
    }
    // Stored, at midnight; compressed and plain size are the same; no extra fields.
    var common = littleEndian(Self.version) + littleEndian(Self.flags) + littleEndian(UInt16(0))
    common += littleEndian(UInt16(0)) + littleEndian(Self.date) + littleEndian(checksum)
    common += littleEndian(size) + littleEndian(size)
    common += littleEndian(UInt16(clamping: name.utf8.count)) + littleEndian(UInt16(0))
    // No comment, the first disk, no attributes.
    let position = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + littleEndian(UInt32(clamping: members.count))
    directory += littleEndian(Self.centralHeader) + littleEndian(Self.version) + common + position + name.utf8
    members += littleEndian(Self.localHeader) + common + name.utf8 + contents
    count += 1
  }

  /// The whole file; nil if its sizes or the number of members do not fit their fields.
  var bytes: [UInt8]? {
    guard members.count + directory.count < UInt32.max, count < UInt16.max else { return nil }
    let number = littleEndian(UInt16(count))
    let end = [0, 0, 0, 0] + number + number + littleEndian(UInt32(directory.count))
    return members + directory + littleEndian(Self.endRecord) + end + littleEndian(UInt32(members.count)) + [0, 0]
  }

  /// Whether the first bytes of a file are those of such an archive, and its first member has this name.
  ///
  /// Archives that NumPy writes have another version and other flags.
  static func isArchive(_ start: [UInt8], first name: String) -> Bool {
    start.starts(with: littleEndian(localHeader) + littleEndian(version) + littleEndian(flags))
      && start.dropFirst(30).starts(with: name.utf8)
  }
}
