/// The kind of a file, determined from its first bytes.
///
/// A reader that expected another kind uses it for an error message that names the kind rather than bytes:
///
/// ```
/// FileKind(of: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])?.name == "a PNG image"
/// ```
package enum FileKind: Sendable, CaseIterable {
  case empty
  case png, jpeg, gif, webp, tiff, pdf
  case html, xml, gitLFSPointer
  case zip, torchArchive, numpyArchive, kerasArchive
  case torchPickle, pickle, numpyArray, hdf5, safetensors, gguf
  case idx, gzip, bzip2, xz, zstandard, tar
  case json, text

  /// The number of first bytes that are used; fewer are enough for most kinds.
  package static let byteCount = 512

  /// The kind of a file; nil if it is unknown.
  ///
  /// - Parameter firstBytes: the first ``byteCount`` bytes of the file, or all of a shorter one. More are ignored.
  /// - Complexity: O(``byteCount``).
  package init?(of firstBytes: [UInt8]) {
    let bytes = firstBytes.prefix(Self.byteCount)
    let kind: Self? =
      if bytes.isEmpty {
        .empty
      } else if Self.isSafeTensors(bytes) {
        .safetensors
      } else if let signature = Self.signatures.first(where: { bytes.dropFirst($0.offset).starts(with: $0.bytes) }) {
        signature.kind == .zip ? Self.archive(bytes) : signature.kind
      } else if Self.isIDX(bytes) {
        .idx
      } else if Self.isPickle(bytes) {
        .pickle
      } else {
        Self.kind(ofText: bytes)
      }
    guard let kind else { return nil }
    self = kind
  }

  /// The name of the kind with an article, for "found …".
  package var name: String {
    switch self {
    case .empty: "an empty file"
    case .png: "a PNG image"
    case .jpeg: "a JPEG image"
    case .gif: "a GIF image"
    case .webp: "a WebP image"
    case .tiff: "a TIFF image"
    case .pdf: "a PDF document"
    case .html: "an HTML page"
    case .xml: "an XML document"
    case .gitLFSPointer: "a Git LFS pointer to a file that was not fetched"
    case .zip: "a ZIP archive"
    case .torchArchive: "a PyTorch file (a ZIP archive with a pickle)"
    case .numpyArchive: "a NumPy archive (.npz)"
    case .kerasArchive: "a Keras model (.keras)"
    case .torchPickle: "a PyTorch file of the old form (a pickle)"
    case .pickle: "a Python pickle"
    case .numpyArray: "a NumPy array (.npy)"
    case .hdf5: "an HDF5 file"
    case .safetensors: "a safetensors file"
    case .gguf: "a GGUF file"
    case .idx: "an IDX file"
    case .gzip: "a gzip file"
    case .bzip2: "a bzip2 file"
    case .xz: "an xz file"
    case .zstandard: "a Zstandard file"
    case .tar: "a tar archive"
    case .json: "JSON text"
    case .text: "plain text"
    }
  }

  /// What to do about the file, whatever was expected; nil if that depends on what was expected.
  package var advice: String? {
    switch self {
    case .empty: "fetch or write the file again"
    case .html, .xml: "this is a web server's response, not the file: download the file itself"
    case .gitLFSPointer: "fetch the file itself with 'git lfs pull'"
    case .torchArchive, .torchPickle:
      "convert it in Python: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
    case .zip, .tar: "unpack it and name the file inside"
    case .bzip2, .xz, .zstandard: "decompress it"
    default: nil
    }
  }

  /// Whether the file is a picture in a format other than PNG, which is the only one supported.
  package var isOtherPicture: Bool { [.jpeg, .gif, .webp, .tiff, .pdf].contains(self) }
}

extension FileKind {
  private static let signatures: [(kind: FileKind, offset: Int, bytes: [UInt8])] = [
    (.png, 0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    (.jpeg, 0, [0xFF, 0xD8, 0xFF]),
    (.gif, 0, Array("GIF8".utf8)),
    (.webp, 8, Array("WEBP".utf8)),
    (.tiff, 0, [0x49, 0x49, 0x2A, 0x00]),
    (.tiff, 0, [0x4D, 0x4D, 0x00, 0x2A]),
    (.pdf, 0, Array("%PDF-".utf8)),
    (.zip, 0, Array("PK\u{3}\u{4}".utf8)),
    (.zip, 0, Array("PK\u{5}\u{6}".utf8)),
    // PyTorch's magic number, the first pickle of its files before version 1.6.
    (.torchPickle, 0, [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]),
    (.numpyArray, 0, [0x93] + Array("NUMPY".utf8)),
    (.hdf5, 0, [0x89] + Array("HDF\r\n\u{1A}\n".utf8)),
    (.gguf, 0, Array("GGUF".utf8)),
    (.gzip, 0, [0x1F, 0x8B]),
    (.bzip2, 0, Array("BZh".utf8)),
    (.xz, 0, [0xFD] + Array("7zXZ\0".utf8)),
    (.zstandard, 0, [0x28, 0xB5, 0x2F, 0xFD]),
    (.tar, 257, Array("ustar".utf8)),
    (.gitLFSPointer, 0, Array("version https://git-lfs.github.com/spec/".utf8)),
  ]

  /// A length of eight bytes, little-endian, and an opening brace.
  private static func isSafeTensors(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count >= 9 && bytes[8] == UInt8(ascii: "{") && bytes[4..<8].allSatisfy { $0 == 0 }
  }

  /// Two zeros, an element type and a number of dimensions.
  private static func isIDX(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E].contains(bytes[2])
      && bytes[3] > 0
  }

  /// The opcode PROTO with an existing protocol version.
  private static func isPickle(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x80 && (2...5).contains(bytes[1])
  }

  /// The kind of an archive, determined from the name of its first entry.
  private static func archive(_ bytes: ArraySlice<UInt8>) -> FileKind {
    guard bytes.count > 30 else { return .zip }
    let length = Int(bytes[26]) | Int(bytes[27]) << 8
    let name = String(decoding: bytes[30...].prefix(length), as: UTF8.self)
    if name.hasSuffix("/data.pkl") { return .torchArchive }
    if name.hasSuffix(".npy") { return .numpyArchive }
    return name == "metadata.json" ? .kerasArchive : .zip
  }

  /// The kind of a text, determined from its start; nil if the bytes are not text.
  private static func kind(ofText bytes: ArraySlice<UInt8>) -> FileKind? {
    // The last character may be truncated.
    let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
    let isWhole = bytes.count < byteCount
    guard
      text.dropLast(isWhole ? 0 : 3).allSatisfy({
        $0 != "\u{FFFD}" && ($0.value >= 32 || "\t\n\u{C}\r".unicodeScalars.contains($0))
      })
    else { return nil }
    let start = String(String.UnicodeScalarView(text.drop { $0.properties.isWhitespace || $0 == "\u{FEFF}" }))
      .lowercased()
    if ["<!doctype html", "<html", "<head", "<body"].contains(where: start.hasPrefix) { return .html }
    if start.hasPrefix("<?xml") { return start.contains("<html") || start.contains("<!doctype html") ? .html : .xml }
    if start.hasPrefix("{") { return .json }
    return .text
  }
}
