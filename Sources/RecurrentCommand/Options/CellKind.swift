import ArgumentParser
import Recurrent

/// The kinds of cells that can be asked for.
enum CellKind: String, CaseIterable, ExpressibleByArgument {
  case lstm, gru, elman

  /// All kinds, as a message lists them.
  static let list = "lstm, gru or elman"

  /// The blocks of rows in the weights of a layer: its cost against that of the simplest cell.
  var gateCount: Double {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .elman: 1
    }
  }

  /// Several layers of one width.
  func layers(_ hiddenSize: Int, count: Int) -> LayerList {
    switch self {
    case .lstm: .lstm(hiddenSize, count: count)
    case .gru: .gru(hiddenSize, count: count)
    case .elman: .elman(hiddenSize, count: count)
    }
  }
}
