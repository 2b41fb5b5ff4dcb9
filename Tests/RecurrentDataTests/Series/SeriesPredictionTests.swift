import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Predictions in the units of the data, beside the true values.
@Suite struct SeriesPredictionTests {
  /// A network whose outputs are all 0, so that predictions are means, or naive forecasts.
  private static func zero(_ preparation: SeriesPreparation) -> SequenceModel {
    let model = SequenceModel(preparation.configuration(layers: .gru(3)), seed: 0)
    var parameters = model.parameters
    parameters.values = parameters.values.map { _ in 0 }
    return model.with(parameters)
  }

  @Test("probabilities of each class for each series, and for each of its steps")
  func classes() throws {
    let two = try SeriesData(
      [.init(id: "x", inputs: [1, 2], labels: [0]), .init(id: "y", inputs: [3], labels: [1])], channels: ["v"],
      targetKind: .label, labelNames: ["a", "b"])
    let preparation = try SeriesPreparation(learnedFrom: two)
    let predictions = try preparation.predictions(of: two, by: Self.zero(preparation))
    #expect(predictions.kind == .probabilities && predictions.names == ["a", "b"])
    #expect(predictions.places == [.init(id: "x", step: nil), .init(id: "y", step: nil)])
    #expect(predictions.values == [0.5, 0.5, 0.5, 0.5] && predictions.largest(of: 1) == 0)

    let steps = try SeriesData(
      [.init(id: "x", inputs: [1, 2], labels: [0, 1]), .init(id: "y", inputs: [3], labels: [-1])], channels: ["v"],
      targetKind: .stepLabels, labelNames: ["a", "b"])
    let everyStep = try SeriesPreparation(learnedFrom: steps)
    let found = try everyStep.predictions(of: steps, by: Self.zero(everyStep))
    #expect(found.places == [.init(id: "x", step: 1), .init(id: "x", step: 2), .init(id: "y", step: 1)])
    #expect(found.values.count == 6 && found[2] == [0.5, 0.5])
  }

  @Test("values at steps, pooled and as medians over series")
  func fit() throws {
    let data = try SeriesData(
      [
        .init(id: "x", inputs: [1, 2, 3], targets: [10, .nan, 30]), .init(id: "y", inputs: [1, 2], targets: [0, 40]),
      ], channels: ["v"], targetKind: .stepValues, targetNames: ["flow"])
    let preparation = try SeriesPreparation(learnedFrom: data)
    let fit = try preparation.fit(of: data, by: Self.zero(preparation))
    // The mean of 10, 30, 0 and 40.
    #expect(fit.parts.map(\.predictions) == [[20, 20, 20], [20, 20]])
    let measures = fit.measures(of: 0)
    #expect(measures.meanAbsoluteError == 15 && abs(measures.nashSutcliffe) < 1e-6)
    #expect(abs(measures.rootMeanSquaredError - 250.0.squareRoot()) < 1e-5)
    #expect(fit.medians(of: 0).meanAbsoluteError == 15 && fit.medians(of: 0).klingGupta.isNaN)
    let other = try SeriesData([.init(id: "x", inputs: [1])], channels: ["v"])
    #expect(
      try #require(seriesError { _ = try preparation.fit(of: other, by: Self.zero(preparation)) }).kind == .columns)
  }

