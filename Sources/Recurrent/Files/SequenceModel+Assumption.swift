import RecurrentSupport

extension SequenceModel {
  /// A decision made while reading a network from a file that does not say it.
  ///
  /// Files that ``save(to:)`` writes are complete; those of other programs hold tensors and little else.
  public enum Assumption: Equatable, Sendable, CustomStringConvertible {
    /// The activation of layers with one gate; PyTorch's `nn.RNN` has `tanh` or `relu`, with the same tensors.
    case activation(Activation, layers: [Int])
    /// In a bidirectional top layer, the head reads each direction's final state (PyTorch's `h_n`), not the outputs at
    /// the last step.
    case lastStates
    /// A tensor of integers or booleans, such as a counter, is not part of the network.
    case skipped(name: String, type: String)

    /// The decision, in one line.
    public var description: String {
      switch self {
      case .activation(let activation, let layers):
        let list = layers.prefix(8).map(String.init).joined(separator: ", ") + (layers.count > 8 ? ", …" : "")
        return "layer\(layers.count == 1 ? "" : "s") \(list) read with \(activation), the default of PyTorch's nn.RNN: "
          + "the file names no activation"
      case .lastStates:
        return "the head is assumed to read each direction's last state, not the outputs at the last step: the file "
          + "does not say"
      case .skipped(let name, let type):
        return "skipped \(name.shown(limit: 60)), whose elements of type \(type.shown(limit: 60)) are not weights"
      }
    }
  }
}
