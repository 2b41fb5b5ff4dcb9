/// A part of a forward time step.
enum ForwardStage: Equatable, Sendable {
  /// Recurrent dropout of the state that the recurrent weights read.
  case maskState
  /// The pre-activations that are complete in a phase.
  case preactivate(phase: Int)
  /// The cell's arithmetic.
  case cell(phase: Int)
  /// Recurrent dropout of what gated gates read.
  case maskGated
  case project
  case zoneout
  /// Until all workers of the team have come this far.
  case wait
}

/// What a forward time step consists of, in order.
struct ForwardStages: Sendable {
  let plain: [ForwardStage]
  /// With the masks of recurrent dropout.
  let masked: [ForwardStage]

  init(phaseCount: Int, isProjected: Bool, normalizes: Bool, regularization: Regularization) {
    // A cell that normalizes reads what others computed of its lanes, and they read what it writes.
    func cell(phase: Int) -> [ForwardStage] {
      normalizes ? [.wait, .cell(phase: phase), .wait] : [.cell(phase: phase)]
    }
    func stages(dropsState: Bool) -> [ForwardStage] {
      var stages: [ForwardStage] = dropsState ? [.maskState, .wait] : []
      func wait() { if stages.last != .wait { stages.append(.wait) } }
      stages += [.preactivate(phase: 0)] + cell(phase: 0)
      if phaseCount == 2 {
        if dropsState { stages.append(.maskGated) }
        wait()
        stages += [.preactivate(phase: 1)] + cell(phase: 1)
      }
      if isProjected {
        wait()
        stages.append(.project)
      }
      if regularization.hasZoneout { stages.append(.zoneout) }
      return stages
    }
    plain = stages(dropsState: false)
    masked = stages(dropsState: regularization.recurrentDropout > 0)
  }
}

/// A part of a backward time step.
enum BackwardStage: Equatable, Sendable {
  /// Copies the gradient of the hidden state, complete now, for a reader of the tile.
  case keepGradient
  /// Moves the gradient that zoneout passes to the old state into separate memory.
  case takeZoned
  case unproject
  /// The cell's second phase, and the gradient of the rows that its gated gates read.
  case gatedPhase
  /// Recurrent dropout of the rows that gated gates read.
  case maskGated
  /// The cell's only or first phase.
  case cell
  case transposeInputs
  case stateGradient
  case addZoned
  case inputGradient
  /// Keeps the initial gradients of lanes that began with this step, reading in reverse.
  case keepInitialGradient
  /// Waits until all workers of the team have reached this point.
  case wait
}

/// The stages of a backward time step, in order.
struct BackwardStages: Sendable {
  let plain: [BackwardStage]
  /// With the masks of recurrent dropout.
  let masked: [BackwardStage]

  init(phaseCount: Int, isProjected: Bool, normalizes: Bool, isReverse: Bool, regularization: Regularization) {
    func stages(dropsState: Bool) -> [BackwardStage] {
      var stages: [BackwardStage] = regularization.hasZoneout ? [.takeZoned] : []
      if isProjected { stages += [.wait, .unproject] }
      // A cell that normalizes reads what others computed of its lanes.
      let wait: [BackwardStage] = normalizes ? [.wait] : []
      if phaseCount == 2 { stages += wait + (dropsState ? [.gatedPhase, .maskGated] : [.gatedPhase]) }
      stages += wait + [.cell, .transposeInputs, .wait, .stateGradient]
      if regularization.hasZoneout { stages.append(.addZoned) }
      stages.append(.inputGradient)
      if isReverse { stages.append(.keepInitialGradient) }
      return stages
    }
    plain = stages(dropsState: false)
    masked = stages(dropsState: regularization.recurrentDropout > 0)
  }
}
