import RecurrentSupport

/// Some sequences of a dataset, with their labels and true lengths: what one training step sees.
///
/// A batch refers to the dataset it was cut from and copies no values.
public struct SequenceBatch: Sendable {
  let dataset: SequenceDataset
  /// Where each sample lies in the dataset's storage.
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
  ///   - lengths: true lengths, 0 to the number of steps; nil where all are full. Padding is never read.
  ///   - classCount: the number of classes that labels are drawn from.
  ///   - layout: which comes first in `inputs`, sequences or steps.
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
    let (count, steps) = layout.sizes(of: inputs.shape)
    guard labels.count == count else {
      throw InputError(
        .size, found: quantity(labels.count, "label"), expected: "\(count), one for each sequence")
    }
    // What no Int32 holds is beyond the classes and steps in any case.
    dataset = try SequenceDataset(
      floats: inputs.values, stepCount: steps, inputSize: inputs.shape[2], labels: labels.map(Int32.init(clamping:)),
      lengths: lengths?.map(Int32.init(clamping:)), classCount: classCount, layout: layout)
    samples = (0..<Int32(labels.count)).map { $0 }
  }

  /// The number of sequences.
  public var count: Int { samples.count }
  /// The number of time steps.
  public var stepCount: Int { dataset.stepCount }
  /// The number of features of a step.
  public var inputSize: Int { dataset.inputSize }

  /// The class of each sequence.
  ///
  /// - Complexity: O(batch).
  public var labels: [Int] { samples.map { Int(dataset.allLabels[Int($0)]) } }

  /// The true length of each sequence.
  ///
  /// - Complexity: O(batch).
  public var lengths: [Int] {
    guard let lengths = dataset.allLengths else { return Array(repeating: stepCount, count: count) }
    return samples.map { Int(lengths[Int($0)]) }
  }

  /// The values as a tensor, `[batch, time, feature]`.
  ///
  /// - Complexity: copies all values.
  public var inputs: Tensor {
    let strides = dataset.strides
    var values: [Float] = []
    values.reserveCapacity(count * stepCount * inputSize)
    for sample in samples {
      for t in 0..<stepCount {
        let first = Int(sample) * strides.sample + t * strides.step
        switch dataset.storage {
        case .bytes(let bytes, let scale):
          values.append(contentsOf: bytes[first..<first + inputSize].lazy.map { scale * Float($0) })
        case .floats(let floats): values.append(contentsOf: floats[first..<first + inputSize])
        }
      }
    }
    return Tensor(known: [count, stepCount, inputSize], values: values)
  }
}
