@testable import Recurrent
import TestSupport
import Testing

/// Loss and gradients of a whole classifier, against the textbook and against its own parts.
@Suite struct ClassifierGradientTests {
  @Test("every element of the gradient is the central difference of the loss", arguments: ClassifierScenario.all)
  func centralDifferences(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let (result, gradient) = try network.gradient(on: scenario.data)
    let reference = scenario.reference(network)
    let loss = reference.meanLoss()
    #expect(mismatch(of: [result.loss], with: [loss], within: scenario.tolerance) == nil)
    for entry in gradient.entries {
      let difference = CentralDifference.mismatch(
        of: gradient[entry.name].values, at: reference[entry.name], step: scenario.differenceStep,
        within: scenario.tolerance
      ) { point in
        var moved = reference
        moved.values[entry.name] = point
        return moved.meanLoss()
      }
      #expect(difference == nil, "\(entry.name)")
    }
  }

  @Test(
    "one call gives the gradient of the step-by-step form",
    arguments: (ClassifierScenario.all + ClassifierScenario.larger).filter { !$0.readsInReverse })
  func stepByStep(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let whole = try network.gradient(on: scenario.data)
    let parts = gradientStepByStep(network, scenario)
    #expect(mismatch(of: [whole.result.loss], with: [Double(parts.loss)], within: scenario.tolerance) == nil)
    #expect(whole.result.accuracy == parts.accuracy)
    for entry in parts.gradient.entries {
      let expected = parts.gradient[entry.name].values.map(Double.init)
      #expect(
        mismatch(of: whole.gradient[entry.name], with: expected, within: scenario.tolerance) == nil, "\(entry.name)")
    }
  }

  @Test(
    "training is the step-by-step form, gradient and update, step after step",
    arguments: ClassifierScenario.all.filter { !$0.readsInReverse })
  func trainingStepByStep(scenario: ClassifierScenario) throws {
    var network = scenario.network()
    var other = network
    var optimizer = SGD(learningRate: 0.5)
    var otherOptimizer = optimizer
    for step in 0..<3 {
      let result = try network.train(on: scenario.data, with: &optimizer)
      let parts = gradientStepByStep(other, scenario)
      otherOptimizer.update(&other.parameters, with: parts.gradient)
      #expect(mismatch(of: [result.loss], with: [Double(parts.loss)], within: scenario.tolerance) == nil)
      for entry in network.parameters.entries {
        let expected = other.parameters[entry.name].values.map(Double.init)
        #expect(
          mismatch(of: network.parameters[entry.name], with: expected, within: scenario.tolerance) == nil,
          "\(entry.name) after step \(step)")
      }
    }
  }

  @Test("training with Adam is Adam on the gradient, bit for bit", arguments: ClassifierScenario.larger)
  func adam(scenario: ClassifierScenario) throws {
    var network = scenario.network()
    var other = network
    var optimizer = Adam(learningRate: 0.01)
    var otherOptimizer = optimizer
    for _ in 0..<3 {
      let (result, gradient) = try other.gradient(on: scenario.data)
      otherOptimizer.update(&other.parameters, with: gradient)
      #expect(try network.train(on: scenario.data, with: &optimizer) == result)
      #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
    }
    #expect(optimizer.stepCount == 3)
  }

  @Test("ten training steps are PyTorch's: every loss, and all weights at the end")
  func storedTrainingSteps() throws {
    let fixture = Fixtures.trainingSteps
    var network = SequenceModel(
      .init(input: .features(fixture.input), layers: .lstm(20, count: 3), output: .classes(fixture.classes)))
    #expect(fixture.hidden == [20, 20, 20])
    #expect(network.parameters.entries.map(\.name) == fixture.tensors.map(\.name))
    for (number, rule) in fixture.tensors.enumerated() {
      network.parameters[rule.name] = ClosedForm.chirp.tensor(number, rule.shape, scale: rule.scale)
    }
    let settings = fixture.optimizer
    var optimizer = Adam(
      learningRate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon)
    for step in 0..<fixture.updates {
      let images = ClosedForm.chirp.tensor(
        fixture.firstInputNumber + step, [fixture.batch, fixture.steps, fixture.input], scale: 0.5, offset: 0.5)
      let labels = (0..<fixture.batch).map { (7 * $0 + 3 * step) % fixture.classes }
      let batch = try SequenceBatch(images, labels: labels, classCount: fixture.classes)
      let loss = try network.train(on: batch, with: &optimizer).loss
      #expect(
        mismatch(of: [loss], with: [fixture.expected.losses[step]], within: Tolerance.storedReference) == nil,
        "loss of step \(step)")
    }
    for entry in network.parameters.entries {
      let expected = try #require(fixture.expected.parameters[entry.name])
      #expect(
        mismatch(of: network.parameters[entry.name], with: expected, within: Tolerance.storedReference) == nil,
        "\(entry.name)")
    }
  }

  /// The gradient as a learner puts it together from the parts.
  private func gradientStepByStep(
    _ network: SequenceModel, _ scenario: ClassifierScenario
  ) -> (loss: Float, accuracy: Float, gradient: Parameters) {
    let (stack, head) = (network.stack, network.head)
    let (outputs, _, tape) = stack.forward(scenario.inputs, lengths: scenario.lengths)
    let last = outputs.last(lengths: scenario.lengths)
    let logits = head(last)
    let (loss, logitGradient) = SoftmaxCrossEntropy()(logits, scenario.labels)
    let headGradients = head.gradients(inputs: last, outputGradient: logitGradient)
    var outputGradient = Tensor(zeros: outputs.shape)
    for sample in 0..<scenario.batch {
      let length = scenario.lengths?[sample] ?? scenario.steps
      if length == 0 { continue }
      for unit in 0..<outputs.shape[2] {
        outputGradient[sample, length - 1, unit] = headGradients.inputs[sample, unit]
      }
    }
    let gradients = stack.gradients(tape, outputs: outputGradient)
    var gradient = network.parameters.zeros
    for (name, part) in gradients.parameters { gradient[name] = part }
    for (name, part) in headGradients.parameters { gradient["head." + name] = part }
    return (loss, SoftmaxCrossEntropy().accuracy(logits, scenario.labels), gradient)
  }
}
