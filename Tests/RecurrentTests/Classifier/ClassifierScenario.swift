@testable import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// A classifier with a ragged batch, all in closed form, NaN in the padding.
struct ClassifierScenario: Sendable, CustomTestStringConvertible {
  let reason: String
  let kinds: [CellKind]
  let batch: Int
  let steps: Int
  let input: Int
  let hidden: [Int]
  let classes: Int
  let isRagged: Bool
  let isBidirectional: Bool
  let reverseLayers: Set<Int>

  var readsInReverse: Bool { stack.readsInReverse }

  var testDescription: String { "\(kinds.map(\.name).joined(separator: ", ")): \(reason)" }

  init(
    _ reason: String, _ kinds: CellKind..., batch: Int, steps: Int, input: Int, hidden: [Int], classes: Int,
    isRagged: Bool = true, isBidirectional: Bool = false, reverseLayers: Set<Int> = []
  ) {
    self.reason = reason
    self.kinds = kinds
    self.batch = batch
    self.steps = steps
    self.input = input
    self.hidden = hidden
    self.classes = classes
    self.isRagged = isRagged
    self.isBidirectional = isBidirectional
    self.reverseLayers = reverseLayers
  }

  static let all = [
    Self("one layer", .elman, batch: 9, steps: 5, input: 3, hidden: [4], classes: 2),
    Self("one layer", .lstm, batch: 9, steps: 5, input: 3, hidden: [4], classes: 2),
    Self("full sequences", .lstm, batch: 7, steps: 4, input: 2, hidden: [5], classes: 3, isRagged: false),
    Self("different layers", .lstm, .elman, batch: 10, steps: 3, input: 2, hidden: [5, 4], classes: 7),
    Self("layers of all kinds", .user, .lstm, .elman, batch: 7, steps: 4, input: 3, hidden: [2, 6, 5], classes: 8),
    Self(
      "both directions", .lstm, .gru, .elman, batch: 9, steps: 5, input: 3, hidden: [4, 2], classes: 5,
      isBidirectional: true),
    Self(
      "one layer in reverse above one that reads forward", .lstm, .gru, batch: 9, steps: 5, input: 3, hidden: [4, 2],
      classes: 5, reverseLayers: [1]),
    Self(
      "cells with vectors", .lstmPeepholes, .indRNN, .lstmAllOptions, batch: 7, steps: 4, input: 3, hidden: [5, 9, 2],
      classes: 4),
    Self(
      "layer normalisation", .lstmLayerNorm, .lstmLayerNormOptions, .lstm, batch: 7, steps: 4, input: 3,
      hidden: [5, 9, 2], classes: 4),
    Self(
      "options of GRU and Elman cells", .gruOptions, .gruResetBeforeOptions, .elmanClipped, batch: 7, steps: 4,
      input: 3, hidden: [5, 9, 2], classes: 4),
    Self("minimal gated units", .mgu, .mguResetBefore, batch: 7, steps: 4, input: 3, hidden: [2, 6], classes: 8),
    Self("one layer", .lstmProjected, batch: 9, steps: 5, input: 3, hidden: [6], classes: 2),
    Self(
      "layers of a projection and without", .lstmProjected, .gru, .lstmProjected, batch: 10, steps: 4, input: 3,
      hidden: [7, 2, 9], classes: 5),
    Self(
      "projections in both directions", .lstmProjected, .lstm, batch: 9, steps: 5, input: 3, hidden: [7, 4], classes: 5,
      isBidirectional: true),
    Self("two tiles, classes beyond a vector", .lstm, batch: 20, steps: 3, input: 1, hidden: [2], classes: 17),
    Self("one layer", .gru, batch: 9, steps: 5, input: 3, hidden: [4], classes: 2),
    Self("one layer", .gruResetBefore, batch: 9, steps: 5, input: 3, hidden: [4], classes: 2),
    Self(
      "two phases and one", .gruResetBefore, .gru, .user, batch: 7, steps: 4, input: 3, hidden: [2, 6, 5],
      classes: 8),
  ]

  /// In sizes for tests that train: several tiles, and tiles that threads share.
  static let larger = [
    Self("two tiles", .lstm, batch: 50, steps: 7, input: 3, hidden: [20, 5], classes: 10),
    Self("three tiles", .elman, batch: 130, steps: 4, input: 2, hidden: [9], classes: 3),
    Self(
      "vectors over several pieces", .lstmPeepholes, .indRNN, batch: 41, steps: 3, input: 2, hidden: [270, 301],
      classes: 3),
    Self(
      "layer normalisation in a narrow layer and a shared one", .lstmLayerNorm, .lstmLayerNormOptions, batch: 129,
      steps: 3, input: 2, hidden: [21, 101], classes: 3),
    Self("two shared tiles", .lstm, batch: 129, steps: 3, input: 2, hidden: [96], classes: 10),
    Self("two tiles", .gru, .gruResetBefore, batch: 50, steps: 7, input: 3, hidden: [20, 5], classes: 10),
    Self(
      "options, two shared tiles", .gruOptions, .gruResetBeforeOptions, batch: 129, steps: 3, input: 2,
      hidden: [21, 96], classes: 10),
    Self("two shared tiles", .gru, batch: 129, steps: 3, input: 2, hidden: [96], classes: 10),
    Self("two shared tiles", .gruResetBefore, batch: 129, steps: 3, input: 2, hidden: [96], classes: 10),
    Self(
      "gradients of several steps at once", .lstmProjected, batch: 129, steps: 9, input: 30, hidden: [130], classes: 10),
  ]

  var lengths: [Int]? { isRagged ? ClosedForm.lengths(batch: batch, steps: steps) : nil }
  var labels: [Int] { (0..<batch).map { ($0 * 5 + $0 / 3) % classes } }

  var inputs: Tensor {
    ClosedForm.chirp.tensor(50, [batch, steps, input]).padded(with: .nan, past: lengths)
  }

  var data: SequenceBatch {
    require { try SequenceBatch(inputs, labels: labels, lengths: lengths, classCount: classes) }
  }

  /// The network, with weights in closed form.
  func network(threads: ThreadPool = .shared) -> SequenceModel {
    var network = SequenceModel(
      .init(input: .features(input), layers: stack.layers, output: .classes(classes)), threads: threads)
    network.parameters.fillWithChirps()
    return network
  }

  /// The network and the batch in `Double`, with a loss other than plain cross-entropy if there is one.
  func reference(_ network: SequenceModel, loss: ReferenceLoss? = nil) -> ReferenceModel {
    ReferenceModel(
      stack.allKinds.map(\.reference), network.parameters, inputs: .features(inputs), lengths: lengths,
      isBidirectional: isBidirectional, reverseLayers: reverseLayers, loss: loss ?? .crossEntropy(labels))
  }

  private var stack: StackCase {
    var sizes = StackCase.Sizes(reason, batch, steps, input)
    sizes.hidden = hidden
    return StackCase(kinds: kinds, sizes: sizes, isBidirectional: isBidirectional, reverseLayers: reverseLayers)
  }

  /// h of central differences.
  var differenceStep: Double {
    kinds.contains { $0.hasCorners } ? Tolerance.differenceStepBetweenCorners : Tolerance.differenceStep
  }

  var tolerance: Double {
    Tolerance.gradient(
      inputSize: input, hiddenSizes: stack.layers.map(\.outputSize) + [classes], steps: steps, batch: batch)
  }
}
