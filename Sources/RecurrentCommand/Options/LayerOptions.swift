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

  /// Layers of equal cells, one above the other.
  func list(count: Int, _ cell: @escaping @Sendable (_ inputSize: Int) -> any RecurrentCell) -> LayerList {
    let (bidirectional, merge, residual) = (bidirectional, merge, residual)
    return LayerList { inputSize in
      var (layers, size): ([StackLayer], Int) = ([], inputSize)
      for _ in 0..<count {
        var layer =
          bidirectional ? StackLayer.bidirectional(cell(size), cell(size), merge: merge) : StackLayer(cell(size))
        if residual && layer.outputSize == size { layer = layer.residual() }
        layers.append(layer)
        size = layer.outputSize
      }
      return layers
    }
  }
}
