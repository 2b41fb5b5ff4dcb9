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
  var gateCount: Int { max(1, make(inputSize: 1, hiddenSize: 1).gates.count { $0 != .input }) }

  /// A cell without options.
  func make(inputSize: Int, hiddenSize: Int) -> any RecurrentCell {
    switch self {
    case .lstm: LSTMCell(inputSize: inputSize, hiddenSize: hiddenSize)
    case .gru: GRUCell(inputSize: inputSize, hiddenSize: hiddenSize)
    case .gruResetBefore: GRUCell(inputSize: inputSize, hiddenSize: hiddenSize, reset: .beforeProduct)
    case .mgu: MGUCell(inputSize: inputSize, hiddenSize: hiddenSize)
    case .mguResetAfter: MGUCell(inputSize: inputSize, hiddenSize: hiddenSize, reset: .afterProduct)
    case .indrnn: IndRNNCell(inputSize: inputSize, hiddenSize: hiddenSize)
    case .elman: ElmanCell(inputSize: inputSize, hiddenSize: hiddenSize)
    }
  }
}
