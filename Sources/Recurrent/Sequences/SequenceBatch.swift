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
  ///   - inputs: `[batch, time, feature]`.
  ///   - labels: one class per sequence.
  ///   - lengths: true lengths, 0 to the number of steps; nil where all are full. Padding is never read.
  public init(_ inputs: Tensor, labels: [Int], lengths: [Int]? = nil, classCount: Int) {
    precondition(inputs.shape.count == 3, "inputs are [batch, time, feature]; found \(inputs.shape)")
    dataset = SequenceDataset(
      floats: inputs.values, stepCount: inputs.shape[1], inputSize: inputs.shape[2], labels: labels.map(Int32.init),
      lengths: lengths?.map(Int32.init), classCount: classCount)
    samples = (0..<Int32(labels.count)).map { $0 }
  }

  /// The number of sequences.
  public var count: Int { samples.count }
  /// The number of time steps.
  public var stepCount: Int { dataset.stepCount }
  /// The number of features of a step.
  public var inputSize: Int { dataset.inputSize }

  /// The class of each sequence.
  public var labels: [Int] { samples.map { Int(dataset.allLabels[Int($0)]) } }

  /// The true length of each sequence.
  public var lengths: [Int] {
    guard let lengths = dataset.allLengths else { return Array(repeating: stepCount, count: count) }
    return samples.map { Int(lengths[Int($0)]) }
  }

  /// The values as a tensor, `[batch, time, feature]`.
  ///
  /// - Complexity: copies all values.
  public var inputs: Tensor {
    let size = stepCount * inputSize
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for sample in samples {
      let range = Int(sample) * size..<(Int(sample) + 1) * size
      switch dataset.storage {
      case .bytes(let bytes, let scale): values.append(contentsOf: bytes[range].lazy.map { scale * Float($0) })
      case .floats(let floats): values.append(contentsOf: floats[range])
      }
    }
    return Tensor(shape: [count, stepCount, inputSize], values: values)
  }
}
