import RecurrentSupport
import Testing

/// What a file is, by its first bytes: what people hand over in place of images and models.
@Suite struct FileKindTests {
  private static func zip(_ name: String) -> [UInt8] {
    Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0] + Array(name.utf8)
      + [1, 2, 3]
  }

  private static let examples: [(FileKind?, String, [UInt8])] = [
    (.empty, "nothing", []),
    (.png, "PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]),
    (.jpeg, "JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]),
    (.gif, "GIF", Array("GIF89a".utf8)),
    (.webp, "WebP", Array("RIFF".utf8) + [1, 2, 0, 0] + Array("WEBPVP8 ".utf8)),
    (.tiff, "TIFF, little-endian", [0x49, 0x49, 0x2A, 0, 8]),
    (.tiff, "TIFF, big-endian", [0x4D, 0x4D, 0, 0x2A, 0]),
    (.pdf, "PDF", Array("%PDF-1.7".utf8)),
    (.html, "a page", Array("<!DOCTYPE html>\n<html><head>".utf8)),
    (.html, "a page after a mark and blanks", [0xEF, 0xBB, 0xBF] + Array("\r\n  <HTML lang=en>".utf8)),
    (.html, "a page of XHTML", Array("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC".utf8)),
    (
      .html, "a page, longer than is looked at, cut within a character",
      Array("<html>".utf8) + Array(String(repeating: "é", count: 400).utf8).dropLast()
    ),
    (.xml, "an answer of a store of files", Array("<?xml version='1.0'?><Error><Code>AccessDenied".utf8)),
    (.gitLFSPointer, "LFS", Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n".utf8)),
    (.zip, "ZIP", zip("notes.txt")),
    (.zip, "an empty ZIP", Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18)),
    (.torchArchive, ".pt", zip("model/data.pkl")),
    (.numpyArchive, ".npz", zip("x_train.npy")),
    (.kerasArchive, ".keras", zip("metadata.json")),
    (.torchPickle, ".pt, old", [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]),
    (.pickle, "pickle", [0x80, 4, 0x95, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x7D]),
    (.numpyArray, ".npy", [0x93] + Array("NUMPY".utf8) + [1, 0]),
    (.hdf5, "HDF5", [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
    (.safetensors, "safetensors", [64, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\":".utf8)),
    (
      .safetensors, "safetensors whose length looks like a pickle's start",
      [0x80, 2, 0, 0, 0, 0, 0, 0] + Array("{".utf8)
    ),
    (
      .safetensors, "safetensors whose length looks like gzip's start",
      [0x1F, 0x8B, 0, 0, 0, 0, 0, 0] + Array("{".utf8)
    ),
    (.gguf, "GGUF", Array("GGUF".utf8) + [3, 0, 0, 0]),
    (.idx, "IDX", [0, 0, 8, 3, 0, 0, 0, 1]),
    (.gzip, "gzip", [0x1F, 0x8B, 8, 0]),
    (.bzip2, "bzip2", Array("BZh91AY".utf8)),
    (.xz, "xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
    (.zstandard, "Zstandard", [0x28, 0xB5, 0x2F, 0xFD]),
    (.tar, "tar", Array("a.txt".utf8) + [UInt8](repeating: 0, count: 252) + Array("ustar\0".utf8)),
    (.json, "JSON", Array("{\"task\": \"mnist\"}".utf8)),
    (.text, "text", Array("Größe: 3\n".utf8)),
    (nil, "bytes", [1, 2, 3, 4]),
    (nil, "bytes that are no UTF-8", [0xC3, 0x28, 0x41]),
    (nil, "one zero", [0]),
  ]

  @Test(arguments: examples)
  func recognised(kind: FileKind?, reason: String, bytes: [UInt8]) { #expect(FileKind(of: bytes) == kind) }

  @Test("every kind has an example and a name")
  func complete() {
    let kinds = Set(Self.examples.compactMap(\.0))
    for kind in FileKind.allCases {
      #expect(kinds.contains(kind))
      #expect(!kind.name.isEmpty && !kind.name.contains("\n") && kind.advice != "")
    }
  }

  @Test("no beginning of a file is too short")
  func short() {
    for (_, _, bytes) in Self.examples { for count in 0...bytes.count { _ = FileKind(of: Array(bytes.prefix(count))) } }
  }
}
