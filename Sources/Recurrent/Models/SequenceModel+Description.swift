import RecurrentSupport

extension SequenceModel: CustomStringConvertible {
  /// A table of the network: the embedding of tokens, if there is one, and each layer, with their kinds, their input and
  /// output sizes, and their numbers of parameters.
  ///
  /// ```
  /// layer  kind      shape       parameters
  /// 0      lstm      28 → 20          3,920
  /// 1      lstm      20 → 20          3,280
  /// head   classes   20 → 10            210
  /// total                             7,410
  /// ```
  ///
  /// - Complexity: O(layers).
  public var description: String {
    var rows = [["layer", "kind", "shape", "parameters"]]
    if case .tokens(let count, let size?) = configuration.input {
      rows.append(["input", "embedding", "\(count) → \(size)", grouped(count * size)])
    }
    for (level, (layer, inputSize)) in zip(layers, layers.inputSizes(of: configuration.layerInputSize)).enumerated() {
      let count = layer.cells.reduce(0) { sum, cell in
        cell.parameterShapes(inputSize: inputSize, layer: level).reduce(sum) { $0 + $1.shape.reduce(1, *) }
      }
      rows.append(["\(level)", layer.kind, "\(inputSize) → \(layer.outputSize)", grouped(count)])
    }
    let head = head.weight.shape
    rows.append(["head", configuration.output.key, "\(head[1]) → \(head[0])", grouped(head[0] * (head[1] + 1))])
    rows.append(["total", "", "", grouped(parameters.count)])
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 3 ? padding + cell.0 : cell.0 + padding
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// A number in groups of three digits.
  private func grouped(_ count: Int) -> String {
    let digits = Array(String(count))
    return digits.indices.reduce(into: "") { text, index in
      if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digits[index])
    }
  }
}
