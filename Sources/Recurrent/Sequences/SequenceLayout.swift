import RecurrentSupport

/// Which dimension of a tensor of sequences comes first; features always come last.
///
/// Results do not depend on it, bit for bit: a layer gives its outputs in the form in which it was given its inputs.
public enum SequenceLayout: String, CaseIterable, Sendable {
  /// `[batch, time, feature]`: one sequence after the other.
  case batchMajor
  /// `[time, batch, feature]`: one step of all sequences after the other.
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

  /// How far apart neighbouring sequences and neighbouring steps lie.
  func strides(count: Int, steps: Int, features: Int) -> SequenceStrides {
    switch self {
    case .batchMajor: SequenceStrides(sample: steps * features, step: features)
    case .timeMajor: SequenceStrides(sample: features, step: count * features)
    }
  }
}

/// How far apart neighbouring sequences and neighbouring steps lie in memory, in values.
struct SequenceStrides: Sendable {
  let sample: Int
  let step: Int
}
