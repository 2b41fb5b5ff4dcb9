import RecurrentSupport

extension SequenceModel {
  /// What a file of weights does not say, and was decided when a network was read from it.
  ///
  /// Files that ``save(to:)`` writes say everything; those of other programs hold tensors and little else.
  public enum Assumption: Equatable, Sendable, CustomStringConvertible {
    /// The function of layers of one gate; PyTorch's `nn.RNN` has `tanh` or `relu`, with the same tensors.
    case activation(Activation, layers: [Int])
    /// In a top layer of both directions, the head reads the state that each direction has when it has read the whole
    /// sequence (PyTorch's `h_n`), not the outputs at the last step.
    case lastStates
    /// A tensor of whole numbers or truth values, such as a counter, is no part of the network.
    case skipped(name: String, type: String)

    /// What was decided, in one line.
    public var description: String {
      switch self {
      case .activation(let activation, let layers):
        let list = layers.prefix(8).map(String.init).joined(separator: ", ") + (layers.count > 8 ? ", …" : "")
        return "layer\(layers.count == 1 ? "" : "s") \(list) read with \(activation), the default of PyTorch's nn.RNN: "
          + "the file names no function"
      case .lastStates:
        return "the head is taken to read the last state of each direction, not the outputs at the last step: the file "
          + "does not say"
      case .skipped(let name, let type):
        return "passed over \(name.shown(limit: 60)), whose elements of type \(type.shown(limit: 60)) are no weights"
      }
    }
  }
}
