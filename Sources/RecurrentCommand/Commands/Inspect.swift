import ArgumentParser
import Recurrent
import RecurrentSupport

/// `recurrent inspect`: what a model is made of.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List a model's parameters: name, shape, count, norm.",
    usage: "recurrent inspect <model>")

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  func run() throws {
    let network = try ModelFile.read(model)
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
