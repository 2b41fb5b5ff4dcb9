import RecurrentSupport

/// The recurrent layers of a network that is yet to be made: kinds and widths, from the bottom up.
public struct LayerList: Sendable {
  let make: @Sendable (_ inputSize: Int) -> [StackLayer]

  /// Layers made from the network's input size.
  ///
  /// - Parameter make: makes the layers for a network of so many features per step; the lowest reads that many, each
  ///   other as many as the one below gives.
  public init(_ make: @escaping @Sendable (_ inputSize: Int) -> [StackLayer]) { self.make = make }

  /// Several LSTM layers of one width; in both directions if asked for, each of that width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: count and width are above 0.
  public static func lstm(_ hiddenSize: Int, count: Int = 1, isBidirectional: Bool = false) -> LayerList {
    .repeated(hiddenSize, count: count, isBidirectional: isBidirectional) { LSTMCell(inputSize: $0, hiddenSize: $1) }
  }

  /// Several GRU layers of one width; in both directions if asked for, each of that width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - reset: where the reset gate is applied.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: count and width are above 0.
  public static func gru(
    _ hiddenSize: Int, count: Int = 1, reset: GRUCell.Reset = .afterProduct, isBidirectional: Bool = false
  ) -> LayerList {
    .repeated(hiddenSize, count: count, isBidirectional: isBidirectional) {
      GRUCell(inputSize: $0, hiddenSize: $1, reset: reset)
    }
  }

  /// Several Elman layers of one width; in both directions if asked for, each of that width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: count and width are above 0.
  public static func elman(_ hiddenSize: Int, count: Int = 1, isBidirectional: Bool = false) -> LayerList {
    .repeated(hiddenSize, count: count, isBidirectional: isBidirectional) { ElmanCell(inputSize: $0, hiddenSize: $1) }
  }

  /// Several layers of one width, each made from its input size and that number of hidden units; in both directions if
  /// asked for.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads the outputs of both.
  ///   - cell: makes the cell of a layer from the number of features it reads and of hidden units.
  /// - Precondition: count and width are above 0.
  public static func repeated(
    _ hiddenSize: Int, count: Int, isBidirectional: Bool = false,
    _ cell: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell
  ) -> LayerList {
    require(count > 0 && hiddenSize > 0, "layers need a count and a width; found \(count) of \(hiddenSize)")
    return LayerList { inputSize in
      var size = inputSize
      return (0..<count).map { _ in
        let forward = cell(size, hiddenSize)
        let layer = isBidirectional ? .bidirectional(forward, cell(size, hiddenSize)) : StackLayer(forward)
        size = layer.outputSize
        return layer
      }
    }
  }
}
