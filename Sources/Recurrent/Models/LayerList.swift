/// The recurrent layers of a network that is yet to be made: kinds and widths, from the bottom up.
public struct LayerList: Sendable {
  let make: @Sendable (_ inputSize: Int) -> [any RecurrentCell]

  /// Several LSTM layers of one width.
  public static func lstm(_ hiddenSize: Int, count: Int = 1) -> LayerList {
    .repeated(hiddenSize, count: count) { LSTMCell(inputSize: $0, hiddenSize: $1) }
  }

  /// Several Elman layers of one width.
  public static func elman(_ hiddenSize: Int, count: Int = 1) -> LayerList {
    .repeated(hiddenSize, count: count) { ElmanCell(inputSize: $0, hiddenSize: $1) }
  }

  /// Several layers of one width, each made from its input size and that width.
  public static func repeated(
    _ hiddenSize: Int, count: Int,
    _ cell: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell
  ) -> LayerList {
    precondition(count > 0 && hiddenSize > 0, "layers need a count and a width; found \(count) of \(hiddenSize)")
    return LayerList { inputSize in (0..<count).map { cell($0 == 0 ? inputSize : hiddenSize, hiddenSize) } }
  }
}
