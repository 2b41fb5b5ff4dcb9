import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

extension DigitReadingPicture {
  /// So many units of a layer are shown at most: more would be thinner than a line.
  private static let mostUnits = 64

  /// How a network reads an image: gates, states and probabilities after each row, or after as many pixels as a row has.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - image: the pixels, row by row.
  ///   - sequence: the pixels in the order in which the network reads them.
  ///   - truth: the label; nil where there is none.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: the network reads forward only.
  init(
    title: String, image: [Float], sequence: [Float], network: SequenceModel, order: PixelOrder, truth: Int?,
    remark: String?
  ) {
    let reading = require { try network.trace(sequence) }
    // Of an image that is read pixel by pixel, the steps that end a row or as many pixels.
    let stepsPerRow = order.stepCount / DigitData.imageSize
    func shown(_ rows: [[Float]]) -> [[Float]] {
      stride(from: stepsPerRow - 1, to: rows.count, by: stepsPerRow).map { Array(rows[$0].prefix(Self.mostUnits)) }
    }
    var panels: [Panel] = []
    for (index, layer) in reading.layers.enumerated() {
      let gates = layer.gates.map { ($0.name == "candidate" ? $0.name : $0.name + " gate", shown($0.values)) }
      let states = zip(["hidden state", "cell state"], layer.states.map(shown))
      for (name, rows) in gates + states {
        panels.append(Panel("layer \(index + 1): \(name)", rows: rows, range: Self.range(of: rows, name)))
      }
    }
    let widest = network.cells.map(\.hiddenSize).max() ?? 0
    let units = widest > Self.mostUnits ? "Of each layer the first \(Self.mostUnits) units are shown at most." : nil
    var (asRead, step): ([Float]?, String) = (nil, "row")
    if case .permuted = order { (asRead, step) = (sequence, "\(DigitData.imageSize) pixels") }
    let remarks = [order.explanation, units, remark].compactMap(\.self)
    self.init(
      title: title.shown(limit: 300), pixels: image, width: DigitData.imageSize, panels: panels,
      probabilities: shown(reading.probabilities),
      truth: truth, remark: remarks.isEmpty ? nil : remarks.joined(separator: " ").shown(limit: 600),
      pixelsAsRead: asRead, step: step,
      panelsPerRow: panels.count.isMultiple(of: 3) ? 3 : 4)
  }

  /// Gates lie between 0 and 1, candidates and hidden states between -1 and 1, unless the cell has other functions.
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
