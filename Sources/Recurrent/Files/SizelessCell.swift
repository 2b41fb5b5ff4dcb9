/// A kind of cell whose sizes come from the tensors of a file.
package struct SizelessCell: Sendable {
  /// The kind in words, as in ``RecurrentCell/kind``.
  let kind: String
  /// The number of blocks of H rows in the recurrent weights; 0 if they are a vector.
  let gateCount: Int
  /// Makes a cell; only an LSTM can have a projection.
  package let make: @Sendable (_ hiddenSize: Int, _ projectionSize: Int?) -> any RecurrentCell

  init(_ make: @escaping @Sendable (_ hiddenSize: Int) -> any RecurrentCell) {
    self.init { hiddenSize, _ in make(hiddenSize) }
  }

  init(_ make: @escaping @Sendable (_ hiddenSize: Int, _ projectionSize: Int?) -> any RecurrentCell) {
    let cell = make(1, nil)
    kind = cell.kind
    gateCount = cell.gates.count { $0.hasHiddenWeights }
    self.make = make
  }

  /// The kind that PyTorch has with this number of gates; nil if there is none.
  ///
  /// - Parameter activation: the activation if there is one gate, `tanh` by default.
  init?(gateCount: Int, activation: Activation?) {
    switch gateCount {
    case 4: self.init { LSTMCell(hiddenSize: $0, projectionSize: $1) }
    case 3: self.init { GRUCell(hiddenSize: $0) }
    case 1: self.init { ElmanCell(hiddenSize: $0, activation: activation ?? .tanh) }
    default: return nil
    }
  }

  private static let names = ["lstm", "gru", "gru-reset-before", "mgu", "mgu-reset-after", "elman", "indrnn"]

  /// The names of all kinds, without options, for messages.
  package static var kinds: String { names.joined(separator: ", ") }

  /// The same, with the number of gates of each.
  static var list: String {
    names.compactMap { SizelessCell(firstEdition: $0) }
      .map { "\($0.kind) (\($0.gateCount) gate\($0.gateCount == 1 ? "" : "s"))" }.joined(separator: ", ")
  }
}
