import Foundation
import RecurrentData
import TestSupport
import Testing

/// Which bytes a limited memory is tried with: small on disk, large when read.
private let zeroCount = 600_000_000

@Suite("IDX files: what they hold")
struct IDXFileTests {
  struct Form: CustomTestStringConvertible, Sendable {
    let reason: String
    let encode: @Sendable ([UInt8]) -> [UInt8]
    var testDescription: String { reason }
  }

  static let forms = [
    Form(reason: "plain") { $0 },
    Form(reason: "gzip") { IDXBytes.gzip($0) },
    Form(reason: "two gzip members, cut inside of the header") {
      IDXBytes.gzip(Array($0[..<3])) + IDXBytes.gzip(Array($0[3...]))
    },
    Form(reason: "gzip members of nothing before, between and after") {
      IDXBytes.gzip([]) + IDXBytes.gzip(Array($0[..<5])) + IDXBytes.gzip([]) + IDXBytes.gzip(Array($0[5...]))
        + IDXBytes.gzip([])
    },
    // As gzip(1) has it.
    Form(reason: "gzip, filled up with zeros") { IDXBytes.gzip($0) + [UInt8](repeating: 0, count: 700_000) },
    Form(reason: "gzip and one zero") { IDXBytes.gzip($0) + [0] },
    Form(reason: "gzip, then something else") { IDXBytes.gzip($0) + Array("and so on".utf8) },
    Form(reason: "gzip, then zeros and something else") { IDXBytes.gzip($0) + [0, 0, 0, 7] },
  ]

  struct Shape: CustomTestStringConvertible, Sendable {
    let reason: String
    let sizes: [Int]
    var testDescription: String { reason }
  }

  static let huge = Array(repeating: 1 << 31, count: 9)

  static let shapes = [
    Shape(reason: "labels", sizes: [7]),
    Shape(reason: "images of unequal sides", sizes: [5, 3, 2]),
    Shape(reason: "rank 4", sizes: [2, 3, 1, 4]),
    Shape(reason: "the highest rank", sizes: Array(repeating: 1, count: 254) + [3]),
    Shape(reason: "more than one piece of input and output", sizes: [700, 31, 29]),
    Shape(reason: "nothing", sizes: [0]),
    Shape(reason: "nothing, before sizes whose product is beyond all numbers", sizes: [0] + huge),
    Shape(reason: "nothing, after sizes whose product is beyond all numbers", sizes: huge + [0]),
  ]

  @Test(arguments: forms, shapes)
  func `A file gives its shape and its elements`(_ form: Form, _ shape: Shape) throws {
    let folder = try TemporaryDirectory()
    let count = shape.sizes.contains(0) ? 0 : shape.sizes.reduce(1, *)
    let elements = (0..<count).map { UInt8($0 % 251) }
    let bytes = IDXBytes.header(sizes: shape.sizes.map(UInt32.init)) + elements
    // The name says nothing about the form.
    let path = try folder.write(form.encode(bytes), to: "file")
    for rank in [nil, shape.sizes.count] {
      let file = try IDXFile(contentsOf: path, rank: rank)
      #expect(file.shape == shape.sizes)
      #expect(file.bytes == elements)
      #expect(file.path == path)
      let isRemarkable = form.reason.hasSuffix("something else")
      #expect(file.notices.count == (isRemarkable ? 1 : 0), "what is ignored is said")
    }
  }

  @Test
  func `A highly compressible file is read although it is far larger than on disk`() throws {
    let folder = try TemporaryDirectory()
    let size: UInt32 = 3_000_000
    let bytes = IDXBytes.header(sizes: [size]) + [UInt8](repeating: 0, count: Int(size))
    let compressed = IDXBytes.gzip(bytes)
    #expect(compressed.count * 900 < bytes.count, "the ratio must come near to the bound of 1032 for this to mean much")
    #expect(try IDXFile(contentsOf: folder.write(compressed, to: "zeros.gz")).bytes.count == Int(size))
  }

  #if os(Linux)
    @Test
    func `Memory grows with what comes, and a file beyond it is refused in one line`() async throws {
      // Out here, for a process that exits leaves its directories behind.
      let folder = try TemporaryDirectory()
      // 4 MB of gzip that hold what they announce, and the same number announced by a file that holds less.
      let header = IDXBytes.header(sizes: [UInt32(zeroCount)])
      var member = IDXBytes.gzip(header)
      let whole = IDXBytes.gzip([UInt8](repeating: 0, count: zeroCount / 6))
      for _ in 0..<6 { member += whole }
      let true600 = try folder.write(member, to: "600.gz")
      let liar = try folder.write(
        IDXBytes.gzip(header + [1, 2, 3]) + [UInt8](repeating: 0, count: 1 << 20), to: "liar.gz")
      await #expect(processExitsWith: .success) { [true600 = true600 as String, liar = liar as String] in
        // 300 MB more than the process has now.
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[0]
        let limit = rlim_t((Int(pages) ?? 0) * 4096 + 300 << 20)
        var limits = rlimit(rlim_cur: limit, rlim_max: limit)
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0 else { exit(3) }
        var kinds: [IDXError.Kind] = []
        for path in [true600, liar] {
          do throws(IDXError) { _ = try IDXFile(contentsOf: path) } catch { kinds.append(error.kind) }
        }
        exit(kinds == [.memory, .truncated] ? EXIT_SUCCESS : 4)
      }
      withExtendedLifetime(folder) {}
    }
  #endif
}
