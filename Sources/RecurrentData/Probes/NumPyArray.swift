/// A file of NumPy's format `.npy`: one array.
///
/// ```
/// \x93NUMPY  1 0  length of the header, 2 bytes  header, a Python dictionary, padded with spaces  elements
/// ```
///
/// The elements begin at a multiple of 64 bytes.
///
/// Source: NumPy, *The NPY format*, version 1.0.
enum NumPyArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
  private static let alignment = 64

  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - type: the type of the elements, such as `<f4`.
  ///   - shape: the size of each dimension.
  ///   - elements: their bytes, in row-major order.
  static func bytes(type: String, shape: [Int], elements: [UInt8]) -> [UInt8] {
    // A tuple of one element ends in a comma.
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let start = magic.count + 2
    let end = (start + header.utf8.count + 1 + alignment - 1) / alignment * alignment
    let padding = String(repeating: " ", count: end - start - header.utf8.count - 1) + "\n"
    return magic + littleEndian(UInt16(end - start)) + header.utf8 + padding.utf8 + elements
  }
}
