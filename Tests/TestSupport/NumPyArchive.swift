import Recurrent

/// The arrays of an `.npz` file whose members are not compressed, read as the specifications of ZIP and NPY say.
///
/// The checksums of members are not checked here; they are in ``Member/checksum``.
public struct NumPyArchive {
  /// One array, with what its headers say.
  public struct Member: Sendable {
    /// The name, without `.npy`.
    public let name: String
    /// The type of the elements, such as `<f4`.
    public let type: String
    /// The size of each dimension.
    public let shape: [Int]
    /// The bit patterns of the elements, of 32 bits each.
    public let elements: [UInt32]
    /// The bytes of the `.npy` file.
    public let bytes: [UInt8]
    /// Their CRC-32, as the directory has it.
    public let checksum: UInt32

    /// The elements as a tensor; nil unless they are floats.
    public var tensor: Tensor? {
      type == "<f4" ? try? Tensor(shape: shape, values: elements.map(Float.init(bitPattern:))) : nil
    }
  }

  /// What is wrong with a file, in words.
  public struct Damage: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// The arrays in the order of the directory.
  public let members: [Member]

  /// Reads a file from its end, where the directory is, as NumPy does.
  public init(_ bytes: [UInt8]) throws {
    func number(_ offset: Int, _ count: Int) throws -> Int {
      guard offset >= 0, offset + count <= bytes.count else {
        throw Damage(description: "offset \(offset) lies outside")
      }
      return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func text(_ offset: Int, _ count: Int) throws -> String {
      guard offset >= 0, offset + count <= bytes.count else {
        throw Damage(description: "offset \(offset) lies outside")
      }
      return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }
    let end = bytes.count - 22
    guard try number(end, 4) == 0x0605_4b50 else { throw Damage(description: "no end record") }
    let (count, size, start) = (try number(end + 10, 2), try number(end + 12, 4), try number(end + 16, 4))
    guard try number(end + 8, 2) == count, start + size == end else { throw Damage(description: "another directory") }
    var members: [Member] = []
    var entry = start
    for _ in 0..<count {
      guard try number(entry, 4) == 0x0201_4b50 else { throw Damage(description: "no central header at \(entry)") }
      let nameLength = try number(entry + 28, 2)
      let local = try number(entry + 42, 4)
      // Version, flags, method, time, date, checksum, sizes and lengths are told twice.
      guard try number(local, 4) == 0x0403_4b50, bytes[entry + 6..<entry + 32] == bytes[local + 4..<local + 30],
        try number(entry + 10, 2) == 0, try number(entry + 20, 4) == number(entry + 24, 4)
      else { throw Damage(description: "another local header at \(local)") }
      let name = try text(entry + 46, nameLength)
      guard try text(local + 30, nameLength) == name, name.hasSuffix(".npy") else {
        throw Damage(description: "another name than \(name)")
      }
      let (first, length) = (local + 30 + nameLength, try number(entry + 20, 4))
      members.append(
        try Member(
          name: String(name.dropLast(4)), bytes: Array(bytes[first..<first + length]),
          checksum: UInt32(try number(entry + 16, 4))))
      entry += 46 + nameLength
    }
    guard entry == end else { throw Damage(description: "the directory ends at \(entry)") }
    self.members = members
  }

  /// The array of a name; nil if there is none.
  public subscript(name: String) -> Member? { members.first { $0.name == name } }
}

extension NumPyArchive.Member {
  /// Reads a file of format 1.0.
  fileprivate init(name: String, bytes: [UInt8], checksum: UInt32) throws {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]), bytes.count >= 10 else {
      throw NumPyArchive.Damage(description: "\(name) is no array")
    }
    let end = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard end.isMultiple(of: 64), end <= bytes.count, bytes[end - 1] == 10 else {
      throw NumPyArchive.Damage(description: "the header of \(name) ends at \(end)")
    }
    let header = String(decoding: bytes[10..<end], as: UTF8.self)
    guard
      let match = header.wholeMatch(
        of: /\{'descr': '(<[fi]4)', 'fortran_order': False, 'shape': \(((?:\d+,\s?)+)\), \} *\n/)
    else { throw NumPyArchive.Damage(description: "the header of \(name) is \(header)") }
    let shape = match.2.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
    let count = shape.reduce(1, *)
    guard bytes.count == end + 4 * count else {
      throw NumPyArchive.Damage(description: "\(name) has \(bytes.count - end) bytes for shape \(shape)")
    }
    let elements = (0..<count).map { index in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[end + 4 * index + $1]) << (8 * UInt32($1)) }
    }
    self.init(
      name: name, type: String(match.1), shape: shape, elements: elements, bytes: bytes, checksum: checksum)
  }
}
