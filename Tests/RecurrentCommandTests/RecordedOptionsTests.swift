import ArgumentParser
import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentCommand

/// The options in `config.json`: the tests compare the tables of recorded options with what the parser itself lists, so
/// that no option that is added later can be forgotten.
@Suite struct RecordedOptionsTests {
  /// An option as the parser's own description has it.
  struct Described: Decodable {
    struct Name: Decodable {
      let name: String
    }

    let kind: String
    let names: [Name]?
    let allValues: [String]?

    /// Arguments to try: the first that the parser accepts and that changes something is the sample.
    var candidates: [[String]] {
      let names = (names ?? []).map { "--" + $0.name }
      if kind == "flag" { return names.flatMap { [[$0], ["--no-" + $0.dropFirst(2)]] } }
      let values = (allValues ?? []) + ["7", "0.25", "relu", "seed=1,2", "somewhere", "30s"]
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

  /// Options that others need.
  private static let companions = [
    [], ["--bidirectional"], ["--unit=word"], ["--from=model"], ["--forecast=3"], ["--target=flow"], ["--layer-norm"],
    ["--cell=lstm", "--layer-norm"],
    ["--cell=lstm"], ["--cell=elman"],
    ["--dropout=0.5"],
    ["--initializer=uniform"],
    ["--optimizer=sgd", "--momentum=0.5"], ["--schedule=step"], ["--schedule=cosine"],
  ]

  /// Checks a command; `needed` are arguments without which it parses nothing.
  private func check<Command: TrainingCommand>(_ type: Command.Type, needed: [String]) throws {
    let described = try Self.described(type)
    let names = try described.map { try #require($0.names?.first?.name) }
    #expect(names.count > 50)
    // No option is missing in the table, none is there twice, and none has a name that the parser does not know.
    let named = Command.recorded.filter { $0.syntax != .positional }.map(\.name)
    #expect(named.sorted() == names.filter { !RunOptions.unrecorded.contains($0) }.sorted())
    #expect(RunOptions.unrecorded.isSubset(of: names))
    let plain = Self.companions.map { companions in
      (companions, without: (try? type.parse(needed + companions)).map { RecordedOptions(of: $0) })
    }
    for option in described {
      let name = try #require(option.names?.first?.name)
      guard let found = Command.recorded.first(where: { $0.name == name }) else { continue }
      // What makes no sense for a task is refused.
      if type == TrainTask.self && TrainTask.refused.contains(name) { continue }
      // A language model reads in one direction.
      if type == TrainText.self && name == "merge" { continue }
      #expect((found.syntax == .flag) == (option.kind == "flag"), "--\(name)")
      // First those that the option's name speaks of: a command takes a hundredth of a second to parse its arguments.
      let likely = plain.filter { $0.0.contains { "--\(name)".hasPrefix($0.prefix { $0 != "=" }) } }
      let samples = (likely + plain).lazy.compactMap {
        (companions, without) -> (with: RecordedOptions, without: RecordedOptions)? in
        guard let without else { return nil }
        let with = option.candidates.lazy.compactMap { try? type.parse(needed + companions + $0) }
          .map { RecordedOptions(of: $0) }.first { $0 != without }
        return with.map { ($0, without) }
      }
      let (sample, standard) = try #require(samples.first, "--\(name): no candidate is accepted and recorded")
      var rest = sample
      rest[name] = standard[name]
      #expect(rest == standard, "--\(name) is recorded under its own name")
      #expect(sample[name] != nil)
      let repeated = try type.parse(sample.arguments(for: type))
      #expect(RecordedOptions(of: repeated) == sample, "--\(name) is repeated by --config")
    }
  }

  @Test("every option of every training command is recorded")
  func everyOptionIsRecorded() throws {
    let commands = Train.configuration.subcommands.compactMap { $0 as? any TrainingCommand.Type }
    #expect(commands.count == Train.configuration.subcommands.count && commands.count >= 3)
    let needed = ["text": ["book.txt"], "series": ["rivers.csv"], "task": ["parity"]]
    for command in commands { try check(command, needed: needed[command._commandName] ?? []) }
  }

  @Test func whatIsNotRecorded() {
    // A run with other values of these has the same result.
    #expect(RunOptions.unrecorded == ["run-dir", "threads", "config", "sweep", "checkpoint-every"])
  }

  /// Options of every type that can be recorded.
  private struct Sample: RecordableArguments {
    enum Color: String, ExpressibleByArgument, RecordableValue { case red, green }

    @Flag(inversion: .prefixedNo) var flag = true
    @Flag(inversion: .prefixedNo) var maybe: Bool?
    @Option(parsing: .unconditional) var count = -3
    @Option var size: UInt64?
    @Option(parsing: .unconditional) var rate: Float = 0.1
    @Option var name: String?
    @Option var color = Color.red
    @Option(transform: OptionValue.activation) var function: Activation?
    @Option(parsing: .unconditionalSingleValue) var values: [Int] = []
    @Argument var files: [String] = []

    static var recorded: [RecordedOption<Self>] {
      [
        .init("flag", \.flag), .init("maybe", \.maybe), .init("count", \.count), .init("size", \.size),
        .init("rate", \.rate), .init("name", \.name), .init("color", \.color), .init("function", \.function),
        .init("values", \.values), .positional("files", \.files),
      ]
    }
  }

  @Test("values of every type survive JSON and the command line")
  func everyType() throws {
    let plain = try Sample.parse([])
    #expect(try plain.given == [])
    #expect(RecordedOptions(of: plain).names == ["color", "count", "flag", "rate", "values"])
    let arguments = [
      "--no-flag", "--no-maybe", "--count=-7", "--size=18446744073709551615", "--rate=-1e-05", "--name=a=b c",
      "--color=green", "--function=elu(0.5)", "--values=5", "--values=-6", "a.txt", "b c",
    ]
    let sample = try Sample.parse(arguments)
    #expect(try sample.given == Sample.recorded.map(\.name), "each differs from its default")
    let text = try JSONEncoder().encode(RecordedOptions(of: sample))
    let read = try JSONDecoder().decode(RecordedOptions.self, from: text)
    #expect(read.arguments(for: Sample.self) == arguments, "in the order of the table")
    #expect(read["size"] == .whole(.max) && read["rate"] == .number(-1e-5) && read["maybe"] == .flag(false))
    #expect(read["values"] == .list([.whole(5), .number(-6)]))
  }

  @Test func numbersKeepTheirDigits() throws {
    let command = try TrainDigits.parse(["--learning-rate", "0.003", "--seed", "18446744073709551615", "--no-shuffle"])
    let options = RecordedOptions(of: command)
    #expect(options["learning-rate"] == .number(0.003), "not the nearest double to the float")
    #expect(options["seed"] == .whole(.max) && options["shuffle"] == .flag(false) && options["from"] == nil)
    let copy = try JSONDecoder().decode(RecordedOptions.self, from: JSONEncoder().encode(options))
    #expect(copy == options)
    #expect(RecordedValue.number(-3).text == "-3" && RecordedValue.number(1e-5).text == "1e-05")
  }
}
