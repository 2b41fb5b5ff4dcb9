import RecurrentSupport

/// Labelled sequences that lie in memory once and are cut into batches by reference.
///
/// Values are kept as they came: bytes stay bytes (a fourth of the memory) and are scaled when a tile of samples is
/// loaded into the network. Taking a range or a batch copies no values.
///
/// Shapes: `count` sequences of `stepCount` steps of `inputSize` features, `[count, time, feature]`.
public struct SequenceDataset: Sendable {
  enum Storage: Sendable {
    case bytes([UInt8], scale: Float)
    case floats([Float])
  }

  /// The number of time steps of every sequence; shorter ones are padded and have a length.
  public let stepCount: Int
  /// The number of features of every step.
  public let inputSize: Int
  /// The number of classes that labels are drawn from: labels lie in `0..<classCount`.
  public let classCount: Int
  let storage: Storage
  let allLabels: [Int32]
  let allLengths: [Int32]?
  let layout: SequenceLayout
  let range: Range<Int>

  /// Sequences whose features are bytes, each worth `scale` times its value.
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
      storage: .bytes(bytes, scale: scale), valueCount: bytes.count, stepCount: stepCount, inputSize: inputSize,
      labels: labels, lengths: nil, classCount: classCount, layout: .batchMajor)
  }

  /// Sequences of floats, padded to one number of steps, with their true lengths.
  ///
  /// - Parameters:
  ///   - floats: `[count, stepCount, inputSize]`, last index fastest, or as `layout` says. Values past a length are
  ///     never read.
  ///   - stepCount: T, steps of every sequence.
  ///   - inputSize: features of every step.
  ///   - labels: one class per sequence.
  ///   - lengths: the true length of each sequence, 0 to `stepCount`; nil where all are full.
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
      storage: .floats(floats), valueCount: floats.count, stepCount: stepCount, inputSize: inputSize, labels: labels,
      lengths: lengths, classCount: classCount, layout: layout)
  }

  init(
    storage: Storage, valueCount: Int, stepCount: Int, inputSize: Int, labels: [Int32], lengths: [Int32]?,
    classCount: Int, layout: SequenceLayout
  ) throws(InputError) {
    guard stepCount >= 0, inputSize > 0 else {
      throw InputError(
        .size, found: "sequences of \(stepCount) × \(inputSize)", expected: "features, and no negative number of steps")
    }
    let (sequenceSize, isHuge) = stepCount.multipliedReportingOverflow(by: inputSize)
    let (needed, overflows) = sequenceSize.multipliedReportingOverflow(by: labels.count)
    guard !isHuge, !overflows, valueCount == needed else {
      throw InputError(
        .size, found: "\(quantity(valueCount, "value")) for \(quantity(labels.count, "label"))",
        expected: "\(stepCount) × \(inputSize) values for each label")
    }
    if let sequence = labels.firstIndex(where: { $0 < 0 || $0 >= classCount }) {
      throw InputError(
        .label, found: "label \(labels[sequence]) of sequence \(sequence)", expected: "labels in 0..<\(classCount)")
    }
    if let lengths {
      guard lengths.count == labels.count else {
        throw InputError(
          .size, found: quantity(lengths.count, "length"), expected: "\(labels.count), one for each sequence")
      }
      if let sequence = lengths.firstIndex(where: { $0 < 0 || $0 > stepCount }) {
        throw InputError(
          .length, found: "length \(lengths[sequence]) of sequence \(sequence)", expected: "lengths in 0...\(stepCount)"
        )
      }
    }
    self.storage = storage
    self.stepCount = stepCount
    self.inputSize = inputSize
    self.classCount = classCount
    allLabels = labels
    allLengths = lengths
    self.layout = layout
    range = 0..<labels.count
  }

  private init(_ whole: SequenceDataset, range: Range<Int>) {
    storage = whole.storage
    stepCount = whole.stepCount
    inputSize = whole.inputSize
    classCount = whole.classCount
    allLabels = whole.allLabels
    allLengths = whole.allLengths
    layout = whole.layout
    self.range = range
  }

  /// How far apart sequences and steps lie in the storage.
  var strides: SequenceStrides {
    layout.strides(count: allLabels.count, steps: stepCount, features: inputSize)
  }

  /// The number of sequences.
  public var count: Int { range.count }

  /// The class of each sequence, in order.
  public var labels: ArraySlice<Int32> { allLabels[range] }

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

  /// The labels as rows with a single 1, `[count, classCount]`, as some losses want them.
  ///
  /// - Complexity: O(count · classCount).
  public var oneHotLabels: Tensor {
    var values = [Float](repeating: 0, count: count * classCount)
    for (row, label) in labels.enumerated() { values[row * classCount + Int(label)] = 1 }
    return Tensor(known: [count, classCount], values: values)
  }
}
