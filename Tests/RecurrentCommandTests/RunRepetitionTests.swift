import Foundation
import Recurrent
import TestSupport
import Testing

/// `--config`: a run is repeated from what it has written down.
@Suite struct RunRepetitionTests {
  /// A run with hardly an option as it is by default.
  private static let unusual = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--cell", "elman", "--hidden-size", "9", "--layers", "2",
    "--initializer", "keras", "--epochs", "2", "--batch-size", "70", "--learning-rate", "0.003", "--optimizer", "sgd",
    "--seed", "18446744073709551615", "--train-count", "200", "--max-steps", "3", "--no-shuffle", "--drop-last",
    "--log-every", "2", "--run-dir", "first",
  ]

  @Test(arguments: [
    (["train", "mnist", "--config", "first/config.json"], "a file"),
    (["train", "mnist", "--config=first"], "the folder of a run"),
    (["train", "--config", "first/"], "plain train does what the run did"),
    (["train", "--threads", "1", "--config", "first"], "on fewer threads"),
  ])
  func sameBits(_ arguments: [String], _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.unusual).expectSuccess()
    try tool.run(arguments + ["--run-dir", "second"]).expectSuccess()
    let (first, second) = (RunFiles(tool, "first"), RunFiles(tool, "second"))
    #expect(first.model != nil && first.model == second.model, "byte for byte")
    #expect(first.metricsWithoutTimes == second.metricsWithoutTimes && first.count("step") == 2)
    let options = try [first, second].map { try #require(try $0.configuration()["options"] as? NSDictionary) }
    #expect(options[0] == options[1])
  }

  @Test func pixelsAndTheSameImages() throws {
    // The images are those of the run, though another folder has the first word today.
    let tool = try Tool(environment: ["MNIST_DIR": "other"])
    try ImageFiles.write(to: tool.folder)
    try FileManager.default.copyItem(atPath: tool.folder.path("images"), toPath: tool.folder.path("other"))
    try tool.run(
      "train", "mnist", "--permute", "5", "--layers", "1", "--max-steps", "1", "--run-dir", "a"
    ).expectSuccess()
    let elsewhere = try Tool(environment: ["MNIST_DIR": tool.folder.path("nowhere")])
    let source = tool.folder.path("other")
    let file = tool.folder.path("a/config.json")
    var text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    text.replace("\"source\" : \"other\"", with: "\"source\" : \"\(source)\"")
    try elsewhere.folder.write(Array(text.utf8), to: "config.json")
    try elsewhere.run("train", "--config", "config.json", "--run-dir", "b").expectSuccess()
    #expect(RunFiles(tool, "a").model != nil && RunFiles(tool, "a").model == RunFiles(elsewhere, "b").model)
  }

  @Test func whatIsTypedWins() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.unusual).expectSuccess()
    let typed = ["--cell=lstm", "--hidden-size", "7", "--shuffle", "--no-drop-last", "--seed", "3", "--max-steps", "2"]
    try tool.run(["train", "--config", "first", "--run-dir", "second"] + typed).expectSuccess()
    // Equal options may be said twice, but a flag and its opposite may not, so that they come from one place.
    let rest = zip(Self.unusual, Self.unusual.dropFirst()).filter { $0.0 != "--drop-last" && $0.0 != "--no-shuffle" }
    let whole = rest.map(\.0) + ["third"]
    try tool.run(whole + typed).expectSuccess()
    let (second, third) = (RunFiles(tool, "second"), RunFiles(tool, "third"))
    #expect(second.model == third.model && second.model != RunFiles(tool, "first").model)
    let options = try #require(try second.configuration()["options"] as? [String: Any])
    #expect(options["cell"] as? String == "lstm" && options["seed"] as? Int == 3)
    #expect(options["shuffle"] as? Bool == true && options["drop-last"] as? Bool == false)
    #expect(options["batch-size"] as? Int == 70, "from the file")

    // A model to start from takes the place of all that describes a fresh one.
    try Models.small().save(to: tool.folder.path("m"))
    try tool.run("train", "--config", "first", "--from", "m", "--run-dir", "fourth").expectSuccess()
    #expect(try RunFiles(tool, "fourth").describedNetwork().layers == .lstm(6, count: 2))
  }

  @Test(
    arguments: [
      ("{\"options\":{}}", "c: key 'task': found nothing, expected the name of a task, such as \"mnist\""),
      ("{\"task\":3,\"options\":{}}", "c: key 'task': found a value of another type, expected the name of a task"),
      (
        "{\"task\":\"poem\",\"options\":{}}",
        "c: key 'task': found 'poem', expected mnist, digits, text, series or task"
      ),
      ("{\"task\":\"digits\",\"options\":{}}", "c: key 'task': found 'digits', expected 'mnist' as the command says"),
      ("{\"task\":\"mnist\"}", "c: key 'options': found nothing, expected an object of options by their long names"),
      ("{\"task\":\"mnist\",\"options\":[]}", "c: key 'options': found a value of another type, expected an object"),
      ("{\"epochs\":\"many\"}", "c: key 'options.epochs': The value 'many' is invalid for '--epochs <n>'"),
      ("{\"epochs\":1.5}", "c: key 'options.epochs': The value '1.5' is invalid"),
      ("{\"epochs\":[1,2]}", "c: key 'options.epochs': found 1,2, expected one value"),
      (
        "{\"epochs\":{}}",
        "c: key 'options.epochs': found a value of another type, expected a number, a string, true, false"
      ),
      (
        "{\"epochz\":1}",
        "key 'options.epochz': found an option that 'train mnist' does not have; did you mean 'epochs'?"
      ),
      ("{\"shuffle\":3}", "c: key 'options.shuffle': found 3, expected true or false"),
      ("{\"cell\":true}", "c: key 'options.cell': The value 'true' is invalid for '--cell <name>'"),
      ("[]", "c: found no JSON object, expected the config.json of a run"),
      ("{\"task\":", "c: found no JSON object, expected the config.json of a run"),
      ("", "c: found no JSON object, expected the config.json of a run"),
    ])
  func filesThatWillNotDo(_ text: String, _ words: String) throws {
    let tool = try Tool()
    let isWhole = text.isEmpty || text.contains("task") || text.contains("options") || text.hasPrefix("[")
    try tool.folder.write(Array((isWhole ? text : "{\"task\":\"mnist\",\"options\":\(text)}").utf8), to: "c")
    let result = try tool.run("train", "mnist", "--config", "c")
    result.expectFailure(65, words)
    #expect(try tool.folder.contents() == ["c"])
    // Options that would have won don't make the file better.
    try tool.run("train", "mnist", "--config", "c", "--epochs", "1", "--no-shuffle").expectFailure(65, words)
  }

  @Test func filesThatAreNotThere() throws {
    let tool = try Tool()
    try tool.run("train", "--config", "nowhere").expectFailure(
      66, "nowhere: found no such file, expected the config.json")
    try tool.folder.write([], to: "empty/file")
    try tool.run("train", "--config", "empty").expectFailure(66, "empty/config.json: found no such file")
    try tool.run("train", "--config").expectFailure(64, "Missing value for '--config <file>'")
    try tool.run("train", "--config=").expectFailure(64, "Missing value for '--config <file>'")
    let help = try tool.run("train", "mnist", "--config", "nowhere", "--help")
    help.expectSuccess()
    #expect(help.output.contains("USAGE: recurrent train mnist"))
  }
}
