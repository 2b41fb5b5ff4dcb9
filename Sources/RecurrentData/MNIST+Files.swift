import CZlib

extension MNIST {
  /// The four files of the database.
  public enum File: String, CaseIterable, Sendable {
    /// The 60,000 training images.
    case trainingImages = "train-images-idx3-ubyte"
    /// Their labels.
    case trainingLabels = "train-labels-idx1-ubyte"
    /// The 10,000 test images.
    case testImages = "t10k-images-idx3-ubyte"
    /// Their labels.
    case testLabels = "t10k-labels-idx1-ubyte"

    /// The SHA-256 checksum of the uncompressed original; that of the compressed file differs between mirrors.
    public var checksum: String {
      switch self {
      case .trainingImages: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
      case .trainingLabels: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
      case .testImages: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
      case .testLabels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
      }
    }

    /// The size of the original file in bytes, uncompressed.
    public var byteCount: Int {
      switch self {
      case .trainingImages: 47_040_016
      case .trainingLabels: 60_008
      case .testImages: 7_840_016
      case .testLabels: 10_008
      }
    }

    /// The path of the file in a folder: its first usable candidate.
    ///
    /// Candidates are the names of MNIST, QMNIST and EMNIST, plain and as `.gz`, in the folder itself, in `MNIST/raw`
    /// and in `raw`. A candidate is usable if it is a readable file with the correct first bytes; images are paired
    /// with labels of the same collection.
    ///
    /// - Parameter directory: the folder.
    /// - Throws: ``IDXError`` if there is no candidate, or the folder can't be looked into.
    /// - Complexity: O(candidates): looks at the beginning of each file of these names.
    public func path(in directory: String) throws(IDXError) -> String {
      if let found = usable(in: directory) { return found.path }
      // An unusable file explains itself when it is read, so it is better than a folder or nothing.
      var existing: [String] = []
      for path in MNIST.places(in: directory).flatMap(paths) where try FileSystem.exists(path) { existing.append(path) }
      if let path = existing.first(where: FileSystem.isFileWithContents) ?? existing.first { return path }
      throw missing(in: directory)
    }

    /// Whether a file has the elements of the original.
    ///
    /// The CRC-32 of the elements distinguishes MNIST from data sets of the same form at a tenth of the cost of
    /// SHA-256; ``MNIST/verify(_:)`` detects forgery, too.
    func isOriginal(_ file: IDXFile) -> Bool {
      let original: UInt =
        switch self {
        case .trainingImages: 0xf363_9b56
        case .trainingLabels: 0xba07_e8ef
        case .testImages: 0xe4ca_5f57
        case .testLabels: 0xee86_04d9
        }
      return unsafe file.bytes.withUnsafeBufferPointer { unsafe crc32_z(0, $0.baseAddress, $0.count) == original }
    }
  }

  /// A comparison of a file with the original.
  public struct Verification: Sendable {
    /// Which file.
    public let file: File
    /// Its path.
    public let path: String
    /// Its uncompressed size.
    public let byteCount: Int
    /// The SHA-256 checksum of its uncompressed bytes.
    public let checksum: String
    /// Whether it is the original, byte for byte.
    public var isOriginal: Bool { checksum == file.checksum }
  }

  /// Compares the four files of a folder with the originals, by the SHA-256 checksums of their uncompressed bytes.
  ///
  /// - Parameter directory: a folder that holds the four files.
  /// - Returns: a comparison for each of the four files.
  /// - Throws: ``IDXError`` if a file is missing, can't be read or is damaged.
  /// - Complexity: O(size), without keeping anything in memory.
  public static func verify(_ directory: String) throws(IDXError) -> [Verification] {
    var result: [Verification] = []
    for file in File.allCases {
      let path = try file.path(in: directory)
      let (checksum, byteCount) = try SHA256.checksum(ofFile: path)
      result.append(Verification(file: file, path: path, byteCount: byteCount, checksum: checksum))
    }
    return result
  }
}
