/// The inputs of a batch in memory, for as long as a pass runs.
struct SequenceSource {
  /// Where the values of all samples of the dataset lie.
  enum Values {
    case bytes(UnsafePointer<UInt8>, scale: Float)
    case floats(UnsafePointer<Float>)
    case tokens(UnsafePointer<Int32>)
  }

  let values: Values
  /// How far samples and steps lie apart.
  let strides: SequenceStrides
  let stepCount: Int
  /// The batch: the samples' indices in the dataset.
  let samples: [Int32]
  /// The length of each sample of the dataset; nil if all are full.
  let lengths: [Int32]?

  var readsTokens: Bool {
    if case .tokens = values { return true }
    return false
  }
}

/// The targets of a batch in memory, for as long as a pass runs.
struct TargetSource {
  /// Where the targets of all samples of the dataset lie.
  enum Values {
    /// A class each; negative if there is none.
    case classes(UnsafePointer<Int32>)
    /// So many numbers each; NaN for those that are missing.
    case values(UnsafePointer<Float>)
  }

  let values: Values
  /// How far the targets of samples and steps lie apart.
  let strides: SequenceStrides
}
