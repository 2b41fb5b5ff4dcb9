import RecurrentSupport

/// Sequences with what is to be predicted of them, which lie in memory once and are cut into batches by reference.
///
/// Taking a range or a batch copies no values.
///
/// Shapes: `count` sequences of `stepCount` steps, each of `inputSize` features, `[count, time, feature]`, or of one token;
/// a target for each sequence, or for each step.
public struct SequenceDataset: Sendable {
  /// What the sequences hold at each step.
  public let inputs: SequenceInputs
  /// What is to be predicted.
  public let targets: SequenceTargets
  /// The number of time steps of every sequence; shorter ones are padded and have a length.
  public let stepCount: Int
  private(set) var allLengths: [Int32]?
  let layout: SequenceLayout
  let range: Range<Int>
  /// The number of sequences that the values are of; a part of a dataset has fewer.
  let totalCount: Int

  /// Sequences with their targets.
  ///
  /// - Parameters:
  ///   - inputs: `[count, stepCount, feature]`, last index fastest, or as `layout` says; of tokens `[count, stepCount]`.
  ///     Values past a length are never read.
  ///   - targets: what is to be predicted for each sequence, or for each step; those of steps lie as `layout` says.
  ///   - stepCount: T, steps of every sequence.
  ///   - count: the number of sequences.
  ///   - lengths: the true length of each sequence, 0 to `stepCount`; nil if all are full.
  ///   - layout: which comes first, sequences or steps.
  /// - Throws: ``InputError`` unless there are features, sizes agree, tokens and labels are among those there are, and
  ///   lengths lie within `0...stepCount`.
  /// - Complexity: O(count), of tokens and targets of steps O(count · stepCount): values are shared, but looked at.
  public init(
    _ inputs: SequenceInputs, targets: SequenceTargets, stepCount: Int, count: Int, lengths: [Int32]? = nil,
    layout: SequenceLayout = .batchMajor
  ) throws(InputError) {
    try Self.checkSizes(inputs, stepCount: stepCount, count: count)
    try targets.check(count: count, steps: stepCount)
    if let lengths {
      guard lengths.count == count else {
        throw InputError(.size, found: quantity(lengths.count, "length"), expected: "\(count), one for each sequence")
      }
      if let sequence = lengths.firstIndex(where: { $0 < 0 || $0 > stepCount }) {
        throw InputError(
          .length, found: "length \(lengths[sequence]) of sequence \(sequence)", expected: "lengths in 0...\(stepCount)"
        )
      }
    }
    self.inputs = inputs
    self.targets = targets
    self.stepCount = stepCount
    allLengths = lengths
    self.layout = layout
    totalCount = count
    range = 0..<count
    try checkTokens()
  }

  /// Refuses tokens of true steps that are none; what lies past a length is not looked at.
  private func checkTokens() throws(InputError) {
    guard case .tokens(let tokens, let tokenCount) = inputs else { return }
    for sequence in 0..<count {
      for t in 0..<(allLengths.map { Int($0[sequence]) } ?? stepCount) {
        let token = tokens[sequence * strides.sample + t * strides.step]
        if token >= 0 && token < tokenCount { continue }
        throw InputError(
          .token, found: "token \(token) of step \(t) of sequence \(sequence)", expected: "tokens in 0..<\(tokenCount)")
      }
    }
  }

  private static func checkSizes(_ inputs: SequenceInputs, stepCount: Int, count: Int) throws(InputError) {
    guard stepCount >= 0, inputs.size > 0, count >= 0 else {
      throw InputError(
        .size, found: "sequences of \(stepCount) × \(inputs.size)",
        expected: "features, and no negative number of steps")
    }
    let (sequenceSize, isHuge) = stepCount.multipliedReportingOverflow(by: inputs.valuesPerStep)
    let (needed, overflows) = sequenceSize.multipliedReportingOverflow(by: count)
    guard !isHuge, !overflows, inputs.valueCount == needed else {
      throw InputError(
        .size, found: "\(quantity(inputs.valueCount, "value")) for \(quantity(count, "sequence"))",
        expected: "\(stepCount) × \(inputs.valuesPerStep) values for each sequence")
    }
  }

  /// Sequences whose features are bytes, each worth `scale` times its value, with a class each.
  ///
  /// - Parameters:
  ///   - bytes: `[count, stepCount, inputSize]`, last index fastest.
  ///   - scale: what one unit of a byte is worth; 1/255 makes pixels run from 0 to 1.
  ///   - stepCount: T, steps of every sequence.
  ///   - inputSize: features of every step.
  ///   - labels: one class per sequence.
  ///   - classCount: the number of classes that labels are drawn from.
  /// - Throws: ``InputError`` unless there are features, sizes agree and labels lie within `0..<classCount`.
  /// - Complexity: O(count): values are shared.
  public init(
    bytes: [UInt8], scale: Float, stepCount: Int, inputSize: Int, labels: [Int32], classCount: Int
  ) throws(InputError) {
    try self.init(
      .bytes(bytes, scale: scale, features: inputSize), targets: .classes(labels, count: classCount),
      stepCount: stepCount, count: labels.count)
  }

