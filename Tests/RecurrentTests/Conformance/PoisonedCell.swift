@testable import Recurrent

/// A cell that does what another does, and then leaves NaN and infinities wherever a cell may leave anything: in all its
/// rows, in the lanes whose sequences do not run.
///
/// It stands for every cell whose numbers overflow once a sequence has ended: no cell can leave worse.
struct PoisonedCell<Cell: RecurrentCell>: NormalizingCell {
  typealias State = Cell.State

  static var name: String { Cell.name }
  let cell: Cell

  var kind: String { cell.kind }
  var hiddenSize: Int { cell.hiddenSize }
  var outputSize: Int { cell.outputSize }
  var gates: [GateSource] { cell.gates }
  var gateNames: [String] { cell.gateNames }
  var forgetGate: Int? { cell.forgetGate }
  var memoryGates: (keep: Int, write: Int?)? { cell.memoryGates }
  var tapeSize: Int { cell.tapeSize }
  var unitParameterNames: [String] { cell.unitParameterNames }
  func unitParameterRule(_ name: String) -> WeightRule { cell.unitParameterRule(name) }
  var hasDirectStatePath: Bool { cell.hasDirectStatePath }
  var normalizes: Bool { (cell as? any NormalizingCell)?.normalizes ?? false }
  var scratchSize: Int { (cell as? any NormalizingCell)?.scratchSize ?? 0 }

  func forward(_ step: CellStep) {
    cell.forward(step)
    poisonOwnRows(step)
    poison(step.next, blocks: State.componentCount, step)
    if gates.contains(.inputAndGated) && step.phase == 0 { poison(step.gated, blocks: 1, step) }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    cell.backward(step, gradient)
    poisonOwnRows(step)
    poison(gradient.state, blocks: State.componentCount - 1, step)
    if hasDirectStatePath { poison(gradient.previousHidden, blocks: 1, step) }
  }

  private func poisonOwnRows(_ step: CellStep) {
    poison(step.gates, blocks: gates.count, step)
    poison(step.tape, blocks: tapeSize / hiddenSize, step)
  }

  /// Poisons the rows of the step's units in some blocks of rows, one row per unit.
  private func poison(_ rows: UnsafeMutablePointer<Float>, blocks: Int, _ step: CellStep) {
    for block in 0..<blocks {
      for unit in step.units {
        let row = rows + (block * hiddenSize + unit) * step.laneStride
        for lane in step.samples..<step.lanes { row[lane] = [.nan, .infinity, -.infinity][(unit + lane) % 3] }
      }
    }
  }
}

extension RecurrentCell {
  /// The same cell, poisoned.
  var poisoned: any RecurrentCell { PoisonedCell(cell: self) }
}

extension LayerConfiguration {
  /// The same layer of poisoned cells.
  var poisoned: LayerConfiguration {
    var layer =
      isBidirectional
      ? .bidirectional(cells[0].poisoned, cells[1].poisoned, merge: merge)
      : isReverse ? .reverse(cells[0].poisoned) : LayerConfiguration(cells[0].poisoned)
    if isResidual { layer = layer.residual() }
    return layer.regularized(regularization)
  }
}

extension CellKind {
  /// The same kind, poisoned.
  var poisoned: CellKind {
    CellKind(name: name, reference: reference, hasCorners: hasCorners, leastHiddenSize: leastHiddenSize) {
      make($0).poisoned
    }
  }
}

extension StackCase {
  /// The same case of poisoned cells.
  var poisoned: StackCase {
    StackCase(
      kinds: kinds.map(\.poisoned), sizes: sizes, isBidirectional: isBidirectional, reverseLayers: reverseLayers)
  }
}
