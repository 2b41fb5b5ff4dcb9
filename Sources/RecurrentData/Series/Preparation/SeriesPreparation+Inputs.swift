import Recurrent
import RecurrentSupport

extension SeriesPreparation {
  /// How many missing inputs of some data are filled, and with what.
  ///
  /// - Parameter data: series with the channels that this was learned from.
  /// - Throws: ``SeriesError`` if the data does not fit, or lacks inputs and the policy refuses that.
  /// - Complexity: O(values).
  public func filling(of data: SeriesData) throws(SeriesError) -> SeriesFilling {
    let order = try order(of: data)
    var filling = SeriesFilling(channels: channels.map(\.name))
    for series in data.sequences { _ = rows(of: series, order, &filling) }
    return filling
  }

  /// Data for prediction alone, whose targets, if any, are not looked at.
  ///
  /// Of a forecast, the inputs are the last steps of each series: what comes after its end is predicted.
  ///
  /// - Parameter data: series with the channels that this was learned from.
  /// - Returns: a dataset without targets.
  /// - Throws: ``SeriesError`` if the data does not fit.
  /// - Complexity: O(sequences · longest), which is copied.
  public func inputs(of data: SeriesData) throws(SeriesError) -> SequenceDataset {
    let order = try order(of: data)
    var last: Int?
    if case .forecasting(let forecast) = task { last = forecast.history }
    let padded = try padded(data, order, last: last)
    return require {
      try padded.dataset(.values(Array(repeating: .nan, count: padded.lengths.count), size: 1))
    }
  }

  /// Where each channel and each static input lies in some data.
  struct Order {
    let channels: [Int]
    let statics: [Int]
  }

  /// Finds the channels and static inputs by their names.
  ///
  /// - Throws: ``SeriesError`` unless the data has the same ones, in any order, and nothing is missing that may not be.
  func order(of data: SeriesData) throws(SeriesError) -> Order {
    func positions(
      _ names: [String], _ wanted: [SeriesScaling], _ kind: SeriesError.Kind, _ noun: String
    ) throws(SeriesError) -> [Int] {
      let positions = wanted.compactMap { names.firstIndex(of: $0.name) }
      if positions.count == wanted.count && names.count == wanted.count { return positions }
      throw SeriesError(
        kind, source: data.source, found: "\(quantity(names.count, noun)), \(names.quotedList)",
        expected: "those of the training data, \(wanted.count): \(wanted.map(\.name).quotedList)")
    }
    let order = Order(
      channels: try positions(data.channels, channels, .channels, "channel"),
      statics: try positions(data.staticNames, statics, .statics, "static input"))
    try Self.checkStatics(of: data)
    if missingInputs == .refused { try refuseMissing(in: data) }
    return order
  }

  /// What the network reads of a series, `[steps, inputSize]`.
  func rows(of series: Series, _ order: Order, _ filling: inout SeriesFilling) -> [Float] {
    let (count, size) = (channels.count, inputSize)
    let stepCount = series.inputs.count / count
    let fixed = zip(statics, order.statics).map { $0.normalized(series.statics[$1]) }
    // What a missing value becomes, 0 being the mean.
    var last = [Float?](repeating: nil, count: count)
    var rows: [Float] = []
    rows.reserveCapacity(stepCount * size)
    for step in 0..<stepCount {
      for (channel, position) in order.channels.enumerated() {
        let value = series.inputs[step * count + position]
        if !value.isNaN {
          last[channel] = channels[channel].normalized(value)
        } else if missingInputs == .carriedForward && last[channel] != nil {
          filling.carried[channel] += 1
        } else {
          last[channel] = nil
          filling.means[channel] += 1
        }
        rows.append(last[channel] ?? 0)
      }
      if marksMissing {
        for position in order.channels { rows.append(series.inputs[step * count + position].isNaN ? 1 : 0) }
      }
      rows += fixed
    }
    return rows
  }

  /// Series, filled up to the length of the longest.
  struct Padded {
    let floats: [Float]
    let inputSize: Int
    let lengths: [Int32]
    let stepCount: Int

    func dataset(_ targets: SequenceTargets) throws(InputError) -> SequenceDataset {
      let isFull = lengths.allSatisfy { $0 == stepCount }
      return try SequenceDataset(
        .floats(floats, features: inputSize), targets: targets, stepCount: stepCount, count: lengths.count,
        lengths: isFull ? nil : lengths)
    }
  }

  /// What the network reads of all series, `[sequences, longest, inputSize]`.
  ///
  /// - Parameter last: how many steps before the end are read; nil for all.
  func padded(_ data: SeriesData, _ order: Order, last: Int? = nil) throws(SeriesError) -> Padded {
    let longest = min(data.stepCounts.upperBound, last ?? .max)
    try Self.checkSize(of: data, data.sequences.count, longest, inputSize)
    var floats: [Float] = []
    floats.reserveCapacity(data.sequences.count * longest * inputSize)
    var lengths: [Int32] = []
    var filling = SeriesFilling(channels: channels.map(\.name))
    for series in data.sequences {
      let rows = rows(of: series, order, &filling).suffix(longest * inputSize)
      floats += rows
      floats += repeatElement(0, count: longest * inputSize - rows.count)
      lengths.append(Int32(rows.count / inputSize))
    }
    return Padded(floats: floats, inputSize: inputSize, lengths: lengths, stepCount: longest)
  }

  /// Refuses datasets that memory would not hold: padding and windows repeat what a file holds once.
  static func checkSize(of data: SeriesData, _ count: Int, _ steps: Int, _ size: Int) throws(SeriesError) {
    let (sequence, overflows) = steps.multipliedReportingOverflow(by: size)
    let (total, alsoOverflows) = count.multipliedReportingOverflow(by: sequence)
    guard !overflows, !alsoOverflows, total <= valueLimit else {
      throw SeriesError(
        .size, source: data.source, found: "\(count) sequences, the longest of \(steps) steps of \(size) values",
        expected: "at most \(valueLimit) values with padding; cut long series, or take windows further apart")
    }
    do throws(IDXError) { try Memory.require(total * MemoryLayout<Float>.stride, for: data.source) } catch {
      throw SeriesError(error)
    }
  }
}
