import Recurrent
import RecurrentSupport

extension StepTable {
  /// The table of a sequence's gates, states and predictions, and of its gradients.
  ///
  /// - Parameters:
  ///   - trace: the gates, states and predictions.
  ///   - gradients: the gradients of a batch with this sequence; nil for none.
  ///   - sequence: the position of the sequence in that batch.
  ///   - series: what else the table should hold, as its first columns, such as the inputs.
  /// - Precondition: the gradients belong to sequences of at least as many steps, and `sequence` is one of them; series
  ///   as for ``init(stepCount:series:)``.
  /// - Complexity: copies all values.
  public init(
    _ trace: ActivationTrace, gradients: GradientTrace? = nil, sequence: Int = 0, after series: [Series] = []
  ) {
    var series = series
    for layer in trace.layers {
      for gate in layer.gates { series.append(Series("\(layer.name).\(gate.name)", gate.values)) }
      for (component, rows) in layer.states.enumerated() {
        series.append(Series("\(layer.name).\(Self.stateName(component))", rows))
      }
    }
    if case .values = trace.output {
      series.append(Series("value", trace.probabilities))
    } else {
      series.append(Series("probability", trace.probabilities))
    }
    for layer in gradients?.layers ?? [] {
      series += Self.series(
        "gradient.\(layer.name).hidden", layer.hidden, norms: layer.norms, sequence: sequence, steps: trace.stepCount)
    }
    if let inputs = gradients?.inputs, let norms = gradients?.inputNorms {
      series += Self.series("gradient.input", inputs, norms: norms, sequence: sequence, steps: trace.stepCount)
    }
    self.init(stepCount: trace.stepCount, series: series)
  }

  /// A state's component: for an LSTM, the second is the cell state.
  private static func stateName(_ component: Int) -> String {
    component < 2 ? ["hidden", "cell"][component] : "state\(component)"
  }

  /// The gradient of one sequence out of `[batch, time, size]`, and its norms.
  private static func series(
    _ name: String, _ gradient: Tensor, norms: [[Double]], sequence: Int, steps: Int
  ) -> [Series] {
    let (batch, time, size) = (gradient.shape[0], gradient.shape[1], gradient.shape[2])
    require(
      0..<batch ~= sequence && steps <= time,
      "found gradients of \(batch) sequences of \(time) steps, expected those of sequence \(sequence) of \(steps) steps"
    )
    let first = sequence * time * size
    let rows = Array(gradient.values[first..<first + steps * size])
    return [
      Series(name, Tensor(known: [steps, size], values: rows)),
      Series(name + ".norm", Tensor(known: [steps], values: norms[sequence].prefix(steps).map { Float($0) })),
    ]
  }
}

extension StepTable.Series {
  /// A series from its rows.
  fileprivate init(_ name: String, _ rows: [[Float]]) {
    self.init(name, Tensor(known: [rows.count, rows.first?.count ?? 0], values: rows.flatMap(\.self)))
  }
}
