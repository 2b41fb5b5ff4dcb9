import ArgumentParser
import Recurrent

extension Merge: ExpressibleByArgument, RecordableValue {}

/// How layers are made of cells.
struct LayerOptions: RecordableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Make layers bidirectional, with --hidden-size units in each direction; by default that of the task.")
  var bidirectional: Bool?

  @Option(help: ArgumentHelp("How the outputs of both directions are merged.", valueName: "name"))
  var merge: Merge = .concatenate

  @Flag(inversion: .prefixedNo, help: "Add a layer's input to its output if both have the same size.")
  var residual = false

  static var recorded: [RecordedOption<Self>] {
    [.init("bidirectional", \.bidirectional), .init("merge", \.merge), .init("residual", \.residual)]
  }

  /// These options with their defaults filled in.
  func resolved(_ defaults: TrainingDefaults) -> LayerOptions {
    var options = self
    options.bidirectional = bidirectional ?? defaults.bidirectional
    return options
  }

  /// Throws if layers of one direction are to be merged.
  func check() throws {
    if merge != .concatenate && bidirectional != true {
      throw ValidationError("--merge: found '\(merge.rawValue)' without --bidirectional, expected both")
    }
  }

  /// A stack of layers of equal cells, the lowest of which reads `inputSize` features.
  func list(of cell: any RecurrentCell, count: Int, inputSize: Int) -> [LayerConfiguration] {
    let plain =
      bidirectional == true ? LayerConfiguration.bidirectional(cell, cell, merge: merge) : LayerConfiguration(cell)
    return (0..<count).map { level in
      let width = level == 0 ? inputSize : plain.outputSize
      return residual && plain.outputSize == width ? plain.residual() : plain
    }
  }
}
