import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// What turns series into a network's inputs and targets.
@Suite struct SeriesPreparationTests {
  /// Two series, the second with a missing value at its start and one later.
  static func labelled() throws -> SeriesData {
    try SeriesData(
      [
        Series(id: "a", inputs: [1, 10, 3, 10], statics: [2], labels: [0]),
        Series(id: "b", inputs: [.nan, 10, 5, .nan, .nan, 10], statics: [4], labels: [1]),
      ], channels: ["x", "y"], staticNames: ["area"], targetKind: .label, labelNames: ["rest", "walk"])
  }

  private func values(_ dataset: SequenceDataset) -> [Float] { dataset.wholeBatch.inputs.values }

  @Test("channels are normalized over what is there; constant ones become 0; static inputs are repeated at each step")
  func normalization() throws {
    let data = try Self.labelled()
    let preparation = try SeriesPreparation(learnedFrom: data, marksMissing: false)
    // x: 1, 3, 5 with mean 3 and variance 8/3; y is always 10.
    let deviation = (8.0 / 3).squareRoot()
    #expect(
      preparation.channels == [
        SeriesScaling(name: "x", mean: 3, deviation: deviation), SeriesScaling(name: "y", mean: 10, deviation: 1),
      ])
    #expect(preparation.statics == [SeriesScaling(name: "area", mean: 3, deviation: 1)])
    let dataset = try preparation.dataset(of: data)
    #expect(dataset.inputSize == 3 && dataset.stepCount == 3 && dataset.wholeBatch.lengths == [2, 3])
    let z = Float(2 / deviation)
    #expect(values(dataset) == [-z, 0, -1, 0, 0, -1, 0, 0, 0, /* b */ 0, 0, 1, z, 0, 1, z, 0, 1])
    #expect(dataset.labels == [0, 1] && dataset.classCount == 2)
  }

  @Test("missing inputs: the last value, the mean before the first, and channels that say so")
  func filling() throws {
    let data = try Self.labelled()
    let preparation = try SeriesPreparation(learnedFrom: data)
    #expect(preparation.marksMissing, "by default if the training data lacks any")
    let rows = values(try preparation.dataset(of: data))
    let z = Float(2 / (8.0 / 3).squareRoot())
    #expect(Array(rows[15...]) == [0, 0, 1, 0, 1, z, 0, 0, 1, 1, z, 0, 1, 0, 1])
    let filling = try preparation.filling(of: data)
    #expect(filling.carried == [1, 1] && filling.means == [1, 0] && filling.count == 3)
    #expect(
      filling.description
        == "missing inputs filled: x: 1 with the last value, 1 with the mean; y: 1 with the last value")

    let means = try SeriesPreparation(learnedFrom: data, missingInputs: .mean, marksMissing: false)
    #expect(Array(values(try means.dataset(of: data))[9...]) == [0, 0, 1, z, 0, 1, 0, 0, 1])
    #expect(try means.filling(of: data).means == [2, 1])
    let error = try #require(seriesError { _ = try SeriesPreparation(learnedFrom: data, missingInputs: .refused) })
    #expect(error.kind == .values && error.found == "missing inputs of 'x': 2, 'y': 1")
  }

  @Test("the policy of training is that of all data: missing inputs that training did not have are filled and counted")
  func policyElsewhere() throws {
    let training = try SeriesData(
      [Series(id: "a", inputs: [1, 3], labels: [0]), Series(id: "b", inputs: [1, 3], labels: [1])], channels: ["x"],
      targetKind: .label, labelNames: ["0", "1"])
    let preparation = try SeriesPreparation(learnedFrom: training)
    #expect(!preparation.marksMissing && preparation.inputSize == 1)
    let test = try SeriesData([Series(id: "t", inputs: [.nan, 5, .nan])], channels: ["x"])
    #expect(values(try preparation.inputs(of: test)) == [0, 3, 3])
    #expect(try preparation.filling(of: test).count == 2)
    #expect(try preparation.filling(of: training).description == "no input is missing")
    let refusing = try SeriesPreparation(learnedFrom: training, missingInputs: .refused)
    #expect(try #require(seriesError { _ = try refusing.inputs(of: test) }).kind == .values)
  }

  @Test("a static input that two of 800 places lack is found before training, and the places are named")
  func staticInputs() throws {
    let places = (0..<800).map { "p\($0),1,\($0 == 17 || $0 == 399 ? "" : "5"),\($0 % 2)\n" }.joined()
    let data = try series("id,x,area,class\n" + places, "x.csv", as: .long, SeriesColumns(statics: ["area"]))
    let error = try #require(seriesError { _ = try SeriesPreparation(learnedFrom: data) })
    #expect(error.kind == .statics && error.line == 19)
    #expect(error.found == "no static input 'area' for 2 sequences: 'p17 (line 19)', 'p399 (line 401)'")
    let whole = data.sequences.filter { !$0.statics[0].isNaN }
    let preparation = try SeriesPreparation(
      learnedFrom: SeriesData(
        whole, channels: ["x"], staticNames: ["area"], targetKind: .label, labelNames: ["0", "1"]))
    #expect(try #require(seriesError { _ = try preparation.dataset(of: data) }).kind == .statics, "in any data")
  }

  @Test("one class only; a class that training lacks; a series without a class")
  func classes() throws {
    let head = "@classLabel true\n@data\n"
    let one = try series(head + "1:a\n2:a\n", "x.ts")
    #expect(try #require(seriesError { _ = try SeriesPreparation(learnedFrom: one) }).found == "one class only, 'a'")
    let training = try series(head + "1:c\n2:a\n", "x.ts")
    let preparation = try SeriesPreparation(learnedFrom: training)
    let test = try series(head + "1:b\n2:a\n3:c\n", "x.ts")
    let error = try #require(seriesError { _ = try preparation.dataset(of: test) })
    #expect(error.kind == .label && error.line == 3)
    #expect(error.found == "classes that the training data lacks, 'b', in '1 (line 3)'")
    let lacking = try series(head + "1:c\n2:?\n", "x.ts")
    #expect(try #require(seriesError { _ = try preparation.dataset(of: lacking) }).line == 4)
    #expect(try preparation.inputs(of: lacking).count == 2, "nothing to learn, and something to predict")
    // Classes keep their positions from training, whatever a file holds.
    #expect(try preparation.dataset(of: series(head + "1:c\n", "x.ts")).labels == [1])
  }

  @Test("other channels are refused, the same ones in another order are not")
  func channels() throws {
    let columns = SeriesColumns(target: .stepValues(["flow"]))
    let training = try series("id,rain,heat,flow\na,1,10,5\na,3,10,7\n", "x.csv", columns)
    let preparation = try SeriesPreparation(learnedFrom: training)
    let swapped = try series("id,heat,rain,flow\na,10,1,5\na,10,3,7\n", "x.csv", columns)
    #expect(try values(preparation.dataset(of: swapped)) == values(preparation.dataset(of: training)))
    for text in ["id,rain,flow\na,1,5\n", "id,rain,heat,wind,flow\na,1,2,3,5\n", "id,rain,cold,flow\na,1,2,5\n"] {
      let data = try series(text, "x.csv", columns)
      let error = try #require(seriesError { _ = try preparation.dataset(of: data) })
      #expect(error.kind == .channels && error.expected.contains("'rain', 'heat'"))
    }
    let other = try series("id,rain,heat,level\na,1,10,5\n", "x.csv", SeriesColumns(target: .stepValues(["level"])))
    #expect(try #require(seriesError { _ = try preparation.dataset(of: other) }).kind == .columns)
  }

  @Test("static inputs are found by their names, too")
  func staticOrder() throws {
    let columns = SeriesColumns(statics: ["area", "height"])
    let training = try series("id,x,area,height,class\na,1,2,30,u\nb,2,4,10,v\n", "x.csv", as: .long, columns)
    let preparation = try SeriesPreparation(learnedFrom: training)
    let swapped = try series(
      "id,x,height,area,class\na,1,30,2,u\nb,2,10,4,v\n", "x.csv", as: .long,
      SeriesColumns(statics: ["height", "area"]))
    #expect(try values(preparation.dataset(of: swapped)) == values(preparation.dataset(of: training)))
    #expect(try values(preparation.dataset(of: training)) == [-1, -1, 1, 1, 1, -1])
  }

  @Test("values of steps: normalized, restored, missing ones left out on their own")
  func stepValues() throws {
    let columns = SeriesColumns(target: .stepValues(["flow", "level"]))
    let data = try series("id,x,flow,level\na,1,10,\na,2,14,5\nb,3,,5\n", "x.csv", columns)
    let preparation = try SeriesPreparation(learnedFrom: data)
    #expect(preparation.task == .stepRegression && preparation.targets.map(\.mean) == [12, 5])
    #expect(preparation.targets.map(\.deviation) == [2, 1])
    let dataset = try preparation.dataset(of: data)
    #expect(dataset.targets.isEveryStep && dataset.targets.size == 2)
    let model = SequenceModel(preparation.configuration(layers: .gru(3)), seed: 0)
    // Of six values in three steps, two are missing.
    #expect(try model.evaluate(on: dataset).count == 4)
    #expect(preparation.restored([-1, 0, 1, 2]) == [10, 5, 14, 7])
  }

  @Test("classes of steps: a missing one is left out on its own")
  func stepLabels() throws {
    let data = try series(
      "id,x,state\na,1,on\na,2,\nb,3,off\nb,3,on\nb,3,on\n", "x.csv", SeriesColumns(target: .stepLabel("state")))
    let preparation = try SeriesPreparation(learnedFrom: data)
    let model = SequenceModel(preparation.configuration(layers: .gru(3)), seed: 0)
    let predictions = try model.predictions(on: preparation.dataset(of: data))
    #expect(predictions.labels == [1, 0, 1, 1] && data.classBalance.counts == [1, 3])
  }

  @Test("values of whole series, one of them missing")
  func wholeValues() throws {
    let data = try series("@targetLabel true\n@data\n1,2:10\n1:?\n3:14\n", "x.ts")
    let preparation = try SeriesPreparation(learnedFrom: data)
    let model = SequenceModel(preparation.configuration(layers: .gru(3)), seed: 0)
    #expect(try model.evaluate(on: preparation.dataset(of: data)).count == 2)
  }

  @Test("a forecast: windows in the order of time, their targets after them")
  func forecast() throws {
    let data = try SeriesData(
      [
        Series(id: "a", inputs: [1, 10, 2, 20, 3, 30, 4, 40, 5, 50]),
        Series(id: "b", inputs: [6, 60, 7, 70, 8, 80, 9, .nan]),
      ], channels: ["x", "y"])
    let forecast = SeriesForecast(history: 2, horizon: 2, channels: ["y"])
    let preparation = try SeriesPreparation(learnedFrom: data, forecast: forecast, marksMissing: false)
    #expect(preparation.targets.map(\.name) == ["y"])
    let dataset = try preparation.dataset(of: data)
    #expect(dataset.count == 3 && dataset.stepCount == 2)
    let x = preparation.channels[0]
    let firsts = dataset.wholeBatch.inputs.values.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    #expect(firsts == [1, 2, 2, 3, 6, 7].map { x.normalized($0) })
    let y = preparation.channels[1]
    let expected = SequenceTargets.values(
      [30, 40, 40, 50, 80].map { y.normalized($0) } + [.nan], size: 2)
    #expect("\(dataset.targets)" == "\(expected)", "NaN included")
    let configuration = preparation.configuration(layers: .gru(3))
    #expect(configuration.output == .values(2) && configuration.readout == .last)
    // After the end of each series, its last two steps are read.
    let next = try preparation.inputs(of: data).wholeBatch.inputs.values
    #expect(next[0] == x.normalized(4) && next[2] == x.normalized(5) && next[4] == x.normalized(8))
    let restored = preparation.restored([y.normalized(30), y.normalized(40)])
    #expect(abs(restored[0] - 30) < 1e-5 && abs(restored[1] - 40) < 1e-5)

    let wider = SeriesForecast(history: 1, horizon: 1, stride: 3)
    #expect(try SeriesPreparation(learnedFrom: data, forecast: wider).dataset(of: data).count == 3)
    let long = SeriesForecast(history: 3, horizon: 2)
    let error = try #require(
      seriesError { _ = try SeriesPreparation(learnedFrom: data, forecast: long).dataset(of: data) })
    #expect(error.kind == .size && error.found == "4 steps in 'b'")
    let none = SeriesForecast(history: 1, horizon: 1, channels: ["z"])
    #expect(
      try #require(seriesError { _ = try SeriesPreparation(learnedFrom: data, forecast: none) }).kind == .channels)
  }

  @Test("nothing to predict; a channel without any value; padding beyond all memory")
  func refusals() throws {
    let plain = try SeriesData([Series(id: "a", inputs: [1, .nan])], channels: ["x", "y"])
    #expect(try #require(seriesError { _ = try SeriesPreparation(learnedFrom: plain) }).kind == .columns)
    let forecast = SeriesForecast(history: 1, horizon: 1)
    let error = try #require(seriesError { _ = try SeriesPreparation(learnedFrom: plain, forecast: forecast) })
    #expect(error.kind == .values && error.found == "no value of channel 'y'")
    // One long series pads many short ones.
    let short = (0..<40_000).map { Series(id: "\($0)", inputs: [Float($0)], labels: [Int32($0 % 2)]) }
    let uneven = try SeriesData(
      short + [Series(id: "long", inputs: Array(repeating: 0, count: 40_000), labels: [0])], channels: ["x"],
      targetKind: .label, labelNames: ["0", "1"])
    let preparation = try SeriesPreparation(learnedFrom: uneven)
    #expect(try #require(seriesError { _ = try preparation.dataset(of: uneven) }).kind == .size)
  }

  @Test("a preparation is written down and read again; one that does not fit together is refused")
  func coding() throws {
    let forecast = SeriesForecast(history: 2, horizon: 1, channels: ["x"])
    for preparation in [
      try SeriesPreparation(learnedFrom: Self.labelled()),
      try SeriesPreparation(learnedFrom: Self.labelled(), forecast: forecast, missingInputs: .mean),
    ] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let json = try encoder.encode(preparation)
      #expect(try JSONDecoder().decode(SeriesPreparation.self, from: json) == preparation)
      let text = String(decoding: json, as: UTF8.self)
      for (old, new) in [
        ("\"deviation\":1,", "\"deviation\":0,"), ("\"classes\":[\"rest\",\"walk\"]", "\"classes\":[]"),
        ("\"history\":2", "\"history\":0"), ("\"history\":2", "\"history\":9223372036854775807"),
        ("\"targets\":[{", "\"targets\":[{\"deviation\":2,\"mean\":0,\"name\":\"z\"},{"),
      ] where text.contains(old) {
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(throws: DecodingError.self, "\(new)") {
          try JSONDecoder().decode(SeriesPreparation.self, from: Data(changed.utf8))
        }
      }
    }
  }
}

