import Recurrent
import Testing

/// The table that `print(model)` shows.
@Suite struct ModelDescriptionTests {
  @Test(
    "the rows come to the total, whatever the network reads",
    arguments: [
      (ModelConfiguration.Input.features(3), ["0", "1", "head"]), (.tokens(7), ["0", "1", "head"]),
      (.tokens(7, embedding: 5), ["input", "0", "1", "head"]),
    ] as [(ModelConfiguration.Input, [String])])
  func rowsAddUp(_ input: ModelConfiguration.Input, _ names: [String]) {
    let layers: [LayerConfiguration] = .gru(4, isBidirectional: true) + .lstm(6)
    let model = SequenceModel(.init(input: input, layers: layers, output: .classes(2)), seed: 0)
    let rows = model.description.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    let counts = rows.map { row in row.last.flatMap { Int($0.filter { $0 != "," }) } ?? -1 }
    #expect(rows.dropLast().map { String($0[0]) } == names)
    #expect(counts.last == model.parameters.count && counts.dropLast().reduce(0, +) == model.parameters.count)
    if names[0] == "input" { #expect(model.description.contains("7 → 5") && model.description.contains("5 → 8")) }
  }
}
