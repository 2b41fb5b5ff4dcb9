import RecurrentKernels

/// The dense layer behind the last outputs, and the loss.
extension TilePass {
  /// Computes the logits of all lanes from their last outputs: V h + c.
  ///
  /// One member does it; all wait.
  func forwardHead() {
    if team.member == 0 {
      logits(lanes: tile.sampleCount) { base + lastOutput(of: $0) }
    }
    team.wait()
  }

  /// Where the outputs after each lane's last step lie.
  func lastOutput(of source: NetworkPlan.Source) -> Int {
    guard let layer = source.layer else { return layout.input }
    let joint = layout.joints[network.layers[layer].level]
    return joint.map { $0.last + source.column * layout.lanes } ?? layout.layers[layer].final
  }

  /// Computes logits from what `rows` says that each direction of the topmost layer gives.
  func logits(lanes: Int, _ rows: (NetworkPlan.Source) -> Floats) {
    guard let head = network.head else { return }
    func term(_ source: NetworkPlan.Source) -> rk_term {
      rk_term(
        a: parameters + head.weights + source.column, aRow: head.inputSize, b: rows(source), bRow: layout.lanes,
        k: source.size)
    }
    product(
      base + layout.logits, layout.lanes, rows: head.classCount, lanes: padded(lanes), from: RK_FROM_BIAS,
      bias: parameters + head.bias, term(network.outputs[0]),
      network.outputs.count == 1 ? nil : term(network.outputs[1]))
  }

  /// Turns logits into losses and their gradient, and carries that through the head to the top layer's final state.
  ///
  /// ```
  /// dlogits = scale · (softmax(logits) Σ targets - targets)
  /// dV = dlogits hᵀ    dc = Σ over lanes of dlogits    dh = Vᵀ dlogits
  /// ```
  ///
  /// - Parameter targets: of each class where it is the label, then where it is not; then the sum of all for each label.
  func backwardHead(
    transposed: UnsafePointer<Float>, gradient: Floats, targets: UnsafePointer<Float>, scale: Float
  ) {
    guard let head = network.head else { return }
    if team.member == 0 {
      let lanes = layout.lanes
      let count = tile.sampleCount
      let logits = base + layout.logits
      kernels.softmaxCrossEntropy(
        logits, lanes, head.classCount, count, tile.labels, targets, targets + head.classCount,
        targets + 2 * head.classCount, scale, base + layout.losses, tile.correct)
      for source in network.outputs {
        kernels.transpose(
          base + lastOutput(of: source), lanes, base + layout.features + source.column, head.columns, source.size, count
        )
      }
      product(
        gradient + head.weightGradient, head.columns, rows: head.classCount, lanes: head.columns, from: RK_FROM_ZERO,
        rk_term(a: logits, aRow: lanes, b: base + layout.features, bRow: head.columns, k: count))
      let biases = gradient + head.biasGradient
      biases.update(repeating: 0, count: head.classCount)
      kernels.rowSums(logits, lanes, biases, head.classCount, count)
      for source in network.outputs {
        guard let layer = source.layer else { continue }
        let joint = layout.joints[network.layers[layer].level]
        product(
          base + (joint.map { $0.lastGradient + source.column * lanes } ?? layout.layers[layer].finalGradient), lanes,
          rows: source.size, lanes: padded(count),
          from: RK_FROM_ZERO,
          rk_term(
            a: transposed + head.transposed + source.column * head.classCount, aRow: head.classCount, b: logits,
            bRow: lanes, k: head.classCount))
      }
    }
    team.wait()
  }
}
