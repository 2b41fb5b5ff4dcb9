import ArgumentParser
import Recurrent

/// The kinds of cells that --cell can choose.
enum CellKind: String, CaseIterable, ExpressibleByArgument, RecordableValue {
  case lstm, gru
  case gruResetBefore = "gru-reset-before"
  case mgu
  case mguResetAfter = "mgu-reset-after"
  case indrnn, elman

  /// The names of all kinds, for messages.
  static let list = ArgumentCheck.list(allCases.map(\.rawValue))

  /// The number of gates that read the hidden state, at least 1; the cost of a layer is proportional to it.
  var gateCount: Int { max(1, make(hiddenSize: 1).gates.count { $0 != .input }) }

  /// A cell without options.
  func make(hiddenSize: Int) -> any RecurrentCell {
    switch self {
    case .lstm: LSTMCell(hiddenSize: hiddenSize)
    case .gru: GRUCell(hiddenSize: hiddenSize)
    case .gruResetBefore: GRUCell(hiddenSize: hiddenSize, resetAfter: false)
    case .mgu: MGUCell(hiddenSize: hiddenSize)
    case .mguResetAfter: MGUCell(hiddenSize: hiddenSize, resetAfter: true)
    case .indrnn: IndRNNCell(hiddenSize: hiddenSize)
    case .elman: ElmanCell(hiddenSize: hiddenSize)
    }
  }
}
