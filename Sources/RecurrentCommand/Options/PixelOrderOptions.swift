import ArgumentParser
import RecurrentData

/// How an image becomes a sequence.
struct PixelOrderOptions: RecordableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Read images pixel by pixel, in 784 time steps of one pixel, instead of row by row.")
  var pixels: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read images pixel by pixel in a random order, the same for all images, drawn from this seed.", valueName: "seed"),
    transform: OptionValue.seed)
  var permute: UInt64?

  static var recorded: [RecordedOption<Self>] { [.init("pixels", \.pixels), .init("permute", \.permute)] }

  func validate() throws {
    if pixels == false && permute != nil {
      throw ValidationError("--no-pixels and --permute: found both, expected at most one")
    }
  }

  /// The order that the options name; nil if none is given.
  var chosen: PixelOrder? {
    if let permute { return .permuted(seed: permute) }
    return pixels.map { $0 ? .pixels : .rows }
  }

  /// The order in which images are read, by default row by row.
  var order: PixelOrder { chosen ?? .rows }
}

extension PixelOrder {
  /// What to add to a line about images that are not read row by row.
  var remark: String {
    switch self {
    case .rows: ""
    case .pixels: ", read pixel by pixel"
    case .permuted(let seed): ", read pixel by pixel in the random order of seed \(seed)"
    }
  }
}
