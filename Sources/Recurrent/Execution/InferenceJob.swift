import RecurrentKernels

/// Logits for a batch, after the last step or after every step.
final class InferenceJob: NetworkJob {
  private var logits: Floats?
  private var isEveryStep = false

  /// Writes the logits of every sample, `[batch, classes]` or, for every step, `[batch, time, classes]`.
  func logits(
    over batch: SequenceBatch, everyStep: Bool, parameters: UnsafePointer<Float>, into logits: Floats, pool: ThreadPool
  ) {
    self.logits = logits
    isEveryStep = everyStep
    run(over: batch, parameters: parameters, pool: pool, isTraining: false)
    self.logits = nil
  }

  override func run(worker: Int, workers: Int) {
    guard let storage, let batch, let logits, let head = network.head else { return }
    forEachTile(worker: worker, workers: workers) { _, pass in
      pass.loadInputs(storage, strides: batch.dataset.strides)
      pass.clearInitialStates()
      pass.team.wait()
      pass.forward()
      guard pass.team.member == 0 else { return }
      let rowCount = isEveryStep ? batch.stepCount : 1
      for t in 0..<rowCount {
        let running = isEveryStep ? pass.running(t) : pass.tile.sampleCount
        if isEveryStep { pass.logits(lanes: running) { pass.rows(of: $0, at: t) } }
        for lane in 0..<running {
          let to = logits + (Int(pass.tile.places[lane]) * rowCount + t) * head.classCount
          for k in 0..<head.classCount { to[k] = pass.base[pass.layout.logits + k * pass.layout.lanes + lane] }
        }
      }
    }
  }
}
