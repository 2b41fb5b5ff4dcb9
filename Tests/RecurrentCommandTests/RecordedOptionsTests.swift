import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import RecurrentCommand

/// What `config.json` says of a run, for every option there is: the tests go by the help, so that an option that is
/// added later cannot be forgotten.
@Suite struct RecordedOptionsTests {
  /// An option as the parser's own description has it.
  struct Described: Decodable {
    struct Name: Decodable {
      let name: String
    }

    let kind: String
    let names: [Name]?
    let allValues: [String]?

    /// What the option may be called with: the first that is taken and changes something is a sample.
    var candidates: [[String]] {
      let names = (names ?? []).map { "--" + $0.name }
      if kind == "flag" { return names.flatMap { [[$0], ["--no-" + $0.dropFirst(2)]] } }
      let values = (allValues ?? []) + ["7", "0.25", "relu", "seed=1,2", "somewhere"]
      return values.map { ["\(names[0])=\($0)"] }
    }
  }

  /// A command as the parser describes it.
  private struct Description: Decodable {
    struct Command: Decodable {
      let arguments: [Described]?
    }

    let command: Command
  }

  private static func described<Command: TrainingCommand>(_ type: Command.Type) throws -> [Described] {
    let text = Data(type._dumpHelp().utf8)
    let all = try JSONDecoder().decode(Description.self, from: text).command.arguments ?? []
    // The opposite of a flag is described as if it were another.
    let names = all.compactMap { $0.names?.first?.name }
    let others = ["help", "version", "h"] + names.map { "no-" + $0 }
    return all.filter { option in option.names?.first.map { !others.contains($0.name) } ?? false }
  }

  /// Options that others make sense beside.
  private static let companions = [
    [], ["--bidirectional"], ["--layer-norm"], ["--cell=elman"], ["--dropout=0.5"], ["--initializer=uniform"],
    ["--optimizer=sgd", "--momentum=0.5"], ["--schedule=step"], ["--schedule=cosine"],
  ]

  private func check<Command: TrainingCommand>(_ type: Command.Type, tryingAll: Bool = false) throws {
    let standard = try type.parse([])
    let known = CommandOption.all(of: standard)
    let described = try Self.described(type)
    #expect(described.count == known.count && described.count > 15)
    for option in described {
      let name = try #require(option.names?.first?.name)
      let found = try #require(known.first { $0.name == name }, "--\(name): its property has another name")
      #expect(found.isFlag == (option.kind == "flag"))
      if RecordedOptions.unrecorded.contains(name) || !tryingAll { continue }
      let samples = Self.companions.lazy.compactMap {
        companions -> (with: RecordedOptions, without: RecordedOptions)? in
        guard let plain = try? type.parse(companions) else { return nil }
        let without = RecordedOptions(of: plain)
        let with = option.candidates.lazy.compactMap { try? type.parse(companions + $0) }
          .map { RecordedOptions(of: $0) }.first { $0 != without }
        return with.map { ($0, without) }
      }
      let (sample, standard) = try #require(samples.first, "--\(name): no candidate is taken and recorded")
      var rest = sample
      rest[name] = standard[name]
      #expect(rest == standard, "--\(name) is recorded under its own name")
      #expect(sample[name] != nil)
      let repeated = try type.parse(try sample.arguments(for: type))
      #expect(RecordedOptions(of: repeated) == sample, "--\(name) is repeated by --config")
    }
  }

  @Test func everyOptionIsRecorded() throws {
    try check(TrainMNIST.self, tryingAll: true)
    try check(TrainBest.self)
    try check(TrainDigits.self)
  }

  @Test func whatIsNotRecorded() {
    // Where and how, not what: a run with other ones has the same result.
    #expect(RecordedOptions.unrecorded == ["run-dir", "threads", "config", "sweep"])
  }

  @Test func numbersKeepTheirDigits() throws {
    let command = try TrainDigits.parse(["--learning-rate", "0.003", "--seed", "18446744073709551615", "--no-shuffle"])
    let options = RecordedOptions(of: command)
    #expect(options["learning-rate"] == .number(0.003), "not the double that is nearest to the float")
    #expect(options["seed"] == .whole(.max) && options["shuffle"] == .flag(false) && options["from"] == nil)
    let copy = try JSONDecoder().decode(RecordedOptions.self, from: JSONEncoder().encode(options))
    #expect(copy == options)
    #expect(RecordedValue.number(-3).text == "-3" && RecordedValue.number(1e-5).text == "1e-05")
  }
}