  @Test("outputs of 0 are the seasonal naive forecast, within the data and after its end")
  func forecasts() throws {
    let values: [Float] = [1, 5, 2, 6, 3, 7, 4, 8]
    let data = try SeriesData([.init(id: "x", inputs: values)], channels: ["v"])
    let forecast = SeriesForecast(history: 3, horizon: 2, season: 2)
    let preparation = try SeriesPreparation(learnedFrom: data, forecast: forecast)
    let model = Self.zero(preparation)
    let next = try preparation.predictions(of: data, by: model)
    #expect(next.places == [.init(id: "x", step: 9), .init(id: "x", step: 10)])
    #expect(zip(next.values, [4, 8]).allSatisfy { abs($0 - $1) < 1e-5 })

    let fit = try preparation.forecastFit(of: data, by: model, training: data)
    #expect(fit.windows.count == 4 && fit.windows[0].firstStep == 4 && fit.windows[0].truths == [[6, 3]])
    for window in fit.windows {
      #expect(zip(window.predictions[0], window.naive[0]).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    // Each value is 1 above the one a season before.
    #expect(abs(fit.measures(of: 0).meanAbsoluteScaledError - 1) < 1e-5)
    #expect(abs(fit.naiveMeasures(of: 0).meanAbsoluteError - 1) < 1e-5)
    // Targets are what the naive forecast lacks: 1, in deviations.
    let targets = try #require(try preparation.dataset(of: data).targets.numbers)
    let deviation = Float(preparation.channels[0].deviation)
    #expect(targets.allSatisfy { abs($0 * deviation - 1) < 1e-5 })
    // Stored and read again it is the same.
    let stored = try JSONDecoder().decode(SeriesPreparation.self, from: JSONEncoder().encode(preparation))
    #expect(stored == preparation)
  }

  @Test("errors are scaled by the same series of the training data; those of an unknown one by the mean of all")
  func scales() throws {
    // In training a season of one step errs by 1 in x and by 10 in y.
    let training = try SeriesData(
      [.init(id: "x", inputs: [1, 2, 3, 4, 5, 6]), .init(id: "y", inputs: [10, 20, 30, 40, 50, 60])], channels: ["v"])
    let preparation = try SeriesPreparation(
      learnedFrom: training, forecast: SeriesForecast(history: 2, horizon: 1, season: 1))
    // Here it errs by 2 everywhere.
    func scaled(_ names: [String]) throws -> Double {
      let data = try SeriesData(names.map { .init(id: $0, inputs: [1, 3, 5, 7]) }, channels: ["v"])
      let fit = try preparation.forecastFit(of: data, by: Self.zero(preparation), training: training)
      return fit.naiveMeasures(of: 0).meanAbsoluteScaledError
    }
    for (names, expected) in [(["x"], 2), (["y"], 0.2), (["x", "y"], 1.1), (["z"], 2 / 5.5)] {
      #expect(abs(try scaled(names) - expected) < 1e-6, "\(names)")
    }
  }

  @Test("scores of anomalies: the error of the forecast of each step, in deviations")
  func anomalies() throws {
    let values: [Float] = [1, 2, 1, 2, 1, 2, 9, 2, .nan, 2]
    let data = try SeriesData([.init(id: "x", inputs: values)], channels: ["v"])
    let preparation = try SeriesPreparation(
      learnedFrom: data, forecast: SeriesForecast(history: 4, horizon: 2, season: 2))
    let found = try preparation.anomalies(in: data, by: Self.zero(preparation))
    #expect(found.names == ["score", "expected v"] && found.places.count == 10)
    let scores = (0..<10).map { found[$0].first ?? 0 }
    #expect(scores.prefix(4).allSatisfy(\.isNaN) && scores[8].isNaN)
    #expect(abs(scores[6] * Float(preparation.channels[0].deviation) - 8) < 1e-4 && scores[5] < 1e-5)
    #expect(abs((found[6].last ?? 0) - 1) < 1e-5)
  }

  @Test("the season is that of the values, also with a trend; none is 1", arguments: [(12, 6), (7, 14), (1, 3)])
  func season(_ season: Int, _ horizon: Int) {
    let values = (0..<120).map {
      Float($0) * 0.1 + (season == 1 ? 0 : 5 * Float(sin(2 * .pi * Double($0) / Double(season))))
    }
    #expect(SeasonalNaive(fittedTo: [values], horizon: horizon).season == season)
  }

  @Test("weights by spread: a series with a tenth of the spread counts up to a hundred times as much")
  func spreadWeights() throws {
    let large: [Float] = [-1, 1, -1, 1]
    let data = try SeriesData(
      [
        .init(id: "large", inputs: large, targets: large),
        .init(id: "small", inputs: large, targets: large.map { $0 / 10 }),
        .init(id: "none", inputs: large, targets: [.nan, .nan, .nan, .nan]),
      ], channels: ["v"], targetKind: .stepValues, targetNames: ["flow"])
    let preparation = try SeriesPreparation(learnedFrom: data)
    let weights = preparation.spreadWeights(of: data)
    let s = 1 / preparation.targets[0].deviation
    #expect(abs(Double(weights[0]) - 1 / ((s + 0.1) * (s + 0.1))) < 1e-5)
    #expect(abs(Double(weights[1]) - 1 / ((s / 10 + 0.1) * (s / 10 + 0.1))) < 1e-4 && weights[2] == 0)
    #expect(try preparation.dataset(of: data, weighsBySpread: true).targets.weights == weights)
    #expect(try preparation.dataset(of: data).targets.weights == nil)
  }

  @Test("one series with targets at steps is divided by time, and cut into pieces that have one weight")
  func pieces() throws {
    let values = (0..<20).map(Float.init)
    let data = try SeriesData(
      [.init(id: "x", inputs: values, statics: [7], targets: values)], channels: ["v"], staticNames: ["area"],
      targetKind: .stepValues, targetNames: ["flow"])
    let split = try data.split(validationFraction: 0.2, seed: 0)
    #expect(split.description == "by time: the last 4 of 20 steps are for validation")
    #expect(split.training.sequences[0].targets == Array(values[..<16]))
    #expect(split.validation.sequences[0].inputs == Array(values[16...]))
    let pieces = split.training.pieces(of: 6)
    #expect(pieces.sequences.map(\.inputs) == [Array(values[..<6]), Array(values[6..<12]), Array(values[12..<16])])
    #expect(pieces.sequences.allSatisfy { $0.id == "x" && $0.statics == [7] })
    let preparation = try SeriesPreparation(learnedFrom: split.training)
    let weight = try #require(preparation.spreadWeights(of: split.training).first)
    #expect(preparation.spreadWeights(of: pieces) == [weight, weight, weight])
    let short = try SeriesData(
      [.init(id: "x", inputs: [1], targets: [1])], channels: ["v"], targetKind: .stepValues, targetNames: ["flow"])
    #expect(try #require(seriesError { _ = try short.split(seed: 0) }).kind == .size)
  }

  @Test("noise has the deviation that was asked for, on channels alone, and is the same for the same seed and epoch")
  func noise() throws {
    let data = try SequenceDataset(
      .floats(Array(repeating: 2, count: 3 * 4000), features: 3), targets: .classes([0], count: 2), stepCount: 4000,
      count: 1)
    let noise = InputNoise(deviation: 0.3, channelCount: 2, seed: 5)
    let values = noise(data, epoch: 1).wholeBatch.inputs.values
    #expect(values == noise(data, epoch: 1).wholeBatch.inputs.values)
    #expect(values != noise(data, epoch: 2).wholeBatch.inputs.values)
    let differences = values.indices.map { Double(values[$0]) - 2 }
    #expect(differences.indices.allSatisfy { $0 % 3 < 2 || differences[$0] == 0 }, "statics and marks stay")
    let noisy = differences.indices.filter { $0 % 3 < 2 }.map { differences[$0] }
    let mean = noisy.reduce(0, +) / Double(noisy.count)
    let deviation = (noisy.reduce(0) { $0 + $1 * $1 } / Double(noisy.count)).squareRoot()
    // 8,000 numbers: three standard errors of mean and deviation.
    #expect(abs(mean) < 0.01 && abs(deviation - 0.3) < 0.008, "\(mean), \(deviation)")
    #expect(
      InputNoise(deviation: 0, channelCount: 2, seed: 5)(data, epoch: 1).wholeBatch.inputs == data.wholeBatch.inputs)
  }
}
