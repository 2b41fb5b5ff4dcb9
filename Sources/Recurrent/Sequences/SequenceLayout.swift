import RecurrentSupport

/// The order of dimensions of a tensor of sequences; features always come last.
///
/// Results do not depend on it, bit for bit; outputs have the layout of the inputs.
public enum SequenceLayout: String, CaseIterable, Sendable {
  /// `[batch, time, feature]`: one sequence after another.
  case batchMajor
  /// `[time, batch, feature]`: one step of all sequences after another.
  case timeMajor

  /// The shape of a tensor of sequences.
  func shape(count: Int, steps: Int, features: Int) -> [Int] {
    switch self {
    case .batchMajor: [count, steps, features]
    case .timeMajor: [steps, count, features]
    }
  }

  /// The number of sequences and of steps of a tensor.
  ///
  /// - Precondition: it has three dimensions.
  func sizes(of shape: [Int]) -> (count: Int, steps: Int) {
    require(shape.count == 3, "sequences are [batch, time, feature] or [time, batch, feature]; found \(shape)")
    return self == .batchMajor ? (shape[0], shape[1]) : (shape[1], shape[0])
  }

  /// The strides of sequences and steps.
  func strides(count: Int, steps: Int, features: Int) -> SequenceStrides {
    switch self {
    case .batchMajor: SequenceStrides(sample: steps * features, step: features)
    case .timeMajor: SequenceStrides(sample: features, step: count * features)
    }
  }
}

/// The strides of sequences and steps in memory, in values.
struct SequenceStrides: Sendable {
  let sample: Int
  let step: Int
}
