import Recurrent

/// Models to be tried out, drawn from a seed.
enum Models {
  /// The notebook's network, fresh.
  static func notebook(seed: UInt64 = 5) -> SequenceModel {
    SequenceModel(inputSize: 28, classCount: 10, layers: .lstm(20, count: 3), seed: seed)
  }

  /// A small network of GRU layers.
  static func gru(reset: GRUCell.Reset = .afterProduct) -> SequenceModel {
    SequenceModel(
      inputSize: 28, classCount: 10, layers: .gru(7, count: 2, reset: reset), initializer: .pyTorch, seed: 5)
  }

  /// A small network of any sizes.
  static func small(inputSize: Int = 28, classCount: Int = 10) -> SequenceModel {
    SequenceModel(inputSize: inputSize, classCount: classCount, layers: .lstm(6, count: 2), seed: 5)
  }
}
