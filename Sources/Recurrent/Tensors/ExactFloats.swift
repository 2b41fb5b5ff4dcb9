/// Floats that are written as text and read back bit for bit, NaNs and infinities included.
///
/// The text is base64 (RFC 4648) of the bit patterns, 4 bytes each, least significant first: a third of the length of
/// decimal digits, and independent of how an encoder prints numbers.
struct ExactFloats: Codable, Equatable {
  var values: [Float]

  init(_ values: [Float]) { self.values = values }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = Self.bytes(of: text.utf8), bytes.count.isMultiple(of: 4) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected base64 of 4 bytes per float, found \(text.utf8.count) characters")
    }
    values = stride(from: 0, to: bytes.count, by: 4).map { first in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[first + $1]) << (8 * $1) })
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// The value of each character; 64 if it is not in the alphabet.
  private static let digits: [UInt8] = {
    var digits = [UInt8](repeating: 64, count: 256)
    for (value, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(value) }
    return digits
  }()
  private static let padding = UInt8(ascii: "=")

  private var text: String {
    var result: [UInt8] = []
    result.reserveCapacity(values.count * 16 / 3 + 4)
    // Up to two bytes wait here for the third of their group.
    var (bits, bitCount): (UInt32, Int) = (0, 0)
    for value in values {
      for i in 0..<4 {
        bits = bits << 8 | (value.bitPattern >> (8 * UInt32(i))) & 0xFF
        bitCount += 8
        while bitCount >= 6 {
          bitCount -= 6
          result.append(Self.alphabet[Int(bits >> UInt32(bitCount)) & 63])
        }
        bits &= (1 << UInt32(bitCount)) - 1
      }
    }
    if bitCount > 0 { result.append(Self.alphabet[Int(bits << UInt32(6 - bitCount)) & 63]) }
    while !result.count.isMultiple(of: 4) { result.append(Self.padding) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a base64 text; nil if it is not base64.
  private static func bytes(of text: String.UTF8View) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    let characters = text.reversed().drop { $0 == padding }.reversed()
    guard text.count - characters.count <= 2 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, bitCount): (UInt32, Int) = (0, 0)
    for character in characters {
      let digit = digits[Int(character)]
      guard digit < 64 else { return nil }
      bits = bits << 6 | UInt32(digit)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        bits &= (1 << UInt32(bitCount)) - 1
      }
    }
    // An encoder writes zeros for the bits beyond the last byte.
    return bits == 0 ? bytes : nil
  }
}
