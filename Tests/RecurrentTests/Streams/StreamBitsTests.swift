import Recurrent
import TestSupport
import Testing

/// A stream gives the bits of the batch form, whatever the cell, the width, the depth, the input and the output.
@Suite struct StreamBitsTests {
  private static let kinds: [CellKind] = [
    .lstm, .gru, .gruResetBefore, .mgu, .mguResetBefore, .elman, .elmanReLU, .lstmPeepholes, .lstmProjected,
    .lstmLayerNorm, .gruOptions, .indRNN, .user,
  ]
  /// More than a block that a stream takes at once, with a rest.
  private static let steps = 67

  @Test(
    "any cell, any width, one layer or three", arguments: kinds, [1, 7, 8, 12, 20, 33, 64, 128])
  func widths(kind: CellKind, hiddenSize: Int) throws {
    for depth in [1, 3] where depth == 1 || hiddenSize < 64 {
      let layers = (0..<depth).map { LayerConfiguration(kind.make(max(hiddenSize + $0, kind.leastHiddenSize))) }
      let model = SequenceModel(
        .init(input: .features(3), layers: layers, readout: .everyStep, output: .values(2)), initializer: .pyTorch,
        seed: 3)
      let inputs = ClosedForm.chirp.tensor(1, [1, Self.steps, 3])
      let batch = try SequenceBatch(
        inputs, targets: .values(Array(repeating: 0, count: Self.steps * 2), size: 2, everyStep: true))
      let expected = try model.outputs(for: batch).outputs.values
      try expectStreams(of: model, inputs.values, toGive: expected)
    }
  }

  @Test("residual layers, zoneout and cells side by side")
  func mixture() throws {
    let zoneout = Regularization(hiddenZoneout: 0.25, stateZoneout: 0.15)
    let layers = [
      LayerConfiguration(LSTMCell(hiddenSize: 9)), LayerConfiguration(GRUCell(hiddenSize: 9)).residual(),
      LayerConfiguration(LSTMCell(hiddenSize: 9)).regularized(zoneout), LayerConfiguration(UserCell(hiddenSize: 9)),
      LayerConfiguration(ElmanCell(hiddenSize: 9)).residual(),
    ]
    let model = SequenceModel(
      .init(input: .features(3), layers: layers, readout: .everyStep, output: .values(2)), initializer: .pyTorch,
      seed: 3)
    let inputs = ClosedForm.chirp.tensor(1, [1, Self.steps, 3])
    let batch = try SequenceBatch(
      inputs, targets: .values(Array(repeating: 0, count: Self.steps * 2), size: 2, everyStep: true))
    try expectStreams(of: model, inputs.values, toGive: model.outputs(for: batch).outputs.values)
  }

  @Test("heads of every width", arguments: [1, 2, 7, 8, 9, 65, 200])
  func heads(outputs: Int) throws {
    let model = SequenceModel(
      .init(input: .features(1), layers: .gru(20), readout: .everyStep, output: .labels(outputs)),
      initializer: .pyTorch, seed: 4)
    let inputs = ClosedForm.chirp.tensor(1, [1, Self.steps, 1])
    let batch = try SequenceBatch(
      inputs, targets: .values(Array(repeating: 0, count: Self.steps * outputs), size: outputs, everyStep: true))
    try expectStreams(of: model, inputs.values, toGive: model.outputs(for: batch).outputs.values)
  }

  @Test(
    "every input, output and initial state",
    arguments: ModelCase.all.filter {
      !$0.isBidirectional && !$0.isRagged && ($0.state == .zero || $0.state == .learned)
    })
  func tasks(example: ModelCase) throws {
    let model = example.model
    let batch = try example.batch()
    let outputs = try model.outputs(for: batch).outputs
    let width = model.outputSize
    for sample in 0..<batch.count {
      let inputs = batch.inputs.selecting([sample]).values
      var stream = try model.makeStream()
      for round in 0..<2 {
        for t in 0..<batch.stepCount {
          if example.input == .features {
            try stream.step(Array(inputs[t * model.inputSize..<(t + 1) * model.inputSize]))
          } else {
            try stream.step(token: Int(inputs[t]))
          }
          guard example.readout == .everyStep else { continue }
          let first = (sample * batch.stepCount + t) * width
          #expect(bitMismatch(of: stream.values, with: Array(outputs.values[first..<first + width])) == nil)
        }
        if example.readout == .last {
          #expect(bitMismatch(of: stream.values, with: outputs.selecting([sample]).values) == nil, "round \(round)")
        }
        stream.reset()
      }
    }
  }

  /// Reads a sequence step by step, as a whole, and in parts with and without space for outputs.
  private func expectStreams(of model: SequenceModel, _ inputs: [Float], toGive expected: [Float]) throws {
    let (size, width) = (model.inputSize, model.outputSize)
    let count = inputs.count / size
    func rows(_ steps: Range<Int>) -> [Float] { Array(inputs[steps.lowerBound * size..<steps.upperBound * size]) }
    func outputs(_ steps: Range<Int>) -> [Float] {
      Array(expected[steps.lowerBound * width..<steps.upperBound * width])
    }
    var (steps, whole, parts) = try (model.makeStream(), model.makeStream(), model.makeStream())
    for t in 0..<count {
      try steps.step(rows(t..<t + 1))
      #expect(bitMismatch(of: steps.values, with: outputs(t..<t + 1)) == nil, "step \(t)")
    }
    var found = [Float](repeating: .nan, count: count * width)
    try whole.run(inputs, into: &found)
    #expect(bitMismatch(of: found, with: expected) == nil)
    // Odd and even numbers of steps, so that each form follows the other in both phases of a stream.
    for range in [0..<1, 1..<4, 4..<6, 6..<7, 7..<9, 9..<count] {
      if range.count == 3 {
        try parts.run(rows(range))
      } else {
        var found = [Float](repeating: .nan, count: range.count * width)
        try parts.run(rows(range), into: &found)
        #expect(bitMismatch(of: found, with: outputs(range)) == nil, "steps \(range)")
      }
      let last = outputs(range.upperBound - 1..<range.upperBound)
      #expect(bitMismatch(of: parts.values, with: last) == nil, "steps \(range)")
      let seen = parts.withValues { values in values.indices.map { values[$0] } }
      #expect(seen == parts.values)
    }
    #expect(parts.stepCount == count && whole.stepCount == count && steps.stepCount == count)
  }
}
