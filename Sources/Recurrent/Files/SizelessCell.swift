/// A kind of cell whose sizes the tensors of a file say.
package struct SizelessCell: Sendable {
  /// The kind in words, as ``RecurrentCell/kind`` has it.
  let kind: String
  /// How many blocks of H rows the recurrent weights have; 0 where they are a single row.
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

  /// The kind of so many gates that PyTorch has; nil where it has none.
  ///
  /// - Parameter activation: the function of one gate, `tanh` by default.
  init?(gateCount: Int, activation: Activation?) {
    switch gateCount {
    case 4: self.init { LSTMCell(hiddenSize: $0, projectionSize: $1) }
    case 3: self.init { GRUCell(hiddenSize: $0) }
    case 1: self.init { ElmanCell(hiddenSize: $0, activation: activation ?? .tanh) }
    default: return nil
    }
  }

  /// The names of all kinds, without options, and how many gates each has.
  static var list: String {
    ["lstm", "gru", "gru-reset-before", "mgu", "mgu-reset-after", "elman", "indrnn"]
      .compactMap { SizelessCell(firstEdition: $0) }
      .map { "\($0.kind) (\($0.gateCount) gate\($0.gateCount == 1 ? "" : "s"))" }.joined(separator: ", ")
  }
}
