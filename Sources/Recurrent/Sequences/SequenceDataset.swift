import RecurrentSupport

/// Sequences and their targets, which are stored once and divided into batches by reference.
///
/// Taking a range or a batch copies no values.
///
/// Shapes: `count` sequences of `stepCount` steps, each of `inputSize` features, `[count, time, feature]`, or of one token;
/// a target for each sequence, or for each step.
public struct SequenceDataset: Sendable {
  /// The inputs at each step.
  public let inputs: SequenceInputs
  /// The targets.
  public let targets: SequenceTargets
  /// The number of time steps of every sequence; shorter ones are padded and have a length.
  public let stepCount: Int
  private(set) var allLengths: [Int32]?
  let layout: SequenceLayout
  let range: Range<Int>
  /// The number of stored sequences; a part of a dataset has fewer.
  let totalCount: Int

  /// Sequences with their targets.
  ///
  /// - Parameters:
  ///   - inputs: `[count, stepCount, feature]`, last index fastest, or as `layout` says; `[count, stepCount]` for
  ///     tokens. Values past a length are never read.
  ///   - targets: the targets of each sequence, or of each step; those of steps are ordered by `layout`.
  ///   - stepCount: T, steps of every sequence.
  ///   - count: the number of sequences.
  ///   - lengths: the true length of each sequence, 0 to `stepCount`; nil if all are full.
  ///   - layout: the order of dimensions: sequences first or steps first.
  /// - Throws: ``InputError`` unless there are features, sizes agree, tokens and labels are in range, and lengths lie
  ///   within `0...stepCount`.
  /// - Complexity: O(count), or O(count · stepCount) for tokens and targets of steps, which are checked; values are
  ///   shared.
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

  /// Throws if a token is out of range; values past a length are not checked.
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
        expected: "at least one feature and no negative number of steps")
    }
    let (sequenceSize, isHuge) = stepCount.multipliedReportingOverflow(by: inputs.valuesPerStep)
    let (needed, overflows) = sequenceSize.multipliedReportingOverflow(by: count)
    guard !isHuge, !overflows, inputs.valueCount == needed else {
      throw InputError(
        .size, found: "\(quantity(inputs.valueCount, "value")) for \(quantity(count, "sequence"))",
        expected: "\(stepCount) × \(inputs.valuesPerStep) values for each sequence")
    }
  }

  /// Sequences with a class each, whose features are bytes times `scale`.
  ///
  /// - Parameters:
  ///   - bytes: `[count, stepCount, inputSize]`, last index fastest.
  ///   - scale: the factor of each byte; 1/255 maps pixels to 0...1.
  ///   - stepCount: T, steps of every sequence.
  ///   - inputSize: features of every step.
  ///   - labels: one class per sequence.
  ///   - classCount: the number of classes.
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
  ///   - classCount: the number of classes.
  ///   - layout: the order of dimensions in `floats`: sequences first or steps first.
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

  /// The number of features of every step, or the size of the vocabulary.
  public var inputSize: Int { inputs.size }

  /// The number of classes; 0 if targets are values.
  public var classCount: Int { targets.areValues ? 0 : targets.size }

  /// Cuts each sequence to at most the first `steps` steps.
  mutating func shorten(to steps: Int) {
    let lengths = allLengths ?? Array(repeating: Int32(stepCount), count: totalCount)
    allLengths = lengths.map { min($0, Int32(steps)) }
  }

  /// The strides of sequences and steps in the storage.
  var strides: SequenceStrides {
    layout.strides(count: totalCount, steps: stepCount, features: inputs.valuesPerStep)
  }

  /// The strides of sequences and steps among the targets, in targets.
  var targetStrides: SequenceStrides {
    targets.isEveryStep
      ? layout.strides(count: totalCount, steps: stepCount, features: 1) : SequenceStrides(sample: 1, step: 0)
  }

  /// The number of sequences.
  public var count: Int { range.count }

  /// The class of each sequence, in order; empty if targets are values or belong to steps.
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
  /// - Parameter positions: in `0..<count`, in any order; positions may repeat.
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

  /// The labels as one-hot rows, `[count, classCount]`, as some losses need them.
  ///
  /// - Complexity: O(count · classCount).
  public var oneHotLabels: Tensor {
    var values = [Float](repeating: 0, count: labels.count * classCount)
    for (row, label) in labels.enumerated() { values[row * classCount + Int(label)] = 1 }
    return Tensor(known: [labels.count, classCount], values: values)
  }
}
