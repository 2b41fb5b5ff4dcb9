/// The targets of a batch, one after the other.
extension SequenceBatch {
  /// A target's sequence, output row and index.
  struct Target {
    /// The position of its sequence in the batch.
    let position: Int
    /// Its row among the outputs of the batch, `[batch]` or `[batch, time]`.
    let row: Int
    /// Its index among the targets of the dataset.
    let index: Int
  }

  /// The targets of the whole dataset that the batch was taken from.
  var targets: SequenceTargets { dataset.targets }

  /// Calls `body` with each target: one for each sequence, or for each true step.
  func eachTarget<Failure: Error>(_ body: (Target) throws(Failure) -> Void) throws(Failure) {
    let strides = dataset.targetStrides
    for (position, sample) in samples.enumerated() {
      let first = Int(sample) * strides.sample
      if !targets.isEveryStep {
        try body(Target(position: position, row: position, index: first))
        continue
      }
      let length = dataset.allLengths.map { Int($0[Int(sample)]) } ?? stepCount
      for t in 0..<length {
        try body(Target(position: position, row: position * stepCount + t, index: first + t * strides.step))
      }
    }
  }
}
