import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Programs that read, prepare and learn time series, with public names alone.
@Suite struct SeriesProgramTests {
  /// Vowels of three speakers: two channels that swing at a speaker's pace, of 7 to 26 steps, some values missing.
  private static func vowels(_ count: Int, seed: UInt64) -> String {
    var generator = SplitMix64(seed: seed)
    var text = "@problemName Vowels\n@univariate false\n@equalLength false\n@classLabel true ann ben cid\n@data\n"
    for number in 0..<count {
      let (steps, phase) = (7 + generator.integer(below: 20), Double(generator.uniform()))
      func channel(_ shift: Double) -> String {
        (0..<steps).map { t in
          if generator.integer(below: 50) == 0 { return "?" }
          let value = 5 + sin(Double(t) * (0.3 + 0.4 * Double(number % 3)) + phase + shift)
          return "\(value + 0.1 * Double(generator.uniform()))"
        }.joined(separator: ",")
      }
      text += "\(channel(0)):\(channel(1.5)):\(["ann", "ben", "cid"][number % 3])\n"
    }
    return text
  }

  @Test("one class for each series: vowels of unequal lengths in a .ts file")
  func classification() throws {
    let folder = try TemporaryDirectory()
    try folder.write(Array(Self.vowels(150, seed: 1).utf8), to: "TRAIN.ts")
    try folder.write(Array(Self.vowels(60, seed: 2).utf8), to: "TEST.ts")

    let split = try SeriesFile.read(folder.path("TRAIN.ts")).split(seed: 0)
    let preparation = try SeriesPreparation(learnedFrom: split.training)
    let (training, validation) = (
      try preparation.dataset(of: split.training), try preparation.dataset(of: split.validation)
    )
    var model = SequenceModel(preparation.configuration(layers: .gru(16)), seed: 0)
    var optimizer = Adam(learningRate: 0.02)
    for epoch in 0..<25 {
      for batch in training.batches(of: 20, shuffledWith: 0, epoch: epoch) {
        try model.train(on: batch, with: &optimizer)
      }
    }
    #expect(try model.evaluate(on: validation).accuracy > 0.9)

    // In another program: weights and preparation from files.
    try model.save(to: folder.path("model.safetensors"))
    let json = try JSONEncoder().encode(preparation)
    let loaded = try SequenceModel(contentsOf: folder.path("model.safetensors"))
    let stored = try JSONDecoder().decode(SeriesPreparation.self, from: json)
    let test = try SeriesFile.read(folder.path("TEST.ts"))
    #expect(try stored.filling(of: test).count > 0)
    let confusion = try loaded.confusion(on: stored.dataset(of: test))
    #expect(confusion.balancedAccuracy > 0.9)
    let probabilities = try loaded.probabilities(for: stored.inputs(of: test).wholeBatch)
    #expect(probabilities.shape == [60, 3])
  }

  @Test("the next values of a long series, beside those of the seasonal naive forecast")
  func forecasting() throws {
    let rows = (0..<240).map {
      "\(1950 + $0 / 12)-\(1 + $0 % 12 < 10 ? "0" : "")\(1 + $0 % 12),\(Double($0) + 40 * sin(Double($0) * .pi / 6))"
    }
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array(("date,sales\n" + rows.joined(separator: "\n")).utf8), to: "sales.csv")

    let data = try SeriesFile.read(path)
    let forecast = SeriesForecast(history: 24, horizon: 6)
    let split = try data.split(validationFraction: 0.2, by: forecast)
    let preparation = try SeriesPreparation(learnedFrom: split.training, forecast: forecast)
    let training = try preparation.dataset(of: split.training)
    var model = SequenceModel(preparation.configuration(layers: .gru(16)), seed: 0)
    var optimizer = Adam(learningRate: 0.01)
    for epoch in 0..<60 {
      for batch in training.batches(of: 32, shuffledWith: 0, epoch: epoch) {
        try model.train(on: batch, with: &optimizer)
      }
    }
    let known = split.training.values(ofChannel: 0, in: split.training.sequences[0])
    let truth = Array(split.validation.sequences[0].inputs[24..<30])
    let outputs = try model.outputs(for: preparation.inputs(of: split.training).wholeBatch)
    let predictions = preparation.restored(outputs.outputs.values)
    let naive = SeasonalNaive(season: 12)
    let ours = naive.meanAbsoluteScaledError(predictions, truth, training: known)
    let theirs = naive.meanAbsoluteScaledError(naive.forecast(after: known, horizon: 6), truth, training: known)
    // The series rises by 12 a year, which is all that the naive forecast gets wrong.
    #expect(abs(theirs - 1) < 0.01)
    #expect(ours < theirs)
  }

  @Test(
    "the archive's own vowels",
    .enabled(if: ProcessInfo.processInfo.environment["SERIES_DIR"] != nil, "SERIES_DIR names the folder of the files"))
  func archive() throws {
    let folder = ProcessInfo.processInfo.environment["SERIES_DIR"] ?? ""
    let data = try SeriesFile.read("\(folder)/JapaneseVowels_TRAIN.ts")
    #expect(data.description == "270 sequences of 7 to 26 steps, 12 channels, 9 classes")
    #expect(data.classBalance.counts == Array(repeating: 30, count: 9) && data.notices.isEmpty)
    let test = try SeriesFile.read("\(folder)/JapaneseVowels_TEST.ts")
    #expect(test.description == "370 sequences of 7 to 29 steps, 12 channels, 9 classes")
    #expect(data.sequences[0].inputs.prefix(3) == [1.860936, -0.207383, 0.261557])
    let preparation = try SeriesPreparation(learnedFrom: data)
    #expect(try preparation.dataset(of: test).count == 370)
  }
}
