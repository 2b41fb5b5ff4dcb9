import Foundation
import Recurrent
import TestSupport

@testable import RecurrentCommand

/// The folder of a run that was never done: its configuration and its metrics are made up.
struct RecordedRun {
  var task = "mnist"
  var data = RunConfiguration.Data(
    name: "MNIST", source: "/home/somebody/mnist", trainingCount: 100, validationCount: 20, testCount: 50)
  var network: SequenceModel.Configuration? = .init(input: .features(2), layers: .gru(3), output: .classes(4))
  /// The options by their names, in JSON.
  var options = "{\"seed\": 1}"
  var metrics: [String] = []

  /// Writes the folder, and returns its path.
  @discardableResult
  func write(to folder: TemporaryDirectory, _ name: String) throws -> String {
    let configuration = RunConfiguration(
      version: "0.1", task: task, data: data, network: network, parameterCount: 1234,
      options: try JSONDecoder().decode(RecordedOptions.self, from: Data(options.utf8)), threads: 2,
      instructionSet: "portable")
    try folder.write(Array(try configuration.json.utf8), to: name + "/config.json")
    try folder.write(Array(metrics.map { $0 + "\n" }.joined().utf8), to: name + "/metrics.jsonl")
    return folder.path(name)
  }

  /// A run of two epochs of classification.
  static let classification = RecordedRun(metrics: [
    #"{"event":"step","epoch":0,"step":0,"loss":1.5,"accuracy":0.25,"milliseconds":1}"#,
    #"{"event":"step","epoch":0,"step":5,"loss":1.25,"accuracy":0.5,"milliseconds":1}"#,
    #"{"event":"epoch","epoch":0,"steps":8,"loss":1,"accuracy":0.5,"correct":10,"count":20,"milliseconds":1500}"#,
    #"{"event":"step","epoch":1,"step":0,"loss":0.75,"accuracy":0.75,"milliseconds":1}"#,
    #"{"event":"validation","epoch":1,"steps":12,"loss":0.5,"accuracy":0.75,"correct":15,"count":20}"#,
    #"{"event":"epoch","epoch":1,"steps":16,"loss":0.25,"accuracy":0.8,"correct":16,"count":20,"milliseconds":500}"#,
    #"{"event":"test","loss":0.375,"accuracy":0.9,"correct":45,"count":50,"milliseconds":3}"#,
  ])

  /// A run on a text, with samples.
  static let text = RecordedRun(
    task: "text",
    data: .init(
      name: "play.txt", source: "/home/somebody/play.txt", trainingCount: 900, validationCount: 100, testCount: 100),
    network: .init(input: .tokens(65), layers: .gru(8), readout: .everyStep, output: .classes(65)),
    options: #"{"seed": 1, "text": "/home/somebody/play.txt", "window": 64}"#,
    metrics: [
      #"{"event":"step","epoch":0,"step":0,"loss":4.25,"accuracy":0.125,"milliseconds":1}"#,
      #"{"event":"validation","epoch":0,"steps":100,"loss":2,"accuracy":0.25,"correct":25,"count":100}"#,
      #"{"event":"sample","steps":100,"text":"ROMEO:\n\tO <b>"}"#,
      #"{"event":"validation","epoch":0,"steps":200,"loss":1.5,"accuracy":0.5,"correct":50,"count":100,"perplexity":4.5}"#,
      #"{"event":"sample","steps":200,"text":"JULIET:\nAy me!"}"#,
      #"{"event":"test","loss":1.5,"accuracy":0.5,"correct":50,"count":100,"bitsPerCharacter":2.164,"perplexity":4.5}"#,
    ])

  /// A run that predicts values.
  static let regression = RecordedRun(
    task: "series",
    data: .init(name: "river", source: "river.csv", trainingCount: 10, validationCount: 2, testCount: 3),
    network: .init(input: .features(5), layers: .lstm(4), readout: .everyStep, output: .values(1)),
    metrics: [
      #"{"event":"epoch","epoch":0,"steps":9,"loss":0.5,"accuracy":0,"correct":0,"count":20,"milliseconds":10}"#,
      #"{"event":"test","loss":0.625,"accuracy":0,"correct":0,"count":30,"mase":0.875,"nse":0.75}"#,
    ])

  /// A run on a task that generates its data.
  static let task = RecordedRun(
    task: "task",
    data: .init(
      name: "parity", source: "drawn by the program, seed 1", trainingCount: 1, validationCount: 1, testCount: 1),
    metrics: [
      #"{"event":"epoch","epoch":0,"steps":9,"loss":0.5,"accuracy":1,"correct":20,"count":20,"milliseconds":10}"#,
      #"{"event":"test","loss":0.5,"accuracy":1,"correct":20,"count":20}"#,
      #"{"event":"lengths","accuracies":[{"length":40,"accuracy":1,"count":512},{"length":2048,"accuracy":0.5,"count":64}]}"#,
    ])
}
