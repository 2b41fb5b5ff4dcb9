import Recurrent

/// Models to be tried out, drawn from a seed.
enum Models {
  /// The notebook's network, fresh.
  static func notebook(seed: UInt64 = 5) -> SequenceModel {
    SequenceModel(.init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: seed)
  }

  /// A small network of GRU layers.
  static func gru(resetAfter: Bool = true) -> SequenceModel {
    SequenceModel(
      .init(input: .features(28), layers: .gru(7, count: 2, resetAfter: resetAfter), output: .classes(10)),
      initializer: .pyTorch, seed: 5)
  }

  /// A small network of any sizes.
  static func small(inputSize: Int = 28, classCount: Int = 10) -> SequenceModel {
    SequenceModel(.init(input: .features(inputSize), layers: .lstm(6, count: 2), output: .classes(classCount)), seed: 5)
  }
}
