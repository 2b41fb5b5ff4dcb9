import RecurrentSupport

/// The state of a stack: that of each direction of each layer, from the bottom up, forward before reverse.
public struct StackState: Sendable, Equatable {
  /// All components of all directions, `[batch, size]` each, one after another.
  var values: [Float]
  /// The shapes of the components of each direction, the hidden state first.
  let shapes: [[[Int]]]
  private let types: [any RecurrentState.Type]

  /// A state from the states of the layers.
  ///
  /// - Parameter layers: one state per layer and direction, in the order of ``RecurrentStack/cells``.
  /// - Complexity: O(size): values are copied.
  public init(_ layers: [any RecurrentState]) {
    let components = layers.map(\.components)
    values = components.joined().flatMap(\.values)
    shapes = components.map { $0.map(\.shape) }
    types = layers.map { type(of: $0) }
  }

  /// Zeros, or the same row for each sequence.
  init(_ directions: [DirectionPlan], batchSize: Int, row: (_ direction: DirectionPlan, _ index: Int) -> Float) {
    shapes = directions.map { plan in (0..<plan.stateCount).map { [batchSize, plan.size(of: $0)] } }
    types = directions.map { $0.cell.stateType }
    values = []
    values.reserveCapacity(directions.reduce(0) { $0 + $1.stateSize } * batchSize)
    for plan in directions {
      var first = 0
      for component in 0..<plan.stateCount {
        let size = plan.size(of: component)
        for _ in 0..<batchSize { for i in first..<first + size { values.append(row(plan, i)) } }
        first += size
      }
    }
  }

  /// One state per layer and direction, each of its cell's own type.
  ///
  /// - Complexity: O(size): values are copied.
  public var layers: [any RecurrentState] { shapes.indices.map { self[$0] } }

  /// The state of a layer; its hidden state is `state[2].hidden`.
  ///
  /// - Parameter layer: its index in the order of ``RecurrentStack/cells``.
  /// - Precondition: there is such a layer.
  /// - Complexity: O(size) of that state, which is copied.
  public subscript(layer: Int) -> any RecurrentState {
    var offset = shapes[..<layer].joined().reduce(0) { $0 + $1.reduce(1, *) }
    return types[layer].init(
      components: shapes[layer].map { shape in
        let count = shape.reduce(1, *)
        defer { offset += count }
        return Tensor(known: shape, values: Array(values[offset..<offset + count]))
      })
  }

  /// The state of a layer as the named struct of its cell, such as `state.layer(2, of: LSTMCell.self).cell`.
  ///
  /// - Parameters:
  ///   - index: its index in the order of ``RecurrentStack/cells``.
  ///   - cell: the type of its cell.
  /// - Precondition: the layer has such a cell.
  public func layer<Cell: RecurrentCell>(_ index: Int, of cell: Cell.Type) -> Cell.State {
    // Only a mistake in the calling program leads here: it chose the layer's cell itself.
    guard let state = self[index] as? Cell.State else { fatalError("layer \(index) is not a \(Cell.name) layer") }
    return state
  }

  /// Sets the states of some sequences to zero.
  ///
  /// - Parameter rows: their positions in the batch.
  /// - Precondition: the positions lie within the batch.
  /// - Complexity: O(rows · hidden units).
  public mutating func clear(rows: some Sequence<Int>) {
    for row in rows {
      var offset = 0
      for shape in shapes.joined() {
        require(row >= 0 && row < shape[0], "sequence \(row) of \(shape[0])")
        for i in row * shape[1]..<(row + 1) * shape[1] { values[offset + i] = 0 }
        offset += shape[0] * shape[1]
      }
    }
  }

  /// Whether all layers have equal states.
  public static func == (left: StackState, right: StackState) -> Bool {
    left.shapes == right.shapes && left.values == right.values
  }

  /// Traps unless this is a state of the given directions for this number of sequences.
  func check(_ directions: [DirectionPlan], batchSize: Int) {
    require(
      shapes.count == directions.count, "a stack of \(directions.count) layers; found \(shapes.count) states")
    for (shapes, plan) in zip(shapes, directions) {
      let expected = (0..<plan.stateCount).map { [batchSize, plan.size(of: $0)] }
      require(shapes == expected, "expected state components \(expected); found \(shapes)")
    }
  }
}

extension RecurrentCell {
  fileprivate var stateType: any RecurrentState.Type { State.self }
}

extension RecurrentCell {
  /// A state of this cell from its components.
  func makeState(_ components: [Tensor]) -> any RecurrentState { State(components: components) }
}
