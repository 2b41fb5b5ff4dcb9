/// The inputs of a batch in memory, for as long as a pass runs.
struct SequenceSource {
  /// The values of all samples of the dataset.
  enum Values {
    case bytes(UnsafePointer<UInt8>, scale: Float)
    case floats(UnsafePointer<Float>)
    case tokens(UnsafePointer<Int32>)
  }

  let values: Values
  /// The strides of samples and steps.
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
  /// The targets of all samples of the dataset.
  enum Values {
    /// One class per target; negative if there is none.
    case classes(UnsafePointer<Int32>)
    /// n numbers per target; NaN for missing ones.
    case values(UnsafePointer<Float>)
  }

  let values: Values
  /// The strides of the targets of samples and steps.
  let strides: SequenceStrides
  /// The factor of each sample's loss, for all samples of the dataset; nil if all count alike.
  var weights: UnsafePointer<Float>?
}
