import Recurrent
import TestSupport
import Testing

extension LayerOptionTests {
  /// Layers of six features each, so that every option fits, over ragged sequences.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let layers: [LayerConfiguration]

    init(_ name: String, _ layers: LayerConfiguration...) {
      testDescription = name
      self.layers = layers
    }

    static let batch = 11
    static let steps = 6

    static func both(
      _ merge: Merge, _ make: (Int) -> any RecurrentCell = { LSTMCell(hiddenSize: $0) }
    )
      -> LayerConfiguration
    {
      .bidirectional(make(merge == .concatenate ? 3 : 6), make(merge == .concatenate ? 3 : 6), merge: merge)
    }

    static let lstm = LayerConfiguration(LSTMCell(hiddenSize: 6))
    static let projected = LayerConfiguration(LSTMCell(hiddenSize: 9, projectionSize: 6))
    static let gru = LayerConfiguration(GRUCell(hiddenSize: 6))
    static let gruBefore = LayerConfiguration(GRUCell(hiddenSize: 6, resetAfter: false))
    static let elman = LayerConfiguration(ElmanCell(hiddenSize: 6))
    static let mgu = LayerConfiguration(MGUCell(hiddenSize: 6))
    static let indRNN = LayerConfiguration(IndRNNCell(hiddenSize: 6, activation: .softsign))
    static let peepholes = LayerConfiguration(
      LSTMCell(hiddenSize: 6, options: .init(hasPeepholes: true, cellActivation: .softsign)))
    static let all = Regularization(
      dropout: 0.2, recurrentDropout: 0.3, hiddenZoneout: 0.25, stateZoneout: 0.15, weightDrop: 0.2)

    static func project(_ outputSize: Int) -> any RecurrentCell {
      LSTMCell(hiddenSize: outputSize + 4, projectionSize: outputSize)
    }

    static let deterministic = [
      Case("residual", lstm, gru.residual(), elman),
      Case("residual on the input and on top", elman.residual(), lstm.residual()),
      Case("sum", elman, both(.sum), gru),
      Case("average, residual", both(.average).residual(), lstm),
      Case("multiply", both(.multiply), both(.multiply) { GRUCell(hiddenSize: $0) }),
      Case("concatenated, residual", both(.concatenate).residual(), both(.concatenate).residual()),
      Case("projected, residual", projected.residual(), projected.residual(), projected),
      Case("projected, sum", both(.sum, project), projected),
      Case("projected, multiply", both(.multiply, project)),
      Case("projected, average, residual", both(.average, project).residual(), lstm),
      Case("projected, concatenated, residual", both(.concatenate, project).residual()),
    ]
    static let random = [
      Case("dropout", lstm.regularized(Regularization(dropout: 0.4)), gru),
      Case("variational dropout, on top", gru, lstm.regularized(Regularization(dropout: 0.4, isVariational: true))),
      Case("recurrent dropout", lstm.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("recurrent dropout, reset before", gruBefore.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("zoneout of h", lstm.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("zoneout of c", elman, lstm.regularized(Regularization(stateZoneout: 0.3))),
      Case("zoneout of what peepholes see", peepholes.regularized(Regularization(stateZoneout: 0.3)), elman),
      Case("zoneout of an IndRNN", elman, indRNN.regularized(Regularization(hiddenZoneout: 0.3))),
      Case("recurrent dropout, minimal", mgu.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("zoneout of a GRU", gru.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("weight drop", lstm, gru.regularized(Regularization(weightDrop: 0.5))),
      Case("projected, recurrent dropout", projected.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("projected, zoneout of h", projected.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("projected, zoneout of c", elman, projected.regularized(Regularization(stateZoneout: 0.3))),
      Case("projected, weight drop", projected.regularized(Regularization(weightDrop: 0.5))),
      Case("projected, everything", projected.regularized(all), projected.residual().regularized(all)),
      Case(
        "projected, everything in both directions", both(.concatenate, project).residual().regularized(all),
        both(.sum, project).regularized(all)),
      Case("everything", lstm.regularized(all), gru.residual().regularized(all), gruBefore.regularized(all)),
      Case(
        "everything in both directions", both(.concatenate).residual().regularized(all), both(.sum).regularized(all)),
    ]

    func stack(threads: ThreadPool = .shared) -> RecurrentStack {
      var stack = RecurrentStack(inputSize: 6, layers: layers, threads: threads)
      stack.parameters.fillWithChirps()
      return stack
    }

    var lengths: [Int] { ClosedForm.lengths(batch: Self.batch, steps: Self.steps) }
    var inputs: Tensor {
      ClosedForm.chirp.tensor(7, [Self.batch, Self.steps, 6]).padded(with: .nan, past: lengths)
    }
    var outputWeights: Tensor {
      ClosedForm.chirp.tensor(8, [Self.batch, Self.steps, 6]).padded(with: .nan, past: lengths)
    }
  }
}
