import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

extension DigitReadingPicture {
  /// The most units of a layer that are shown: more would be thinner than a line.
  private static let mostUnits = 64

  /// The activation trace of an image: gates, states and probabilities after each row, or after as many pixels.
  ///
  /// - Parameters:
  ///   - title: the title of the picture.
  ///   - image: the pixels, row by row.
  ///   - sequence: the pixels in the order in which the network reads them.
  ///   - network: the network.
  ///   - order: the order in which it reads pixels.
  ///   - truth: the label; nil if there is none.
  ///   - remark: a remark below the picture; nil for none.
  /// - Precondition: the network reads forward only.
  init(
    title: String, image: [Float], sequence: [Float], network: SequenceModel, order: PixelOrder, truth: Int?,
    remark: String?
  ) {
    let trace = require { try network.trace(sequence) }
    // If the image is read pixel by pixel, only the time steps after 28, 56, … pixels are shown.
    let stepsPerRow = order.stepCount / DigitData.imageSize
    func shown(_ rows: [[Float]]) -> [[Float]] {
      stride(from: stepsPerRow - 1, to: rows.count, by: stepsPerRow).map { Array(rows[$0].prefix(Self.mostUnits)) }
    }
    var panels: [Panel] = []
    for (index, layer) in trace.layers.enumerated() {
      let gates = layer.gates.map { ($0.name == "candidate" ? $0.name : $0.name + " gate", shown($0.values)) }
      let states = zip(["hidden state", "cell state"], layer.states.map(shown))
      for (name, rows) in gates + states {
        panels.append(Panel("layer \(index + 1): \(name)", rows: rows, range: Self.range(of: rows, name)))
      }
    }
    let widest = network.cells.map(\.hiddenSize).max() ?? 0
    let units = widest > Self.mostUnits ? "At most the first \(Self.mostUnits) units of each layer are shown." : nil
    var (asRead, step): ([Float]?, String) = (nil, "row")
    if case .permuted = order { (asRead, step) = (sequence, "\(DigitData.imageSize) pixels") }
    let remarks = [order.explanation, units, remark].compactMap(\.self)
    self.init(
      title: title.shown(limit: 300), pixels: image, width: DigitData.imageSize, panels: panels,
      probabilities: shown(trace.probabilities),
      truth: truth, remark: remarks.isEmpty ? nil : remarks.joined(separator: " ").shown(limit: 600),
      pixelsAsRead: asRead, step: step,
      panelsPerRow: panels.count.isMultiple(of: 3) ? 3 : 4)
  }

  /// The range of colors: 0 to 1 for gates, -1 to 1 for candidates and hidden states, unless their activations exceed it.
  private static func range(of rows: [[Float]], _ name: String) -> HeatMap.Range {
    let values = rows.joined()
    if name.hasSuffix("gate"), values.allSatisfy({ $0 >= 0 && $0 <= 1 }) { return .unit }
    return name != "cell state" && values.allSatisfy { $0.magnitude <= 1 } ? .signed : .fittedSigned
  }
}

extension PixelOrder {
  /// What the probabilities beside an image mean if it is not read row by row.
  var explanation: String? {
    switch self {
    case .rows: nil
    case .pixels: "Read pixel by pixel: beside each row, the probability after its last pixel."
    case .permuted(let seed): "Read in the random order of seed \(seed): the probability after every 28 pixels."
    }
  }
}