/// Series from memory, and their splits.
@Suite struct SeriesSplitTests {
  private static func data(_ counts: [Int]) throws -> SeriesData {
    let labels = counts.enumerated().flatMap { Array(repeating: Int32($0), count: $1) }
    return try SeriesData(
      labels.enumerated().map { Series(id: "\($0)", inputs: [Float($0)], labels: [$1]) }, channels: ["x"],
      targetKind: .label, labelNames: counts.indices.map { "c\($0)" })
  }

  @Test(
    "class by class, in proportion, with at least one of each to learn from",
    arguments: [
      ([30, 30, 30], [6, 6, 6]), ([50, 5, 1], [10, 1, 0]), ([4, 3], [1, 0]), ([2, 2], [1, 0]), ([7, 5], [1, 1]),
    ])
  func stratified(counts: [Int], validation: [Int]) throws {
    let data = try Self.data(counts)
    let split = try data.split(validationFraction: 0.2, seed: 3)
    #expect(split.validation.classBalance.counts == validation)
    #expect(split.training.classBalance.counts == zip(counts, validation).map { $0 - $1 })
    let ids = (split.training.sequences + split.validation.sequences).map(\.id)
    #expect(ids.sorted() == data.sequences.map(\.id).sorted(), "each once")
    #expect(try data.split(validationFraction: 0.2, seed: 3) == split, "the same seed, the same series")
    let total = counts.reduce(0, +)
    let count = validation.reduce(0, +)
    #expect(
      split.description == "\(count) of \(total) sequences are for validation, chosen class by class with seed 3")
  }

  @Test("another seed chooses others; one series of each class cannot be split")
  func seeds() throws {
    let data = try Self.data([40, 40])
    #expect(try data.split(seed: 0) != data.split(seed: 1))
    #expect(try #require(seriesError { _ = try Self.data([1, 1]).split(seed: 0) }).kind == .size)
  }

  @Test("without classes, by chance")
  func plain() throws {
    let data = try SeriesData((0..<10).map { Series(id: "\($0)", inputs: [1]) }, channels: ["x"])
    let split = try data.split(validationFraction: 0.3, seed: 0)
    #expect(split.validation.sequences.count == 3)
    #expect(split.description == "3 of 10 sequences are for validation, chosen by chance with seed 0")
  }

  @Test("by time: validation reads the steps before the cut, and predicts those after it only")
  func byTime() throws {
    let data = try SeriesData(
      [Series(id: "a", inputs: (0..<20).map { Float($0) }, targets: (0..<20).map { Float($0) })], channels: ["x"],
      targetKind: .stepValues, targetNames: ["y"])
    let forecast = SeriesForecast(history: 3, horizon: 2)
    let split = try data.split(validationFraction: 0.25, by: forecast)
    #expect(split.training.sequences[0].inputs == (0..<15).map { Float($0) })
    #expect(split.validation.sequences[0].inputs == (12..<20).map { Float($0) })
    #expect(split.validation.sequences[0].targets == (12..<20).map { Float($0) })
    #expect(split.description == "by time: the last 5 of 20 steps are for validation")
    let preparation = try SeriesPreparation(learnedFrom: split.training, forecast: forecast)
    #expect(preparation.channels[0].mean == 7, "of training alone")
    #expect(try preparation.dataset(of: split.validation).count == 4)
    let error = try #require(
      seriesError { _ = try data.split(by: SeriesForecast(history: 12, horizon: 5)) })
    #expect(error.kind == .size)
  }

  @Test("series from memory that do not fit their names are refused")
  func misfits() throws {
    let good = Series(id: "a", inputs: [1, 2], labels: [0])
    let kinds: [(Series, SeriesError.Kind)] = [
      (Series(id: "a", inputs: [], labels: [0]), .empty), (Series(id: "a", inputs: [1, 2, 3], labels: [0]), .ragged),
      (Series(id: "a", inputs: [1, 2], statics: [1], labels: [0]), .statics),
      (Series(id: "a", inputs: [1, 2]), .label), (Series(id: "a", inputs: [1, 2], labels: [2]), .label),
      (Series(id: "a", inputs: [1, 2], labels: [0], targets: [1]), .ragged),
    ]
    for (series, kind) in kinds {
      let error = try #require(
        seriesError {
          _ = try SeriesData([good, series], channels: ["x", "y"], targetKind: .label, labelNames: ["0", "1"])
        })
      #expect(error.kind == kind, "\(error)")
    }
    #expect(try #require(seriesError { _ = try SeriesData([], channels: ["x"]) }).kind == .empty)
  }
}
