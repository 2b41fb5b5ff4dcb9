import Recurrent

/// Layers whose weights initialisers draw in tests, below a head.
enum InitializedLayers {
  static let cells: [any RecurrentCell] = [
    LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 50), ElmanCell(hiddenSize: 40),
  ]

  /// How many features each layer reads.
  static let inputSizes = [28, 20, 50]

  /// All weights of the network.
  static func parameters(_ initializer: Initializer, seed: UInt64 = 1) -> Parameters {
    SequenceModel(
      .init(input: .features(28), layers: cells.map { LayerConfiguration($0) }, output: .classes(10)),
      initializer: initializer, seed: seed
    ).parameters
  }
}