  /// Sequences of floats with a class each, padded to one number of steps, with their true lengths.
  ///
  /// - Parameters:
  ///   - floats: `[count, stepCount, inputSize]`, last index fastest, or as `layout` says. Values past a length are
  ///     never read.
  ///   - stepCount: T, steps of every sequence.
  ///   - inputSize: features of every step.
  ///   - labels: one class per sequence.
  ///   - lengths: the true length of each sequence, 0 to `stepCount`; nil if all are full.
  ///   - classCount: the number of classes that labels are drawn from.
  ///   - layout: which comes first in `floats`, sequences or steps.
  /// - Throws: ``InputError`` unless there are features, sizes agree, labels lie within `0..<classCount` and
  ///   lengths within `0...stepCount`.
  /// - Complexity: O(count): values are shared.
  public init(
    floats: [Float], stepCount: Int, inputSize: Int, labels: [Int32], lengths: [Int32]? = nil, classCount: Int,
    layout: SequenceLayout = .batchMajor
  ) throws(InputError) {
    try self.init(
      .floats(floats, features: inputSize), targets: .classes(labels, count: classCount), stepCount: stepCount,
      count: labels.count, lengths: lengths, layout: layout)
  }

  private init(_ whole: SequenceDataset, range: Range<Int>) {
    inputs = whole.inputs
    targets = whole.targets
    stepCount = whole.stepCount
    allLengths = whole.allLengths
    layout = whole.layout
    totalCount = whole.totalCount
    self.range = range
  }

  /// The number of features of every step, or of different tokens.
  public var inputSize: Int { inputs.size }

  /// The number of classes that labels are drawn from; 0 if targets are numbers.
  public var classCount: Int { targets.areValues ? 0 : targets.size }

  /// Reads at most the first steps of each sequence.
  mutating func shorten(to steps: Int) {
    let lengths = allLengths ?? Array(repeating: Int32(stepCount), count: totalCount)
    allLengths = lengths.map { min($0, Int32(steps)) }
  }

  /// How far apart sequences and steps lie in the storage.
  var strides: SequenceStrides {
    layout.strides(count: totalCount, steps: stepCount, features: inputs.valuesPerStep)
  }

  /// How far apart the targets of sequences and steps lie in memory, in places.
  var targetStrides: SequenceStrides {
    targets.isEveryStep
      ? layout.strides(count: totalCount, steps: stepCount, features: 1) : SequenceStrides(sample: 1, step: 0)
  }

  /// The number of sequences.
  public var count: Int { range.count }

  /// The class of each sequence, in order; empty if targets are numbers, or those of steps.
  public var labels: ArraySlice<Int32> {
    guard case .classes(let classes, _) = targets.values, !targets.isEveryStep else { return [] }
    return classes[range]
  }

  /// The sequences at the given positions, counted from 0, without copying them.
  ///
  /// - Parameter positions: a range within `0..<count`.
  /// - Precondition: `positions` lie within `0..<count`.
  /// - Complexity: O(1).
  public subscript(_ positions: Range<Int>) -> SequenceDataset {
    require(positions.lowerBound >= 0 && positions.upperBound <= count, "\(positions) outside of 0..<\(count)")
    return SequenceDataset(
      self, range: range.lowerBound + positions.lowerBound..<range.lowerBound + positions.upperBound)
  }

  /// The sequences at the given positions as one batch.
  ///
  /// - Parameter positions: from `0..<count`, in any order; one may come several times.
  /// - Precondition: positions lie within `0..<count`.
  /// - Complexity: O(positions); no values are copied.
  public func batch(_ positions: some Sequence<Int>) -> SequenceBatch {
    SequenceBatch(
      dataset: self,
      samples: positions.map { position in
        require(position >= 0 && position < count, "sequence \(position) of \(count)")
        return Int32(range.lowerBound + position)
      })
  }

  /// All sequences as one batch, in order.
  ///
  /// - Complexity: O(count); no values are copied.
  public var wholeBatch: SequenceBatch { batch(0..<count) }

  /// The labels of sequences as rows with a single 1, `[count, classCount]`, as some losses want them.
  ///
  /// - Complexity: O(count · classCount).
  public var oneHotLabels: Tensor {
    var values = [Float](repeating: 0, count: labels.count * classCount)
    for (row, label) in labels.enumerated() { values[row * classCount + Int(label)] = 1 }
    return Tensor(known: [labels.count, classCount], values: values)
  }
}
