/// The inputs of a batch, as a pass reads them.
struct SequenceSource {
  /// The inputs of all samples of the dataset.
  let inputs: SequenceInputs
  /// The strides of samples and steps.
  let strides: SequenceStrides
  let stepCount: Int
  /// The batch: the samples' indices in the dataset.
  let samples: [Int32]
  /// The length of each sample of the dataset; nil if all are full.
  let lengths: [Int32]?
}

/// The targets of a batch, as a pass reads them.
struct TargetSource {
  /// The targets of all samples of the dataset.
  let all: SequenceTargets
  /// The strides of samples and steps, in values.
  let strides: SequenceStrides
}

extension SequenceBatch {
  /// Where a pass finds the inputs.
  var source: SequenceSource {
    SequenceSource(
      inputs: dataset.inputs, strides: dataset.strides, stepCount: stepCount, samples: samples,
      lengths: dataset.allLengths)
  }

  /// Where a pass finds the targets.
  var targetSource: TargetSource {
    let (strides, size) = (dataset.targetStrides, targets.areValues ? targets.size : 1)
    return TargetSource(
      all: targets, strides: SequenceStrides(sample: strides.sample * size, step: strides.step * size))
  }
}
