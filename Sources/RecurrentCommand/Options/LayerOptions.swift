import ArgumentParser
import Recurrent

extension Merge: ExpressibleByArgument {}

/// How layers are made of cells.
struct LayerOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Read in both directions, each with as many units.")
  var bidirectional = false

  @Option(help: ArgumentHelp("How the outputs of both directions become one.", valueName: "name"))
  var merge: Merge = .concatenate

  @Flag(inversion: .prefixedNo, help: "Add a layer's input to its output, wherever both are equally wide.")
  var residual = false

  /// The options that were asked for, by their names.
  var given: [String] {
    let all: [(String, Bool)] = [
      ("bidirectional", bidirectional), ("merge", merge != .concatenate), ("residual", residual),
    ]
    return all.filter(\.1).map(\.0)
  }

  func validate() throws {
    if merge != .concatenate && !bidirectional {
      throw ValidationError("--merge: found '\(merge.rawValue)' for one direction, expected --bidirectional beside it")
    }
  }

  /// Layers of equal cells, one above the other, the lowest of which reads so many features.
  func list(of cell: any RecurrentCell, count: Int, inputSize: Int) -> [LayerConfiguration] {
    let plain =
      bidirectional ? LayerConfiguration.bidirectional(cell, cell, merge: merge) : LayerConfiguration(cell)
    return (0..<count).map { level in
      let width = level == 0 ? inputSize : plain.outputSize
      return residual && plain.outputSize == width ? plain.residual() : plain
    }
  }
}
