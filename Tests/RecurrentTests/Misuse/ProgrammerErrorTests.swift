import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// Mistakes in calling the library end the process at once, with a sentence that says what was found.
enum ProgrammerError: String, Codable, CaseIterable, Sendable {
  case indexOutside, stateOfWrongShape, finalGradientOfWrongShape, inputsOfWrongSize
  case weightsOfAnotherNetwork, tapeUsedTwice, tapeOfAnotherNetwork, stackOfNoFeatures, lengthBeyondSteps
  case emptyBatch, optimizerOfAnotherNetwork, parameterOfWrongShape
  case parameterOfUnknownName, parameterNamedTwice, denseOfOtherShape
  case mergeOfDifferentWidths, residualOfAnotherWidth, rateOfOne
  case fileOfUserCell
  case stepWithoutBatches, weightsOfOtherClasses, lossOfAnotherOutput, averageOfAnotherNetwork,
    lookAheadWithoutMomentum, betaOfOne
  case earlyStoppingWithoutValidation
  case cellClipOfZero, inputClipBelowZero, inputClipOfGRU, inputClipOfElman, weightDropWithoutWeights,
    layerNormOfOtherFunctions
  case epochsBelowZero, batchesOfNothing, normEpsilonOfZero
  case projectionAsWide, projectionOfCarriedState, cellStateOfProjectedWidth

  /// Part of what the process says before it ends.
  var message: String {
    switch self {
    case .indexOutside: "lies outside of shape [2, 3]"
    case .stateOfWrongShape: "expected state components [[4, 7], [4, 7]]; found [[4, 6], [4, 6]]"
    case .finalGradientOfWrongShape: "expected state components [[4, 7], [4, 7]]; found [[4, 6], [4, 6]]"
    case .cellStateOfProjectedWidth: "expected state components [[4, 6], [4, 7]]; found [[4, 6], [4, 6]]"
    case .projectionAsWide: "projectionSize: found 7, expected at least 1 and fewer than the 7 hidden units"
    case .projectionOfCarriedState: "may have fewer outputs; found carrying with 2"
    case .inputsOfWrongSize: "the network reads 3 features per step; the batch has 2"
    case .weightsOfAnotherNetwork: "weights must have the names and shapes of their network"
    case .tapeUsedTwice: "a tape can be used for one backward pass"
    case .tapeOfAnotherNetwork: "a tape belongs to the stack that made it"
    case .stackOfNoFeatures: "inputSize: found 0, expected a positive number of features"
    case .lengthBeyondSteps: "found length 6 of sequence 2, expected lengths in 0...5"
    case .emptyBatch: "found a batch without sequences"
    case .optimizerOfAnotherNetwork: "cannot continue with"
    case .mergeOfDifferentWidths: "merge: found 'sum' of 7 and 6 units, expected directions of one width"
    case .residualOfAnotherWidth:
      "layers.0.residual: found 7 outputs of 3 features, expected as many outputs as the layer reads"
    case .rateOfOne: "a rate is a probability below 1; found 1.0"
    case .fileOfUserCell:
      "layers.0.cell: found 'user', a cell that is not registered, expected a call of CellRegistry.register"
    case .parameterOfUnknownName:
      "no parameter is called 'weight_hh_0'; similar names: weight_hh_l0, weight_ih_l0"
    case .parameterNamedTwice: "duplicate parameter name 'a'"
    case .denseOfOtherShape: "weight has shape [2, 3]; found [3, 2]"
    case .parameterOfWrongShape: "bias_ih_l0 has shape [28]; found [27]"
    case .stepWithoutBatches: "a step needs a batch; found none"
    case .weightsOfOtherClasses: "2 classes take as many weights; found 3"
    case .lossOfAnotherOutput: "for the output classes(2), expected one for that kind of output"
    case .averageOfAnotherNetwork: "weights must have the names and shapes of their average"
    case .lookAheadWithoutMomentum: "Nesterov momentum needs a momentum above 0; found 0"
    case .betaOfOne: "β₁ and β₂ must lie in 0..<1; found 0.9 and 1.0"
    case .earlyStoppingWithoutValidation: "early stopping and a plateau need validation data"
    case .cellClipOfZero: "cellClip: found 0.0, expected a number above 0"
    case .inputClipBelowZero, .inputClipOfGRU, .inputClipOfElman:
      "preactivationClip: found -1.0, expected a number above 0"
    case .layerNormOfOtherFunctions: "layerNorm: found true beside preactivationClip or other functions"
    case .epochsBelowZero: "epochs are not negative; found -1"
    case .batchesOfNothing: "a batch has a sequence at least; found a batch size of 0"
    case .normEpsilonOfZero: "normEpsilon: found 0.0, expected a number above 0"
    case .weightDropWithoutWeights: "recurrent dropout or weight drop of a layer of indrnn cells"
    }
  }

