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
      /// Writes the logits of the first lanes as those of row `row` of their samples.
      func write(lanes: Int, row: Int, of rowCount: Int) {
        for lane in 0..<lanes {
          let to = logits + (Int(pass.tile.places[lane]) * rowCount + row) * head.classCount
          for k in 0..<head.classCount { to[k] = pass.base[pass.layout.logits + k * pass.layout.lanes + lane] }
        }
      }
      pass.clearInitialStates()
      pass.eachWindow(of: batch.stepCount) { pass in
        pass.loadInputs(storage, strides: batch.dataset.strides)
        pass.forward()
        guard isEveryStep && pass.team.member == 0 else { return }
        for t in 0..<pass.window.count {
          pass.logits(lanes: pass.running(t)) { pass.rows(of: $0, at: t) }
          write(lanes: pass.running(t), row: pass.window.lowerBound + t, of: batch.stepCount)
        }
      }
      if !isEveryStep && pass.team.member == 0 { write(lanes: pass.tile.sampleCount, row: 0, of: 1) }
    }
  }
}
