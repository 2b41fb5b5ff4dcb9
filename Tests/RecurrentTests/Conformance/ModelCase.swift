import Recurrent
import TestSupport
import Testing

/// A whole model with a batch and its targets, all in closed form: one of every combination of what a model can be.
///
/// Past a length inputs and targets hold what nobody may ever read. Sizes are pairwise different, and none fills vectors.
struct ModelCase: Sendable, CustomTestStringConvertible {
  enum Input: CaseIterable { case features, tokens, embedded }
  enum Output: CaseIterable { case classes, values, labels }
  /// Where the state before the first step comes from; a given one may take the place of a learned one.
  enum State: CaseIterable { case zero, given, learned, givenForLearned }

  /// How much there is to share: a tile of samples, tiles for several threads, or tiles that threads share.
  enum Size: CaseIterable { case small, tiles, sharedTiles }

  let input: Input
  let readout: ModelConfiguration.Readout
  let output: Output
  let isBidirectional: Bool
  let isRagged: Bool
  let state: State
  /// Which of the settings that are not combined with all others are this case's turn.
  let turn: Int
  var size = Size.small

  static let all: [ModelCase] = {
    var cases: [ModelCase] = []
    for input in Input.allCases {
      for readout in ModelConfiguration.Readout.allCases {
        for output in Output.allCases {
          for isBidirectional in [false, true] {
            for isRagged in [false, true] {
              for state in State.allCases {
                cases.append(
                  ModelCase(
                    input: input, readout: readout, output: output, isBidirectional: isBidirectional,
                    isRagged: isRagged, state: state, turn: cases.count))
              }
            }
          }
        }
      }
    }
    return cases
  }()

  /// Of each readout, output and larger size one, with everything that has a gradient.
  static let larger: [ModelCase] = {
    var cases: [ModelCase] = []
    for size in [Size.tiles, .sharedTiles] {
      for readout in ModelConfiguration.Readout.allCases {
        for output in Output.allCases {
          cases.append(
            ModelCase(
              input: .embedded, readout: readout, output: output, isBidirectional: cases.count.isMultiple(of: 2),
              isRagged: true, state: .learned, turn: cases.count, size: size))
        }
      }
    }
    return cases
  }()

  private static let (steps, features, tokens, embedding, width) = (4, 3, 7, 2, 11)
  private var batchSize: Int { size == .small ? 9 : 131 }

  var testDescription: String {
    "\(size == .small ? "" : "\(size), ")\(input), \(readout) → \(output)\(isBidirectional ? ", both directions" : "")\(isRagged ? ", ragged" : ""), "
      + "\(state) state, \(lossName)\(hasMissing ? ", targets missing" : "")"
  }

  // MARK: The model

  var model: SequenceModel {
    let input: ModelConfiguration.Input =
      switch self.input {
      case .features: .features(Self.features)
      case .tokens: .tokens(Self.tokens)
      case .embedded: .tokens(Self.tokens, embedding: Self.embedding)
      }
    let output: ModelConfiguration.Output =
      switch self.output {
      case .classes: .classes(Self.width)
      case .values: .values(Self.width)
      case .labels: .labels(Self.width)
      }
    var model = SequenceModel(
      .init(
        input: input, layers: stack.layers, readout: readout, output: output,
        initialState: state == .learned || state == .givenForLearned ? .learned : .zero))
    model.parameters.fillWithChirps()
    return model
  }

  /// Different cells in all layers and directions, each with a width of its own.
  private var stack: StackCase {
    StackCase(
      kinds: [.lstm, .gru], sizes: .init("", 0, 0, 0, size == .sharedTiles ? 97 : 5, 3),
      isBidirectional: isBidirectional)
  }

  /// The state that is given, if any.
  func givenState(_ model: SequenceModel) -> StackState? {
    switch state {
    case .zero, .learned: nil
    case .given, .givenForLearned: model.stack.state(batchSize: batchSize, number: 200, scale: 0.5)
    }
  }

  // MARK: The batch

  private var lengths: [Int]? { isRagged ? ClosedForm.lengths(batch: batchSize, steps: Self.steps) : nil }

