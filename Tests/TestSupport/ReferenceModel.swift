import Recurrent

/// A whole model over a ragged batch, by the loops of a textbook: tokens are looked up, ``ReferenceNetwork`` runs the
/// layers, a dense head reads their outputs, and the loss is a mean over all targets that are there.
///
/// All is computed in `Double`, and forward only. `values` has all numbers that a gradient can be taken of: the parameters
/// by their names, an embedding and learned initial states among them, and what the layers' network has besides.
public struct ReferenceModel: Sendable {
  /// What the sequences hold at each step.
  public enum Inputs: Sendable {
    /// `[batch, time, feature]`.
    case features(Tensor)
    /// Tokens, `[batch][time]`, all of as many steps. They are rows of the parameter `embedding.weight` if there is one,
    /// and of the identity matrix if not. What stands past a length is not looked at.
    case tokens([[Int]], count: Int)
  }

  private var network: ReferenceNetwork
  private let tokens: [[Int]]?
  private let hasState: Bool
  private let isEveryStep: Bool
  private let loss: ReferenceLoss

  /// A model over a batch.
  ///
  /// - Parameters:
  ///   - cells: the cells, from the bottom up.
  ///   - parameters: weights under the names that a model has for them.
  ///   - inputs: the sequences.
  ///   - lengths: the true lengths; nil if all are full.
  ///   - state: the states before the first step; if nil, the learned ones, or zeros if there are none.
  ///   - isBidirectional: whether each layer has two cells.
  ///   - reverseLayers: the layers whose only cell reads in reverse.
  ///   - isEveryStep: whether the head reads every step, or the last.
  ///   - loss: the loss with its targets.
  public init(
    _ cells: [ReferenceCell], _ parameters: Parameters, inputs: Inputs, lengths: [Int]? = nil,
    state: StackState? = nil, isBidirectional: Bool = false, reverseLayers: Set<Int> = [], isEveryStep: Bool = false,
    loss: ReferenceLoss
  ) {
    let rows: Tensor
    switch inputs {
    case .features(let tensor):
      rows = tensor
      tokens = nil
    case .tokens(let tokens, let count):
      let width = parameters.entry("embedding.weight")?.shape[1] ?? count
      rows = Tensor(zeros: [tokens.count, tokens.first?.count ?? 0, width])
      self.tokens = tokens
    }
    network = ReferenceNetwork(
      cells, parameters, inputs: rows, lengths: lengths, state: state, isBidirectional: isBidirectional,
      reverseLayers: reverseLayers)
    hasState = state != nil
    self.isEveryStep = isEveryStep
    self.loss = loss
  }

  /// All numbers that gradients can be taken of.
  public var values: [String: [Double]] {
    get { network.values }
    set { network.values = newValue }
  }

  /// The values of the given name.
  ///
  /// - Precondition: there are some.
  public subscript(name: String) -> [Double] { network[name] }

  /// What the head gives at once.
  public struct Row: Sendable {
    /// The index of the sequence, or of the step among those of all sequences, `[batch, time]`.
    public let index: Int
    /// Logits or values.
    public let outputs: [Double]

    /// Outputs with the index of their targets.
    public init(index: Int, outputs: [Double]) { (self.index, self.outputs) = (index, outputs) }
  }

  /// The outputs for each sequence, or for each true step: V h + c.
  public func rows() -> [Row] {
    let (result, width, steps) = (prepared().run(), network.outputSize, network.steps)
    func row(_ index: Int, _ features: ArraySlice<Double>) -> Row {
      let products = multiply(self["head.weight"], features)
      return Row(index: index, outputs: zip(products, self["head.bias"]).map { $0 + $1 })
    }
    if isEveryStep {
      return network.lengths.enumerated().flatMap { sample, length in
        (sample * steps..<sample * steps + length).map { row($0, result.outputs[$0 * width..<($0 + 1) * width]) }
      }
    }
    // Of a layer that reads in both directions, what each has come to when it has read the whole sequence.
    let tops = zip(result.finalStates, network.hiddenSizes).suffix(network.isBidirectional ? 2 : 1)
    return network.lengths.indices.map { sample in
      row(sample, tops.flatMap { final, size in final[0][sample * size..<(sample + 1) * size] }[...])
    }
  }

  /// The outputs of all rows, one after the other.
  public func outputs() -> [Double] { rows().flatMap(\.outputs) }

  /// The mean loss.
  public func meanLoss() -> Double { loss.mean(rows()) }

  /// The layers' network, with looked-up rows as its inputs and learned states as the ones it begins with.
  private func prepared() -> ReferenceNetwork {
    var network = network
    if let tokens { network.values["inputs"] = lookUp(tokens) }
    if hasState { return network }
    for (layer, cell) in network.cells.enumerated() {
      let ending = ReferenceNetwork.ending(layer, isBidirectional: network.isBidirectional)
      guard let learned = network.values["initial_state" + ending] else { continue }
      var first = 0
      for component in cell.components {
        let size = network[component + ending].count / network.lengths.count
        let row = learned[first..<first + size]
        network.values[component + ending] = network.lengths.flatMap { _ in row }
        first += size
      }
    }
    return network
  }

  /// The rows of all tokens, `[batch, time, feature]`; zeros past each length.
  private func lookUp(_ tokens: [[Int]]) -> [Double] {
    let size = network.inputSize
    let table = network.values["embedding.weight"]
    return zip(tokens, network.lengths).flatMap { sequence, length in
      sequence.enumerated().flatMap { t, token in
        (0..<size).map { k in
          if t >= length { return 0 }
          return table?[token * size + k] ?? (k == token ? 1 : 0)
        }
      }
    }
  }
}
