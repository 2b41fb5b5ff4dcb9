/// The state of a stack: that of each layer, from the bottom up; of two directions, forward before reverse.
public struct StackState: Sendable, Equatable {
  /// One state per layer, each of its cell's own type.
  public let layers: [any RecurrentState]

  /// A state from those of the layers.
  ///
  /// - Parameter layers: one state per layer and direction, in the order of ``RecurrentStack/cells``.
  public init(_ layers: [any RecurrentState]) { self.layers = layers }

  /// The state of a layer; its hidden state is `state[2].hidden`.
  ///
  /// - Parameter layer: its place in the order of ``RecurrentStack/cells``.
  public subscript(layer: Int) -> any RecurrentState { layers[layer] }

  /// The state of a layer as the named struct of its cell, such as `state.layer(2, of: LSTMCell.self).cell`.
  ///
  /// - Parameters:
  ///   - index: its place in the order of ``RecurrentStack/cells``.
  ///   - cell: the type of its cell.
  /// - Precondition: the layer is of that kind.
  public func layer<Cell: RecurrentCell>(_ index: Int, of cell: Cell.Type) -> Cell.State {
    guard let state = layers[index] as? Cell.State else {
      fatalError("layer \(index) is no \(Cell.name) layer")
    }
    return state
  }

  /// Whether all layers have equal states.
  public static func == (left: StackState, right: StackState) -> Bool {
    left.layers.map(\.components) == right.layers.map(\.components)
  }
}