  private var inputs: ReferenceModel.Inputs {
    if input == .features {
      let tensor = ClosedForm.chirp.tensor(100, [batchSize, Self.steps, Self.features])
      return .features(tensor.padded(with: .nan, past: lengths))
    }
    let tokens = (0..<batchSize).map { sample in
      // Repeated within a sequence and across sequences; past a length there is none.
      (0..<Self.steps).map { t in t < (lengths?[sample] ?? Self.steps) ? (sample * sample + 3 * t) % Self.tokens : -1 }
    }
    return .tokens(tokens, count: Self.tokens)
  }

  /// The rows of targets: one for each sequence, or for each step.
  private var rowCount: Int { batchSize * (readout == .everyStep ? Self.steps : 1) }

  /// Whether targets are missing.
  ///
  /// A sequence always has a class; all else may be missing.
  private var hasMissing: Bool {
    (turn / 4 + turn / 8 + turn / 16).isMultiple(of: 2) && !(output == .classes && readout == .last)
  }

  /// The classes of all rows.
  private var labels: [Int?] {
    (0..<rowCount).map { hasMissing && $0 % 4 == 1 ? nil : (5 * $0 + $0 / 3) % Self.width }
  }

  /// The numbers of all rows, of labels 1 and 0.
  private var numbers: [Double?] {
    let values = ClosedForm.chirp.values(101, count: rowCount * Self.width)
    return values.enumerated().map { i, value in
      if hasMissing && i % 5 == 1 { return nil }
      return output == .labels ? (value > 0.2 ? 1 : 0) : Double(value)
    }
  }

  func batch() throws -> SequenceBatch {
    let targets: SequenceTargets =
      output == .classes
      ? .classes(labels.map { Int32($0 ?? -1) }, count: Self.width, everyStep: readout == .everyStep)
      : .values(numbers.map { Float($0 ?? .nan) }, size: Self.width, everyStep: readout == .everyStep)
    let values: SequenceInputs =
      switch inputs {
      case .features(let tensor): .floats(tensor.values, features: Self.features)
      case .tokens(let tokens, let count): .tokens(tokens.joined().map(Int32.init), count: count)
      }
    return try SequenceDataset(
      values, targets: targets, stepCount: Self.steps, count: batchSize, lengths: lengths?.map(Int32.init)
    ).wholeBatch
  }

  // MARK: The loss

  private static let weights = (0..<width).map { $0 == 1 ? 0.25 : 0.5 + 0.2 * Float($0) }

  private var losses: [(name: String, loss: Loss)] {
    switch output {
    case .classes:
      [
        ("plain loss", .crossEntropy()), ("smoothed", .crossEntropy(.init(labelSmoothing: 0.2))),
        ("weighted", .crossEntropy(.init(classWeights: Self.weights))),
        ("smoothed and weighted", .crossEntropy(.init(labelSmoothing: 0.3, classWeights: Self.weights))),
      ]
    case .values: [("squared", .squared), ("absolute", .absolute), ("huber", .huber(0.4))]
    case .labels: [("plain loss", .sigmoidCrossEntropy()), ("weighted", .sigmoidCrossEntropy(weights: Self.weights))]
    }
  }

  /// Losses take turns in steps that meet every setting of everything else.
  private var lossIndex: Int { (turn + turn / 4 + turn / 16 + turn / 48) % losses.count }
  private var lossName: String { losses[lossIndex].name }
  var loss: Loss { losses[lossIndex].loss }

  /// h of central differences: two losses have corners.
  var differenceStep: Double {
    switch loss {
    case .regression(.absolute), .regression(.huber): Tolerance.differenceStepBetweenCorners
    default: Tolerance.differenceStep
    }
  }

  // MARK: The same in `Double`

  func reference(_ model: SequenceModel) -> ReferenceModel {
    ReferenceModel(
      stack.allKinds.map(\.reference), model.parameters, inputs: inputs, lengths: lengths, state: givenState(model),
      isBidirectional: isBidirectional, isEveryStep: readout == .everyStep,
      loss: loss.reference(labels: labels, numbers: numbers))
  }
}
