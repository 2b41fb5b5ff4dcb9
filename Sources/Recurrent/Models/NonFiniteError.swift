/// Training cannot continue: a loss or a gradient is infinite or NaN.
///
/// The weights are those from before the step that failed.
public struct NonFiniteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where it was found: the first of these that applies, since later ones follow from earlier ones.
  public enum Place: Sendable, Equatable {
    /// In the inputs of a sequence, by its position in the batch.
    case inputs(sequence: Int)
    /// In a weight, by its parameter's name; the first in the network's order.
    case weight(parameter: String)
    /// In a layer's state at the end of a sequence; the index of the lowest such layer, from 0, and the name of its
    /// cell.
    case state(layer: Int, cell: String)
    /// In the head's outputs.
    case logits
    /// In the loss, if everything before it is finite.
    case loss
    /// In the gradient of a parameter, the one nearest to the loss, where it originated.
    case gradient(parameter: String)
  }

  /// Where it was found.
  public let place: Place
  /// The value found: infinity or NaN.
  public let value: Float
  /// The number of steps before the one that failed; nil outside of a training loop.
  public package(set) var step: Int?

  /// One line: the step, what is not finite, and what may help.
  public var description: String {
    let start = step.map { "step \($0): " } ?? ""
    // A NaN's sign carries no information.
    return start + "found \(value.isNaN ? "nan" : "\(value)") in \(location): \(hint)"
  }

  private var location: String {
    switch place {
    case .inputs(let sequence): "the inputs of sequence \(sequence) of the batch"
    case .weight(let parameter): parameter
    case .state(let layer, let cell): "the state of layer \(layer) (\(cell))"
    case .logits: "the logits"
    case .loss: "the loss"
    case .gradient(let parameter): "the gradient of \(parameter)"
    }
  }

  private var hint: String {
    switch place {
    case .inputs: "check the data"
    case .weight: "training cannot continue from this weight, start from other weights, with a smaller learning rate"
    case .state, .logits, .loss, .gradient: "try a smaller learning rate, or clip the norm of the gradient"
    }
  }
}

extension NonFiniteError {
  /// Finds the cause, in a step whose sequences began with a state, or with the model's own if nil.
  init(network: SequenceModel, batches: [SequenceBatch], state: StackState?, gradient: [Float], loss: Float) {
    func parameter(_ index: Int) -> String {
      network.parameters.entries.first { $0.range.contains(index) }?.name ?? ""
    }
    var offset = 0
    for batch in batches {
      if let found = batch.firstNonFiniteInput {
        self.init(place: .inputs(sequence: offset + found.sequence), value: found.value)
        return
      }
      offset += batch.count
    }
    let weights = network.parameters.values
    if let index = weights.firstIndex(where: { !$0.isFinite }) {
      self.init(place: .weight(parameter: parameter(index)), value: weights[index])
    } else if let found = batches.lazy.compactMap({ network.firstNonFiniteState(on: $0, from: state) }).first {
      self = found
    } else if let value = batches.lazy.compactMap({
      (try? network.outputs(for: $0, from: state).outputs)?.firstNonFinite
    }).first {
      self.init(place: .logits, value: value)
    } else if !loss.isFinite {
      self.init(place: .loss, value: loss)
    } else {
      let index = gradient.lastIndex { !$0.isFinite }
      self.init(place: .gradient(parameter: index.map(parameter) ?? ""), value: index.map { gradient[$0] } ?? loss)
    }
  }

  fileprivate init(place: Place, value: Float) {
    self.place = place
    self.value = value
  }
}

extension SequenceModel {
  /// The lowest layer whose state is not finite after the last steps of a batch, run as in inference, without masks.
  fileprivate func firstNonFiniteState(on batch: SequenceBatch, from state: StackState?) -> NonFiniteError? {
    guard let states = try? outputs(for: batch, from: state).finalState.layers else { return nil }
    var index = 0
    for (level, layer) in layers.enumerated() {
      for cell in layer.cells {
        if let value = states[index].components.lazy.compactMap(\.firstNonFinite).first {
          return NonFiniteError(place: .state(layer: level, cell: type(of: cell).name), value: value)
        }
        index += 1
      }
    }
    return nil
  }
}

extension Tensor {
  fileprivate var firstNonFinite: Float? { values.first { !$0.isFinite } }
}

extension SequenceBatch {
  /// The first input that is not finite, ignoring padding, and the position of its sequence.
  fileprivate var firstNonFiniteInput: (sequence: Int, value: Float)? {
    guard case .floats = dataset.inputs else { return nil }
    let (values, lengths) = (inputs.values, lengths)
    let size = stepCount * inputSize
    for sequence in 0..<count {
      let range = sequence * size..<sequence * size + lengths[sequence] * inputSize
      if let value = values[range].first(where: { !$0.isFinite }) { return (sequence, value) }
    }
    return nil
  }
}
