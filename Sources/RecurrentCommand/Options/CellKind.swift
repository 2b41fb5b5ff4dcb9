import ArgumentParser
import Recurrent

/// The kinds of cells that can be asked for.
enum CellKind: String, CaseIterable, ExpressibleByArgument {
  case lstm, gru
  case gruResetBefore = "gru-reset-before"
  case mgu
  case mguResetAfter = "mgu-reset-after"
  case indrnn, elman

  /// All kinds, as a message lists them.
  static let list = ArgumentCheck.list(allCases.map(\.rawValue))

  /// The blocks of rows in the recurrent weights of a layer, at least one: what its cost is a multiple of.
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
