/// The SHA-256 checksum of bytes that arrive in pieces.
///
/// ```
/// T₁ = h + Σ₁(e) + Ch(e, f, g) + Kₜ + Wₜ     T₂ = Σ₀(a) + Maj(a, b, c)
/// h ← g ← f ← e ← d + T₁                     d ← c ← b ← a ← T₁ + T₂
/// ```
///
/// Source: FIPS 180-4, *Secure Hash Standard*, sections 4.1.2 (functions), 4.2.2 (constants), 5.1.1 (padding)
/// and 6.2.2 (the computation).
package struct SHA256 {
  private var hash: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var schedule = [UInt32](repeating: 0, count: 64)
  // The beginning of a block that is not complete yet.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Adds bytes at the end of the message.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var rest = unsafe bytes[...]
    if !pending.isEmpty {
      let wanted = unsafe rest.prefix(64 - pending.count)
      unsafe pending.append(contentsOf: wanted)
      unsafe rest = rest.dropFirst(wanted.count)
      guard pending.count == 64 else { return }
      let block = pending
      unsafe block.withUnsafeBytes { unsafe compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    while unsafe rest.count >= 64 {
      unsafe compress(UnsafeRawBufferPointer(rebasing: rest.prefix(64)))
      unsafe rest = rest.dropFirst(64)
    }
    unsafe pending.append(contentsOf: rest)
  }

  /// Ends the message and returns its checksum as 64 hexadecimal digits.
  consuming func finish() -> String {
    let bitCount = byteCount * 8
    let zeros = (119 - pending.count) % 64
    let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: bitCount >> (8 * $0)) }
    let padding = [0x80] + [UInt8](repeating: 0, count: zeros) + length
    unsafe padding.withUnsafeBytes { unsafe update($0) }
    return hash.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// Processes one block of 64 bytes.
  private mutating func compress(_ block: UnsafeRawBufferPointer) {
    for t in 0..<16 {
      schedule[t] = unsafe UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self))
    }
    for t in 16..<64 {
      let (w2, w15) = (schedule[t - 2], schedule[t - 15])
      let σ0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >> 3)
      let σ1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >> 10)
      schedule[t] = σ1 &+ schedule[t - 7] &+ σ0 &+ schedule[t - 16]
    }
    var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
    var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
    for t in 0..<64 {
      let Σ1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let T1 = h &+ Σ1 &+ ((e & f) ^ (~e & g)) &+ Self.constants[t] &+ schedule[t]
      let Σ0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let T2 = Σ0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ T1, c, b, a, T1 &+ T2)
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { hash[index] &+= word }
  }

  private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

  /// The fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}

extension SHA256 {
  /// The checksum of an array of bytes.
  package static func checksum(of bytes: [UInt8]) -> String {
    var checksum = SHA256()
    unsafe bytes.withUnsafeBytes { unsafe checksum.update($0) }
    return checksum.finish()
  }

  /// The checksum and number of the uncompressed bytes of a file, plain or gzip; more than `limit` are an error.
  static func checksum(ofFile path: String, limit: Int = .max) throws(IDXError) -> (digits: String, byteCount: Int) {
    let reader = try ByteReader(path: path)
    var checksum = SHA256()
    try unsafe reader.forEachPiece(limit: limit) { unsafe checksum.update($0) }
    return (checksum.finish(), reader.offset)
  }
}
