import RecurrentSupport

extension IDXFile {
  /// The file with its images or labels in another order.
  ///
  /// - Throws: ``IDXError`` if the system has no memory for a second copy.
  func reordered(_ order: [Int]) throws(IDXError) -> IDXFile {
    let size = shape.dropFirst().reduce(1, *)
    return try unsafe rearranged { source, target in
      for (position, origin) in order.enumerated() {
        for offset in 0..<size { unsafe target[position * size + offset] = source[origin * size + offset] }
      }
    }
  }

  /// The file with rows and columns of its images exchanged.
  ///
  /// - Throws: ``IDXError`` if the system has no memory for a second copy.
  func transposed() throws(IDXError) -> IDXFile {
    let (rows, columns) = (shape[1], shape[2])
    var file = try unsafe rearranged { source, target in
      for start in stride(from: 0, to: shape[0] * rows * columns, by: rows * columns) {
        for row in 0..<rows {
          for column in 0..<columns {
            unsafe target[start + column * rows + row] = source[start + row * columns + column]
          }
        }
      }
    }
    file.notices.append("\(path.shown()): EMNIST's images lie on their sides; rows and columns were exchanged")
    return file
  }

  private func rearranged(
    _ move: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) throws(IDXError) -> IDXFile {
    try Memory.require(bytes.count, for: path)
    let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { target, filled in
      unsafe bytes.withUnsafeBufferPointer { source in unsafe move(source, target) }
      filled = bytes.count
    }
    return replacing(shape: shape, bytes: result)
  }
}
