import RecurrentSupport

/// The format's rules for a file's contents, shared by the reader and the writer.
extension SafeTensors {
  /// The name of the metadata in a header, which no tensor may have.
  static let metadataName = "__metadata__"
  /// The longest header allowed, as in the reference implementation.
  static let longestHeader = 100_000_000
  /// The sizes of the format's elements in bits.
  static let bitWidths = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
  ]

  /// The number of bytes of a tensor with elements of `bitWidth` bits; nil if it is not whole or overflows 64 bits.
  static func byteCount(of shape: [Int], bitWidth: Int) -> Int? {
    var count = 1
    for size in shape + [bitWidth] {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      if overflows { return nil }
      count = product
    }
    return count.isMultiple(of: 8) ? count / 8 : nil
  }

  /// Why a reader would reject these contents, given the header's length, and what to do; nil if it would not.
  func fault(headerLength: Int, limit: Int = longestHeader) -> (reason: String, advice: String)? {
    if tensors[Self.metadataName] != nil {
      return ("a tensor is named '\(Self.metadataName)', the format's name for the metadata", "rename it")
    }
    if headerLength > limit {
      return (
        "a header of \(headerLength) bytes, more than the format's limit of \(limit)",
        "use fewer or shorter names and metadata"
      )
    }
    return nil
  }
}

/// A name from a file in quotes, made printable.
func quoted(_ name: String) -> String { "'\(name.shown(limit: 60))'" }

/// A shape from a file, shortened if it is long.
func shapeText(_ shape: [Int]) -> String {
  "[" + shape.prefix(8).map(String.init).joined(separator: ", ") + (shape.count > 8 ? ", …" : "") + "]"
}
