/// What a pass has left in its tiles, step by step.
extension TiledBatch {
  /// Some rows at every step, as a tensor; zeros past each sequence's length.
  ///
  /// - Parameters:
  ///   - size: the number of rows.
  ///   - rows: the first of them at a step, in the memory of a tile.
  /// - Returns: `[batch, time, size]`.
  /// - Precondition: the tiles were kept, and the pass over them has ended.
  func steps(size: Int, _ rows: (_ memory: Floats, _ step: Int) -> Floats) -> Tensor {
    let (steps, lanes) = (source.stepCount, layout.lanes)
    var result = Tensor(zeros: [source.samples.count, steps, size])
    for tile in workspace.tiles.prefix(tiling.tileCount) {
      for t in 0..<steps {
        let from = rows(tile.base, t)
        for lane in 0..<Int(tile.runningCounts[t]) {
          let to = (Int(tile.positions[lane]) * steps + t) * size
          for i in 0..<size { result.values[to + i] = from[i * lanes + lane] }
        }
      }
    }
    return result
  }
}
