/// How a training step keeps its memory small: only the states of every n-th step are remembered, and what lies between
/// them is computed again when the backward pass needs it.
///
/// Steps are computed in windows: from one remembered state to the next, and some steps more, because in the backward
/// pass each layer lags a step behind the one above it. See design note 16.
struct Recomputation: Sendable, Equatable {
  /// The number of steps from one remembered state to the next.
  let interval: Int
  /// The steps of a window that belong to the next one, too: one for each layer.
  let overlap: Int
  /// The number of steps of the sequences.
  let steps: Int

  /// Nil where nothing is saved, because a window would hold all steps.
  ///
  /// - Precondition: the network reads forward only.
  init?(every interval: Int, steps: Int, network: NetworkPlan) {
    precondition(!network.readsInReverse, "a direction that reads in reverse has its first state at the last step")
    self.interval = interval
    self.steps = steps
    overlap = network.layers.count
    if interval >= steps - overlap { return nil }
  }

  /// The number of steps of a window.
  var windowSteps: Int { interval + overlap }
  /// The number of windows, and of states that are remembered.
  var windowCount: Int { (steps + interval - 1) / interval }
}
