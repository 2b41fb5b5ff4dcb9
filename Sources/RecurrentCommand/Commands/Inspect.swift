import ArgumentParser
import Recurrent
import RecurrentSupport

/// `recurrent inspect`: the layers and parameters of a model.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List a model's layers, and its parameters: name, shape, count, norm.",
    usage: "recurrent inspect <model> [<options>]")

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @OptionGroup var options: ModelOptions

  func run() throws {
    let network = try options.read(model)
    if case .tokens(let count, let features?) = network.configuration.input {
      Terminal.print("embedding: \(count) → \(features)")
    }
    var width = network.configuration.layerInputSize
    for (level, layer) in network.layers.enumerated() {
      Terminal.print("layer \(level): \(layer.fullKind), \(width) → \(layer.outputSize)")
      width = layer.outputSize
    }
    Terminal.print("head: dense, \(network.head.weight.shape[1]) → \(network.outputSize)")
    if network.precision != .float { Terminal.print("weights: \(network.precision), for inference") }
    Terminal.print()
    var rows = [["name", "shape", "count", "norm"]]
    for entry in network.parameters.entries {
      let values = network.parameters.values[entry.range]
      let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let shape = entry.shape.map(String.init).joined(separator: " × ")
      rows.append([entry.name.shown(), shape, entry.count.grouped, norm.sixDigits])
    }
    rows.append(["all", "", network.parameters.count.grouped, ""])
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for (index, row) in rows.enumerated() {
      let cells = row.enumerated().map { column, text in
        column < 2 ? text.padded(to: widths[column]) : text.leftPadded(to: widths[column])
      }
      Terminal.print(cells.joined(separator: "  ").trimmingTrailingBlanks)
      if index == 0 || index == rows.count - 2 {
        Terminal.print(widths.map { String(repeating: "─", count: $0) }.joined(separator: "──"))
      }
    }
  }
}

extension LayerConfiguration {
  /// The kinds of the layer's cells and its options, including default activations, which a kind leaves out.
  fileprivate var fullKind: String {
    let kinds = cells.map { cell in
      let defaultActivation: Activation? =
        switch cell {
        case let cell as ElmanCell where cell.activation == .tanh: .tanh
        case let cell as IndRNNCell where cell.activation == .relu: .relu
        default: nil
        }
      let name = cell.kind.prefix { $0 != " " }
      return defaultActivation.map { "\(name) \($0)" + cell.kind.dropFirst(name.count) } ?? cell.kind
    }
    let zoneout = (regularization.hiddenZoneout, regularization.stateZoneout)
    let words = [
      merge == .concatenate ? nil : "merge=\(merge.rawValue)", isReverse ? "reverse" : nil,
      isResidual ? "residual" : nil, zoneout == (0, 0) ? nil : "zoneout=\(zoneout.0);\(zoneout.1)",
    ].compactMap { $0 }
    return kinds.joined(separator: " & ") + (words.isEmpty ? "" : " | " + words.joined(separator: " "))
  }
}
