import Recurrent
import TestSupport
import Testing

/// Truncation: states cross a cut, gradients do not.
@Suite struct TruncatedBackpropagationTests {
  static let cases = (StackCase.small + StackCase.few).filter { !$0.readsInReverse }

  @Test("a window no shorter than the sequences is full backpropagation, bit for bit", arguments: cases, [0, 1, 5])
  func wholeWindow(name: StackCase, beyond: Int) {
    let scenario = Scenario(name, isRagged: true)
    let (expected, finalState, tape) = scenario.stack.forward(scenario.inputs, lengths: scenario.lengths)
    let full = scenario.stack.gradients(tape, outputs: scenario.outputWeights)
    var truncation = TruncatedBackpropagation(window: name.sizes.steps + beyond)
    let windows = truncation.windows(of: scenario.inputs, lengths: scenario.lengths)
    #expect(windows.map(\.steps) == [0..<name.sizes.steps])
    let (outputs, windowTape) = truncation.forward(
      windows[0].inputs, through: scenario.stack, lengths: windows[0].lengths)
    let truncated = scenario.stack.gradients(windowTape, outputs: scenario.outputWeights)
    #expect(bitMismatch(of: outputs, with: expected) == nil)
    #expect(bitMismatch(of: truncated.parameters, with: full.parameters) == nil)
    #expect(bitMismatch(of: truncated.inputs, with: full.inputs) == nil)
    #expect(truncation.state.map { bitMismatch(of: $0, with: finalState) } == .some(nil))
  }

  @Test(
    "windows that carry their state give the outputs of the whole, bit for bit",
    arguments: cases, SequenceLayout.allCases)
  func windowsAreTheWhole(name: StackCase, layout: SequenceLayout) {
    let scenario = Scenario(name, isRagged: true)
    let inputs = layout == .batchMajor ? scenario.inputs : Tensor.timeMajor(scenario.inputs)
    let whole = scenario.stack(inputs, lengths: scenario.lengths, layout: layout)
    for size in 1...3 {
      var truncation = TruncatedBackpropagation(window: size)
      for window in truncation.windows(of: inputs, lengths: scenario.lengths, layout: layout) {
        #expect(window.steps.count <= size)
        let outputs = truncation.forward(
          window.inputs, through: scenario.stack, lengths: window.lengths, layout: layout
        ).outputs
        #expect(bitMismatch(of: outputs, with: whole.outputs.steps(window.steps, layout: layout)) == nil)
      }
      #expect(truncation.state.map { bitMismatch(of: $0, with: whole.finalState) } == .some(nil))
    }
  }

  @Test(
    "a window's gradient is the central difference with the state before it held fast",
    // Of a single unit the few terms of so short a sum cancel to almost nothing.
    arguments: StackCase.small.filter { !$0.readsInReverse && $0.sizes.steps > 2 && $0.sizes.hidden != [1] })
  func nothingCrossesACut(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let size = 2
    var truncation = TruncatedBackpropagation(window: size)
    var whole = 0.0
    var differs = false
    for window in truncation.windows(of: scenario.inputs, lengths: scenario.lengths) {
      let before = truncation.state
      let (_, tape) = truncation.forward(window.inputs, through: scenario.stack, lengths: window.lengths)
      let weights = scenario.outputWeights.steps(window.steps)
      let found = scenario.stack.gradients(tape, outputs: weights).parameters
      let network = ReferenceNetwork(
        name.allKinds.map(\.reference), scenario.stack.parameters, inputs: window.inputs, lengths: window.lengths,
        state: before)
      let nothing = StackState(scenario.stack.zeroState(batchSize: name.sizes.batch).layers)
      for entry in found.entries {
        let difference = CentralDifference.mismatch(
          of: found[entry.name].values, at: network[entry.name], within: scenario.gradientTolerance
        ) { point in
          var moved = network
          moved.values[entry.name] = point
          return moved.weightedSum(outputs: weights, finalStates: nothing)
        }
        #expect(difference == nil, "\(entry.name), steps \(window.steps)")
      }
      whole += Double(found["weight_hh_l0"].values.reduce(0) { $0 + abs($1) })
      differs = differs || window.steps.lowerBound > 0
    }
    #expect(differs && whole > 0)
  }

  @Test("streams begin anew where they are told to, and only these")
  func reset() {
    let stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 5), GRUCell(hiddenSize: 4))
    let first = ClosedForm.chirp.tensor(0, [4, 2, 3])
    let second = ClosedForm.chirp.tensor(1, [4, 2, 3])
    var truncation = TruncatedBackpropagation(window: 2)
    _ = truncation.forward(first, through: stack)
    var carried = truncation
    truncation.reset(streams: [2, 0])
    let (outputs, _) = truncation.forward(second, through: stack)
    let (goingOn, _) = carried.forward(second, through: stack)
    let anew = stack(second).outputs
    for stream in 0..<4 {
      let expected = [0, 2].contains(stream) ? anew : goingOn
      #expect(bitMismatch(of: outputs.selecting([stream]), with: expected.selecting([stream])) == nil)
      #expect(anew.selecting([stream]) != goingOn.selecting([stream]))
    }
    carried.reset()
    #expect(carried.state == nil)
    carried.reset(streams: [1])
    #expect(bitMismatch(of: carried.forward(second, through: stack).outputs, with: anew) == nil)
  }

  @Test("weights may change from window to window")
  func training() {
    var stack = RecurrentStack(inputSize: 2, ElmanCell(hiddenSize: 3))
    let inputs = ClosedForm.chirp.tensor(0, [3, 7, 2])
    let targets = ClosedForm.wave.tensor(1, [3, 7, 3], scale: 0.5)
    var losses: [Float] = []
    var optimizer = Adam(learningRate: 0.05)
    for _ in 0..<40 {
      var truncation = TruncatedBackpropagation(window: 3)
      var total: Float = 0
      for window in truncation.windows(of: inputs) {
        let (outputs, tape) = truncation.forward(window.inputs, through: stack)
        let (loss, gradient) = RegressionLoss.squared(outputs, targets.steps(window.steps))
        total += loss
        optimizer.update(&stack.parameters, with: stack.gradients(tape, outputs: gradient).parameters)
      }
      losses.append(total)
    }
    #expect(losses[39] < losses[0] / 2)
  }
}

extension Tensor {
  /// `[time, batch, feature]` from `[batch, time, feature]`.
  fileprivate static func timeMajor(_ tensor: Tensor) -> Tensor {
    let steps = tensor.steps
    return Tensor(known: [steps.count] + steps[0].shape, values: steps.flatMap(\.values))
  }
}
