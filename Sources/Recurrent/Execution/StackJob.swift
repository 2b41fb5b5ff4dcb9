import RecurrentKernels

/// Outputs and final states of a bare stack, and, where the tiles are kept as a tape, all its gradients.
final class StackJob: NetworkJob {
  private enum Phase {
    case forward, backward
  }

  private let isTraining: Bool
  private var phase = Phase.forward
  private var stepCount = 0
  private var batchSize = 0
  private var sequenceLayout = SequenceLayout.batchMajor
  private var initialStates: [[Tensor]]?
  private var outputs: Floats?
  private var finalStates: [[Floats]] = []
  private var backward: Backward?

  /// What a backward pass reads and writes.
  struct Backward {
    let parameters: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>?
    let finalGradients: [[Tensor]]?
    let transposed: Floats
    let tileGradients: Floats
    let inputGradient: Floats
    let initialGradients: [[Floats]]
  }

  init(network: NetworkPlan, isTraining: Bool) {
    self.isTraining = isTraining
    super.init(network: network)
  }

  /// Runs forward; `outputs` is laid out as the batch is and holds zeros, as do the final states.
  func forward(
    over batch: SequenceBatch, parameters: UnsafePointer<Float>, from states: [[Tensor]]?, outputs: Floats,
    finalStates: [[Floats]], seed: UInt64?, pool: ThreadPool
  ) {
    phase = .forward
    stepCount = batch.stepCount
    batchSize = batch.count
    sequenceLayout = batch.dataset.layout
    initialStates = states
    self.outputs = outputs
    self.finalStates = finalStates
    run(
      over: batch, parameters: parameters, pool: pool, isTraining: isTraining, hasOutputGradient: isTraining,
      hasInputGradient: isTraining, keepsTiles: isTraining, seed: seed)
    initialStates = nil
    self.outputs = nil
    self.finalStates = []
  }

  /// Runs backward over the tiles of the last forward pass.
  func backward(_ backward: Backward, pool: ThreadPool) {
    phase = .backward
    self.backward = backward
    pool.run(self)
    self.backward = nil
  }

  override func run(worker: Int, workers: Int) {
    switch phase {
    case .forward:
      forEachTile(worker: worker, workers: workers, keepsTiles: isTraining) { _, pass in runForward(pass) }
    case .backward:
      guard let backward, let layout else { return }
      let team =
        tiling.sharesTiles
        ? Team(member: worker, size: workers, barrier: barrier) : Team(member: 0, size: 1, barrier: barrier)
      let numbers =
        tiling.sharesTiles
        ? stride(from: 0, to: tiling.tileCount, by: 1)
        : stride(from: worker, to: tiling.tileCount, by: workers)
      for number in numbers {
        runBackward(
          TilePass(
            network: network, layout: layout, tile: tiles[number], parameters: backward.parameters, team: team,
            noise: noise(tile: number)),
          backward, gradient: backward.tileGradients + number * network.gradientCount)
      }
    }
  }

  private func runForward(_ pass: TilePass) {
    guard let storage, let outputs else { return }
    if let initialStates {
      if pass.team.member == 0 { load(initialStates, pass) { pass.layout.layers[$0].initial } }
    } else {
      pass.clearInitialStates()
    }
    let strides = (inputs: strides(features: network.inputSize), outputs: strides(features: network.outputSize))
    pass.eachWindow(of: stepCount) { pass in
      pass.loadInputs(storage, strides: strides.inputs)
      pass.forward()
      guard pass.team.member == 0 else { return }
      for t in 0..<pass.window.count {
        for source in network.outputs {
          copyOut(
            pass, lanes: 0..<pass.running(t), from: pass.rows(of: source, at: t), features: source.size,
            to: outputs + (pass.window.lowerBound + t) * strides.outputs.step + source.column,
            sampleSize: strides.outputs.sample)
        }
      }
    }
    guard pass.team.member == 0 else { return }
    store(pass, lanes: 0..<pass.tile.sampleCount, into: finalStates) { layer, component in
      pass.layout.layers[layer].final + network.layers[layer].row(of: component) * pass.layout.lanes
    }
  }

