import RecurrentSupport

/// Some sequences of a dataset with their targets and true lengths: what one training step reads.
///
/// A batch refers to the dataset it was taken from and copies no values.
public struct SequenceBatch: Sendable {
  let dataset: SequenceDataset
  /// The index of each sample in the dataset's storage.
  let samples: [Int32]

  init(dataset: SequenceDataset, samples: [Int32]) {
    self.dataset = dataset
    self.samples = samples
  }

  /// A batch made from a tensor.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, feature]`, or as `layout` says.
  ///   - labels: one class per sequence.
  ///   - lengths: true lengths, 0 to the number of steps; nil if all are full. Padding is never read.
  ///   - classCount: the number of classes that labels are drawn from.
  ///   - layout: the order of dimensions in `inputs`: sequences first or steps first.
  /// - Throws: ``InputError`` unless inputs have three dimensions, with features, and there is one label per
  ///   sequence, below the number of classes, and one length, if any.
  /// - Complexity: O(batch): the values of the tensor are shared.
  public init(
    _ inputs: Tensor, labels: [Int], lengths: [Int]? = nil, classCount: Int, layout: SequenceLayout = .batchMajor
  ) throws(InputError) {
    guard inputs.shape.count == 3 else {
      throw InputError(
        .size, found: "inputs of shape \(inputs.shape)",
        expected: layout == .batchMajor ? "[batch, time, feature]" : "[time, batch, feature]")
    }
    let (count, _) = layout.sizes(of: inputs.shape)
    guard labels.count == count else {
      throw InputError(
        .size, found: quantity(labels.count, "label"), expected: "\(count), one for each sequence")
    }
    // A label that overflows Int32 exceeds the number of classes anyway.
    try self.init(
      inputs, targets: .classes(labels.map(Int32.init(clamping:)), count: classCount), lengths: lengths, layout: layout)
  }

  /// A batch made from a tensor of features, with any targets.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, feature]`, or as `layout` says.
  ///   - targets: the targets of each sequence, or of each step; those of steps are ordered by `layout`.
  ///   - lengths: true lengths, 0 to the number of steps; nil if all are full. Padding is never read.
  ///   - layout: the order of dimensions: sequences first or steps first.
  /// - Throws: ``InputError`` unless inputs have three dimensions, with features, and targets and lengths fit them.
  /// - Complexity: O(batch), or O(batch · time) with targets for each step: the values of the tensor are shared.
  public init(
    _ inputs: Tensor, targets: SequenceTargets, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) throws(InputError) {
    guard inputs.shape.count == 3 else {
      throw InputError(
        .size, found: "inputs of shape \(inputs.shape)",
        expected: layout == .batchMajor ? "[batch, time, feature]" : "[time, batch, feature]")
    }
    let (count, steps) = layout.sizes(of: inputs.shape)
    let dataset = try SequenceDataset(
      .floats(inputs.values, features: inputs.shape[2]), targets: targets, stepCount: steps, count: count,
      lengths: lengths?.map(Int32.init(clamping:)), layout: layout)
    self = dataset.wholeBatch
  }

  /// A batch of tokens.
  ///
  /// - Parameters:
  ///   - tokens: the tokens of each sequence; their counts are the lengths.
  ///   - tokenCount: tokens lie in `0..<tokenCount`.
  ///   - targets: the targets of each sequence, or of each step up to the longest length, `[batch, time]`.
  /// - Throws: ``InputError`` unless tokens and targets fit.
  /// - Complexity: O(batch · time).
  public init(tokens: [[Int]], tokenCount: Int, targets: SequenceTargets) throws(InputError) {
    let steps = tokens.map(\.count).max() ?? 0
    let padded = tokens.flatMap { sequence in
      sequence.map(Int32.init(clamping:)) + Array(repeating: 0, count: steps - sequence.count)
    }
    let isFull = tokens.allSatisfy { $0.count == steps }
    let dataset = try SequenceDataset(
      .tokens(padded, count: tokenCount), targets: targets, stepCount: steps, count: tokens.count,
      lengths: isFull ? nil : tokens.map { Int32($0.count) })
    self = dataset.wholeBatch
  }

  /// The number of sequences.
  public var count: Int { samples.count }
  /// The number of time steps.
  public var stepCount: Int { dataset.stepCount }
  /// The number of features of a step, or the size of the vocabulary.
  public var inputSize: Int { dataset.inputSize }

  /// The class of each sequence; empty if targets are values or belong to steps.
  ///
  /// - Complexity: O(batch).
  public var labels: [Int] {
    guard case .classes(let classes, _) = targets.values, !targets.isEveryStep else { return [] }
    return samples.map { Int(classes[Int($0)]) }
  }

  /// The true length of each sequence.
  ///
  /// - Complexity: O(batch).
  public var lengths: [Int] {
    guard let lengths = dataset.allLengths else { return Array(repeating: stepCount, count: count) }
    return samples.map { Int(lengths[Int($0)]) }
  }

  /// The same sequences, cut to at most the first `steps` steps.
  func shortened(to steps: Int) -> SequenceBatch {
    var dataset = dataset
    dataset.shorten(to: steps)
    return SequenceBatch(dataset: dataset, samples: samples)
  }

  /// The values as a tensor, `[batch, time, feature]`; `[batch, time, 1]` for tokens.
  ///
  /// - Complexity: copies all values.
  public var inputs: Tensor {
    let (strides, size) = (dataset.strides, dataset.inputs.valuesPerStep)
    var values: [Float] = []
    values.reserveCapacity(count * stepCount * size)
    for sample in samples {
      for t in 0..<stepCount {
        let first = Int(sample) * strides.sample + t * strides.step
        switch dataset.inputs {
        case .bytes(let bytes, let scale, _):
          values.append(contentsOf: bytes[first..<first + size].lazy.map { scale * Float($0) })
        case .floats(let floats, _): values.append(contentsOf: floats[first..<first + size])
        case .tokens(let tokens, _): values.append(Float(tokens[first]))
        }
      }
    }
    return Tensor(known: [count, stepCount, size], values: values)
  }
}
