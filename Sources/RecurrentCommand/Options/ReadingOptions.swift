import ArgumentParser
import RecurrentData

/// How an image becomes a sequence.
struct ReadingOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Read images pixel by pixel, in 784 steps of one, instead of row by row.")
  var pixels: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read images pixel by pixel in a random order, the same for all images, drawn from this seed.", valueName: "seed"),
    transform: OptionValue.seed)
  var permute: UInt64?

  func validate() throws {
    if pixels == false && permute != nil {
      throw ValidationError("--no-pixels and --permute: found both, expected at most one")
    }
  }

  /// The order that is asked for; nil where none is.
  var chosenOrder: PixelOrder? {
    if let permute { return .permuted(seed: permute) }
    return pixels.map { $0 ? .pixels : .rows }
  }

  /// The order in which images are read.
  var order: PixelOrder { chosenOrder ?? .rows }
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
