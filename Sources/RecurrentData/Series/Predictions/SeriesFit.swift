import Recurrent
import RecurrentSupport

/// Predicted values beside the true ones, in the units of the data.
public struct SeriesFit: Sendable, Equatable {
  /// The values of one series.
  public struct Part: Sendable, Equatable {
    /// The name of the series.
    public let id: String
    /// What was predicted, `[steps, targets]`, or `[targets]` of a whole series.
    public let predictions: [Float]
    /// What is true; NaN if it is missing.
    public let truths: [Float]
  }

  /// How well a target was predicted; see ``SeriesMetrics``.
  public struct Measures: Sendable, Equatable {
    /// The root of the mean squared error, in the units of the target.
    public let rootMeanSquaredError: Double
    /// The mean absolute error, in the units of the target.
    public let meanAbsoluteError: Double
    /// The Nash–Sutcliffe efficiency.
    public let nashSutcliffe: Double
    /// The Kling–Gupta efficiency.
    public let klingGupta: Double
  }

  /// The names of the targets.
  public let names: [String]
  /// The series.
  public let parts: [Part]

  /// What was predicted of a target and what is true, in all series one after the other.
  ///
  /// - Parameter target: a position in ``names``.
  /// - Precondition: there is such a target.
  /// - Complexity: O(values).
  public func values(of target: Int) -> (predictions: [Float], truths: [Float]) {
    let all = parts.map { $0.values(of: target, of: names.count) }
    return (all.flatMap(\.predictions), all.flatMap(\.truths))
  }

  /// How well a target was predicted, over all series.
  ///
  /// - Parameter target: a position in ``names``.
  /// - Precondition: there is such a target.
  /// - Complexity: O(values).
  public func measures(of target: Int) -> Measures {
    let (predictions, truths) = values(of: target)
    return Measures(predictions, truths)
  }

  /// The median over the series of how well a target was predicted in each: the usual measure of models of many rivers.
  ///
  /// Series whose efficiency is not defined are left out.
  ///
  /// - Parameter target: a position in ``names``.
  /// - Returns: the medians; NaN without any series.
  /// - Precondition: there is such a target.
  /// - Complexity: O(values).
  public func medians(of target: Int) -> Measures {
    let all = parts.map { part in
      let (predictions, truths) = part.values(of: target, of: names.count)
      return Measures(predictions, truths)
    }
    func median(_ measure: (Measures) -> Double) -> Double {
      let sorted = all.map(measure).filter { !$0.isNaN }.sorted()
      if sorted.isEmpty { return .nan }
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    return Measures(
      rootMeanSquaredError: median(\.rootMeanSquaredError), meanAbsoluteError: median(\.meanAbsoluteError),
      nashSutcliffe: median(\.nashSutcliffe), klingGupta: median(\.klingGupta))
  }
}

extension SeriesFit.Part {
  fileprivate func values(of target: Int, of count: Int) -> (predictions: [Float], truths: [Float]) {
    require((0..<count).contains(target), "target \(target) of \(count)")
    let positions = stride(from: target, to: truths.count, by: count)
    return (positions.map { predictions[$0] }, positions.map { truths[$0] })
  }
}

extension SeriesFit.Measures {
  fileprivate init(_ predictions: [Float], _ truths: [Float]) {
    self.init(
      rootMeanSquaredError: SeriesMetrics.rootMeanSquaredError(predictions, truths),
      meanAbsoluteError: SeriesMetrics.meanAbsoluteError(predictions, truths),
      nashSutcliffe: SeriesMetrics.nashSutcliffeEfficiency(predictions, truths),
      klingGupta: SeriesMetrics.klingGuptaEfficiency(predictions, truths))
  }
}

extension SeriesPreparation {
  /// The values that a network predicts, beside the true ones.
  ///
  /// - Parameters:
  ///   - data: series with the channels and targets that this was learned from.
  ///   - model: the network, which does not change.
  /// - Throws: ``SeriesError`` if the data does not fit, or has no values to predict.
  /// - Precondition: the network is one of this preparation.
  /// - Complexity: that of one forward pass over the series.
  public func fit(of data: SeriesData, by model: SequenceModel) throws(SeriesError) -> SeriesFit {
    try checkTargets(of: data)
    let predictions = try predictions(of: data, by: model).values
    var first = 0
    let parts = data.sequences.map { series in
      defer { first += series.targets.count }
      return SeriesFit.Part(
        id: series.id, predictions: Array(predictions[first..<first + series.targets.count]), truths: series.targets)
    }
    return SeriesFit(names: targets.map(\.name), parts: parts)
  }
}
