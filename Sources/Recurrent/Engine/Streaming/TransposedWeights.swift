/// The weights of a direction with units as lanes: transposed, and padded to whole vectors.
///
/// Each method appends a matrix and returns its offset; the legend is that of ``CellLayer``.
struct TransposedWeights {
  private(set) var values: [Float] = []
  private let plan: DirectionPlan
  private let parameters: [Float]
  private let width: Int
  private let row: Int

  init(_ plan: DirectionPlan, _ parameters: [Float]) {
    self.plan = plan
    self.parameters = parameters
    width = padded(plan.hiddenSize)
    row = plan.gateRows / plan.hiddenSize * width
  }

  /// Wᵀ, `[I, R]`; if tokens select its rows they include the biases, as in the tables of the batch form.
  mutating func addInput() -> Int {
    let first = values.count
    values += transposed(plan.inputWeights, columns: plan.inputSize) { $0.inputRow }
    if plan.readsTokens && !plan.normalizes { addBiases(from: first) }
    return first
  }

  /// Uᵀ, `[P, R]`.
  mutating func addHidden() -> Int {
    defer { values += transposed(plan.hiddenWeights, columns: plan.outputSize) { $0.hiddenRow } }
    return values.count
  }

  /// b, `[R]`; a normalizing cell has the biases among its per-unit parameters instead.
  mutating func addBias() -> Int {
    defer {
      if !plan.normalizes { values += transposed(plan.bias, columns: 1) { $0.firstGate * plan.hiddenSize } }
    }
    return values.count
  }

  /// The per-unit parameters, `[count, N]`.
  mutating func addUnitParameters() -> Int {
    defer {
      for index in 0..<plan.unitParameterCount {
        let first = plan.unitParameters + index * plan.hiddenSize
        values += parameters[first..<first + plan.hiddenSize]
        values += Array(repeating: 0, count: width - plan.hiddenSize)
      }
    }
    return values.count
  }

  /// W_hrᵀ, `[H, M]`.
  mutating func addProjection() -> Int {
    defer {
      if plan.isProjected {
        for unit in 0..<plan.hiddenSize {
          for i in 0..<padded(plan.outputSize) {
            values.append(i < plan.outputSize ? parameters[plan.projection + i * plan.hiddenSize + unit] : 0)
          }
        }
      }
    }
    return values.count
  }

  private func transposed(
    _ first: Int, columns: Int, _ weightRow: (DirectionPlan.Segment) -> Int?
  ) -> [Float] {
    var result = [Float](repeating: 0, count: columns * row)
    for segment in plan.segments {
      guard let start = weightRow(segment) else { continue }
      for gate in 0..<segment.gateCount {
        for unit in 0..<plan.hiddenSize {
          let from = first + (start + gate * plan.hiddenSize + unit) * columns
          let to = (segment.firstGate + gate) * width + unit
          for column in 0..<columns { result[column * row + to] = parameters[from + column] }
        }
      }
    }
    return result
  }

  private mutating func addBiases(from first: Int) {
    for segment in plan.segments where segment.inputRow != nil {
      for gate in segment.firstGate..<segment.firstGate + segment.gateCount {
        for unit in 0..<plan.hiddenSize {
          let bias = parameters[plan.bias + gate * plan.hiddenSize + unit]
          for token in 0..<plan.inputSize { values[first + token * row + gate * width + unit] += bias }
        }
      }
    }
  }
}