  private func runBackward(_ pass: TilePass, _ work: Backward, gradient: Floats) {
    let (lanes, steps) = (pass.layout.lanes, pass.layout.steps)
    if let finalGradients = work.finalGradients {
      if pass.team.member == 0 { load(finalGradients, pass) { pass.layout.layers[$0].finalGradient } }
    } else {
      pass.clearFinalGradients()
    }
    let strides = (inputs: strides(features: network.inputSize), outputs: strides(features: network.outputSize))
    if pass.team.member == 0 {
      for t in 0..<steps {
        for source in network.outputs {
          guard let to = pass.gradientRows(of: source, at: t) else { continue }
          to.update(repeating: 0, count: source.size * lanes)
          guard let from = work.outputGradient else { continue }
          for lane in 0..<pass.running(t) {
            let row = Int(pass.tile.places[lane]) * strides.outputs.sample + t * strides.outputs.step + source.column
            for unit in 0..<source.size { to[unit * lanes + lane] = from[row + unit] }
          }
        }
      }
    }
    pass.team.wait()
    pass.backward(transposed: work.transposed, gradient: gradient, needsInitialGradient: true)
    guard pass.team.member == 0 else { return }
    for t in 0..<steps {
      copyOut(
        pass, lanes: 0..<pass.running(t),
        from: pass.base + pass.layout.inputGradient + t * network.inputSize * lanes, features: network.inputSize,
        to: work.inputGradient + t * strides.inputs.step, sampleSize: strides.inputs.sample)
    }
    store(pass, lanes: 0..<pass.running(0), into: work.initialGradients) { layer, component in
      let (plan, place) = (network.layers[layer], pass.layout.layers[layer])
      if plan.isReverse { return place.initialGradient + plan.row(of: component) * lanes }
      return component == 0 ? place.hiddenGradient : place.stateGradient + (component - 1) * plan.hiddenSize * lanes
    }
    // A sequence of length 0 hands its initial state on as it is, and so its gradient back.
    store(pass, lanes: pass.running(0)..<pass.tile.sampleCount, into: work.initialGradients) { layer, component in
      pass.layout.layers[layer].finalGradient + network.layers[layer].row(of: component) * lanes
    }
  }

  /// How far apart sequences and steps of inputs or outputs lie.
  private func strides(features: Int) -> SequenceStrides {
    sequenceLayout.strides(count: batchSize, steps: stepCount, features: features)
  }

  /// Copies rows of lanes to rows of samples.
  private func copyOut(
    _ pass: TilePass, lanes: Range<Int>, from: Floats, features: Int, to: Floats, sampleSize: Int
  ) {
    for lane in lanes {
      let row = to + Int(pass.tile.places[lane]) * sampleSize
      for i in 0..<features { row[i] = from[i * pass.layout.lanes + lane] }
    }
  }

  /// Copies states, `[batch, rows]`, into the lanes; `place` says where the components of a layer begin.
  private func load(_ states: [[Tensor]], _ pass: TilePass, _ place: (Int) -> Int) {
    for (layer, components) in states.enumerated() {
      for (component, tensor) in components.enumerated() {
        let to = pass.base + place(layer) + network.layers[layer].row(of: component) * pass.layout.lanes
        let size = network.layers[layer].size(of: component)
        to.update(repeating: 0, count: size * pass.layout.lanes)
        tensor.values.withUnsafeBufferPointer { from in
          for lane in 0..<pass.tile.sampleCount {
            for unit in 0..<size {
              to[unit * pass.layout.lanes + lane] = from[Int(pass.tile.places[lane]) * size + unit]
            }
          }
        }
      }
    }
  }

  /// Copies states out of the lanes; `place` says where a component of a layer begins.
  private func store(_ pass: TilePass, lanes: Range<Int>, into states: [[Floats]], _ place: (Int, Int) -> Int) {
    for (layer, components) in states.enumerated() {
      for (component, to) in components.enumerated() {
        let size = network.layers[layer].size(of: component)
        copyOut(
          pass, lanes: lanes, from: pass.base + place(layer, component), features: size, to: to, sampleSize: size)
      }
    }
  }
}
