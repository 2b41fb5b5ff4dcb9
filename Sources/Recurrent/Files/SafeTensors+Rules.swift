import RecurrentSupport

/// What the format asks of a file's contents, for the reader and the writer alike.
extension SafeTensors {
  /// The name in a header under which there is no tensor but the metadata.
  static let metadataName = "__metadata__"
  /// The longest header there may be: that of the reference implementation.
  static let longestHeader = 100_000_000
  /// The sizes of the format's elements in bits.
  static let bitWidths = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
  ]

  /// How many bytes elements of so many bits take in a tensor of a shape; nil if the number is not whole or beyond 64
  /// bits.
  static func byteCount(of shape: [Int], bitWidth: Int) -> Int? {
    var count = 1
    for size in shape + [bitWidth] {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      if overflows { return nil }
      count = product
    }
    return count.isMultiple(of: 8) ? count / 8 : nil
  }

  /// Why a reader would refuse these contents with a header of so many bytes, and what to do; nil if it would not.
  func fault(headerLength: Int, limit: Int = longestHeader) -> (reason: String, advice: String)? {
    if tensors[Self.metadataName] != nil {
      return ("a tensor is called '\(Self.metadataName)', the format's own name for the metadata", "rename it")
    }
    if headerLength > limit {
      return (
        "a header of \(headerLength) bytes, where the format allows \(limit)",
        "use fewer or shorter names and metadata"
      )
    }
    return nil
  }
}

/// A name from a file in quotes, made fit to be shown.
func quoted(_ name: String) -> String { "'\(name.shown(limit: 60))'" }

/// A shape from a file, cut off where it would fill the screen.
func shapeText(_ shape: [Int]) -> String {
  "[" + shape.prefix(8).map(String.init).joined(separator: ", ") + (shape.count > 8 ? ", …" : "") + "]"
}