  func commit() {
    let inputs = Tensor(zeros: [4, 5, 3])
    var stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 7))
    let narrow = StackState([LSTMCell.State(hidden: Tensor(zeros: [4, 6]), cell: Tensor(zeros: [4, 6]))])
    switch self {
    case .indexOutside: _ = Tensor(zeros: [2, 3])[1, 3]
    case .stateOfWrongShape: _ = stack(inputs, from: narrow)
    case .finalGradientOfWrongShape: _ = stack.gradients(stack.forward(inputs).tape, finalState: narrow)
    case .inputsOfWrongSize: _ = stack(Tensor(zeros: [4, 5, 2]))
    case .weightsOfAnotherNetwork: stack.parameters = Parameters([("weight_ih_l0", [1])])
    case .tapeUsedTwice:
      let tape = stack.forward(inputs).tape
      _ = stack.gradients(tape)
      _ = stack.gradients(tape)
    case .tapeOfAnotherNetwork:
      _ = stack.gradients(RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 2)).forward(inputs).tape)
    case .cellStateOfProjectedWidth:
      _ = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 7, projectionSize: 6))(inputs, from: narrow)
    case .projectionAsWide: _ = LSTMCell(hiddenSize: 7, projectionSize: 7)
    case .projectionOfCarriedState: _ = RecurrentStack(inputSize: 3, CarryingCell())
    case .stackOfNoFeatures: _ = RecurrentStack(inputSize: 0, LSTMCell(hiddenSize: 7))
    case .mergeOfDifferentWidths:
      _ = LayerConfiguration.bidirectional(
        ElmanCell(hiddenSize: 7), ElmanCell(hiddenSize: 6), merge: .sum)
    case .residualOfAnotherWidth:
      _ = RecurrentStack(inputSize: 3, layers: [LayerConfiguration(ElmanCell(hiddenSize: 7)).residual()])
    case .rateOfOne: _ = Regularization(dropout: 1)
    case .fileOfUserCell:
      _ =
        SequenceModel(
          .init(input: .features(3), layers: [LayerConfiguration(UserCell(hiddenSize: 7))], output: .classes(2))
        ).safeTensors
    case .cellClipOfZero: _ = LSTMCell(hiddenSize: 1, options: .init(cellClip: 0))
    case .inputClipBelowZero: _ = LSTMCell(hiddenSize: 1, options: .init(preactivationClip: -1))
    case .inputClipOfGRU: _ = GRUCell(hiddenSize: 1, options: .init(preactivationClip: -1))
    case .inputClipOfElman: _ = ElmanCell(hiddenSize: 1, preactivationClip: -1)
    case .epochsBelowZero: _ = TrainingLoop(epochs: -1)
    case .batchesOfNothing: _ = TrainingLoop(batchSize: 0)
    case .normEpsilonOfZero:
      _ = LSTMCell(hiddenSize: 2, options: .init(hasLayerNorm: true, normEpsilon: 0))
    case .layerNormOfOtherFunctions:
      _ = LSTMCell(hiddenSize: 1, options: .init(hasLayerNorm: true, cellActivation: .relu))
    case .weightDropWithoutWeights:
      let layer = LayerConfiguration(IndRNNCell(hiddenSize: 7)).regularized(Regularization(weightDrop: 0.5))
      _ = RecurrentStack(inputSize: 3, layers: [layer])
    case .lengthBeyondSteps: _ = stack(inputs, lengths: [1, 2, 6, 3])
    case .emptyBatch, .optimizerOfAnotherNetwork:
      var optimizer = Adam()
      var network = SequenceModel(.init(input: .features(3), layers: .elman(2), output: .classes(2)))
      let data = require {
        try SequenceDataset(
          floats: inputs.values, stepCount: 5, inputSize: 3, labels: [0, 1, 0, 1], classCount: 2)
      }
      if self == .emptyBatch { _ = require { try network.train(on: data.batch([]), with: &optimizer) } }
      _ = require { try network.train(on: data.wholeBatch, with: &optimizer) }
      network = SequenceModel(.init(input: .features(3), layers: .elman(4), output: .classes(2)))
      _ = require { try network.train(on: data.wholeBatch, with: &optimizer) }
    case .parameterOfUnknownName: _ = stack.parameters["weight_hh_0"]
    case .parameterNamedTwice: _ = Parameters([("a", [1]), ("a", [2])])
    case .denseOfOtherShape:
      var dense = Dense(inputSize: 3, outputSize: 2)
      dense.weight = Tensor(zeros: [3, 2])
    case .parameterOfWrongShape: stack.parameters["bias_ih_l0"] = Tensor(zeros: [27])
    case .stepWithoutBatches, .weightsOfOtherClasses, .lossOfAnotherOutput, .earlyStoppingWithoutValidation:
      commitInTraining(inputs)
    case .averageOfAnotherNetwork:
      var average = ExponentialMovingAverage(of: stack.parameters)
      average.update(with: RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 2)).parameters)
    case .lookAheadWithoutMomentum: _ = SGD(learningRate: 1, isNesterov: true)
    case .betaOfOne: _ = Adam(beta2: 1)
    }
  }

  private func commitInTraining(_ inputs: Tensor) {
    var network = SequenceModel(.init(input: .features(3), layers: .elman(2), output: .classes(2)))
    var optimizer = Adam()
    let data = require {
      try SequenceDataset(
        floats: inputs.values, stepCount: 5, inputSize: 3, labels: [0, 1, 0, 1], classCount: 2)
    }
    switch self {
    case .stepWithoutBatches: _ = try? network.train(on: [], with: &optimizer)
    case .lossOfAnotherOutput: _ = try? network.train(on: data.wholeBatch, with: &optimizer, loss: .huber(1))
    case .weightsOfOtherClasses:
      let loss = SoftmaxCrossEntropy(classWeights: [1, 2, 3])
      _ = try? network.train(on: [data.wholeBatch], with: &optimizer, loss: .crossEntropy(loss))
    default:
      let loop = TrainingLoop(options: .init(earlyStopping: EarlyStopping()))
      try? loop.run(&network, optimizer: &optimizer, training: data, validation: data[0..<0])
    }
  }
}

/// A cell that asks for what cannot be: it reads the old hidden state of all its units, and shows fewer.
private struct CarryingCell: RecurrentCell {
  typealias State = ElmanCell.State

  static var name: String { "carrying" }
  var hiddenSize: Int { 4 }
  var outputSize: Int { 2 }
  var gates: [GateSource] { [.inputAndHidden] }
  var tapeSize: Int { 0 }
  var hasDirectStatePath: Bool { true }

  func forward(_ step: CellStep) {}
  func backward(_ step: CellStep, _ gradient: CellGradient) {}
}

@Suite struct ProgrammerErrorTests {
  @Test("a mistake in calling the library ends the process and is named", arguments: ProgrammerError.allCases)
  func endsTheProcess(error: ProgrammerError) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [error = error as ProgrammerError] in
      error.commit()
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains(error.message))
  }
}
