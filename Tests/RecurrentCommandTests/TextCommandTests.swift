import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Language models: trained on a text, sampled from, measured, and trained on.
@Suite struct TextCommandTests {
  private static let line = "the quick brown fox jumps over the lazy dog\n"
  private static let training = [
    "train", "text", "book.txt", "--hidden-size", "16", "--embedding", "8", "--window", "10", "--streams", "4",
    "--epochs", "2", "--sample", "20",
  ]

  private func tool(_ text: String = String(repeating: line, count: 30)) throws -> Tool {
    let tool = try Tool()
    try tool.folder.write(Array(text.utf8), to: "book.txt")
    return tool
  }

  @Test("a run says what it does, keeps its vocabulary, and its measures agree with those of evaluate")
  func train() throws {
    let tool = try tool()
    let result = try tool.run(Self.training + ["--run-dir", "run"])
    result.expectSuccess()
    #expect(
      result.errors.contains(
        "book.txt: 1,188 characters to learn from, the last 132 for validation, 28 different ones\n"))
    #expect(result.errors.contains("29 windows of 10 steps in 4 streams\n"))
    #expect(
      result.errors.contains(
        "2 epochs; lstm layer-norm of 16 units; adamw at 0.004, weight decay 0.1, schedule cosine\n"))
    #expect(result.output.contains("nats and") && result.output.contains("bits per character, perplexity "))
    let run = RunFiles(tool, "run")
    #expect(
      run.names == [
        "accuracy.svg", "checkpoints", "config.json", "loss.svg", "metrics.jsonl", "model.safetensors",
        "report.html",
      ])
    try run.expectWhole()
    let samples = try run.events("sample").compactMap { $0["text"] as? String }
    #expect(samples.count == 2 && samples.allSatisfy { $0.count == 20 } && samples[0] != samples[1])
    let test = try #require(try run.events("test").first)
    let loss = try #require(test["loss"] as? Double)
    #expect(abs(try #require(test["bitsPerCharacter"] as? Double) - loss / log(2)) < 1e-9)
    #expect(abs(try #require(test["perplexity"] as? Double) - exp(loss)) < 1e-9)
    #expect(test["count"] as? Int == 132, "every token of the validation part is predicted once")
    let data = try #require(try run.configuration()["data"] as? [String: Any])
    #expect((data["checksum"] as? String)?.count == 64 && data["trainingCount"] as? Int == 1188)

    // The validation part alone, whose first token has nothing before it.
    try tool.folder.write(Array(String(repeating: Self.line, count: 30).utf8.suffix(132)), to: "end.txt")
    let evaluation = try tool.run("evaluate", "run", "--text", "end.txt")
    evaluation.expectSuccess()
    #expect(evaluation.output.hasPrefix("Loss: ") && evaluation.output.contains(" of 131)"))
  }

  @Test("the same seed writes the same text; temperature 0 takes the most probable token")
  func sample() throws {
    let tool = try tool()
    try tool.run(Self.training + ["--epochs", "40", "--run-dir", "run"]).expectSuccess()
    func sample(_ arguments: String...) throws -> String {
      let result = try tool.run(["sample", "run", "--length", "60"] + arguments)
      result.expectSuccess()
      return result.output
    }
    let plain = try sample()
    let again = try sample()
    #expect(plain.count == 61 && plain == again, "and a line end after it")
    #expect(try sample("--seed", "1") != plain)
    let greedy = try sample("--temperature", "0", "--prime", "the quick ")
    #expect(greedy == (try sample("--temperature", "0", "--prime", "the quick ", "--seed", "5")))
    #expect(greedy == (try sample("--top-k", "1", "--prime", "the quick ")))
    #expect(greedy.hasPrefix("brown fox"), "what it has read thirty times")
    try tool.folder.write(Array("the quick ".utf8), to: "prime.txt")
    #expect(try sample("--temperature", "0", "--prime-file", "prime.txt") == greedy)
    let fromInput = try tool.run(
      ["sample", "run", "--length", "60", "--temperature", "0", "--prime-file", "-"], input: "the quick ")
    #expect(fromInput.output == greedy)
    let compared = try tool.run(
      "sample", "run", "--length", "60", "--temperature", "0", "--prime", "the quick ", "--compare-with", "book.txt")
    #expect(compared.errors.contains("The longest passage that the sample repeats has "))
  }

  @Test("a prime text with what the vocabulary lacks is refused by name, or that is left out on request")
  func unknownPrime() throws {
    let tool = try tool()
    try tool.run(Self.training + ["--run-dir", "run"]).expectSuccess()
    try tool.run("sample", "run", "--prime", "Höhe").expectFailure(
      65, "--prime: found 2 characters that the vocabulary lacks: \"H\" (line 1), \"ö\" (line 1)",
      "--leave-out-unknown leaves them out")
    let result = try tool.run("sample", "run", "--prime", "Höhe", "--leave-out-unknown", "--length", "5")
    result.expectSuccess()
    #expect(result.errors.contains("leaving them out") && result.output.count == 6)
    try tool.folder.write(Array("the Ångström".utf8), to: "other.txt")
    try tool.run("evaluate", "run", "--text", "other.txt").expectFailure(
      65, "other.txt: found 2 characters that the vocabulary lacks", "--leave-out-unknown leaves them out")
    try tool.run("evaluate", "run", "--text", "other.txt", "--leave-out-unknown").expectSuccess()
  }

  @Test("the default prime works with a vocabulary that has neither space nor line end")
  func defaultPrime() throws {
    let tool = try tool(String(repeating: "abcab", count: 40))
    try tool.run(Self.training + ["--run-dir", "run"]).expectSuccess()
    try tool.run("sample", "run", "--length", "10").expectSuccess()
  }

  @Test("training goes on with another text only if its characters are known, or the vocabulary grows")
  func anotherText() throws {
    let tool = try tool()
    try tool.run(Self.training + ["--run-dir", "first"]).expectSuccess()
    try tool.folder.write(Array(String(repeating: "über Maß, über alles\n", count: 30).utf8), to: "other.txt")
    let more = ["train", "text", "other.txt", "--from", "first", "--epochs", "1", "--window", "10", "--streams", "4"]
    try tool.run(more + ["--run-dir", "second"]).expectFailure(
      65, "other.txt: found 4 characters that the vocabulary lacks: \"ü\" (line 1, 60 times)",
      "--grow-vocabulary adds them")
    #expect(RunFiles(tool, "second").names == [])
    // Not a step: the old rows are those of the first model.
    let result = try tool.run(
      more + ["--grow-vocabulary", "--learning-rate", "1e-30", "--dropout", "0", "--run-dir", "second"])
    result.expectSuccess()
    let (old, new) = (try RunFiles(tool, "first").network(), try RunFiles(tool, "second").network())
    #expect((old.inputSize, new.inputSize) == (28, 32))
    #expect(new.parameters["embedding.weight"].values.prefix(28 * 8) == old.parameters["embedding.weight"].values[...])
    #expect(new.parameters["head.weight"].values.prefix(28 * 16) == old.parameters["head.weight"].values[...])
    #expect(new.parameters["weight_hh_l0"] == old.parameters["weight_hh_l0"])
    try tool.run("sample", "second", "--prime", "über", "--length", "5").expectSuccess()
  }

  @Test("encodings, byte-order marks and line ends")
  func encodings() throws {
    let tool = try Tool()
    let text = String(repeating: "don\u{2019}t stop\r\n", count: 40)
    let windows = text.unicodeScalars.map { $0 == "\u{2019}" ? 0x92 : UInt8($0.value) }
    try tool.folder.write(windows, to: "book.txt")
    try tool.run(Self.training + ["--run-dir", "run"]).expectFailure(
      65, "book.txt: found byte 0x92 at offset 3, line 1, expected UTF-8")
    let result = try tool.run(Self.training + ["--encoding", "windows-1252", "--run-dir", "run"])
    result.expectSuccess()
    #expect(result.errors.contains("40 lines end with CR LF"))
    try tool.folder.write([0xEF, 0xBB, 0xBF] + Array(text.utf8), to: "book.txt")
    try tool.run(Self.training + ["--run-dir", "marked"]).expectSuccess()
    #expect(RunFiles(tool, "marked").model == RunFiles(tool, "run").model, "the same text")
  }

  @Test("a short text is read in fewer streams and shorter windows, and that is said")
  func shortText() throws {
    let tool = try tool("abcabcabcabc")
    let result = try tool.run(Self.training + ["--run-dir", "run"])
    result.expectSuccess()
    #expect(result.errors.contains("a text of 11 tokens does not fill 4 streams of 10 steps: 1 stream instead of 4"))
    for (text, found) in [("", "a text of 0 tokens"), ("a", "a text of 1 token"), ("aaaa", "a text of \"a\" alone")] {
      try tool.folder.write(Array(text.utf8), to: "book.txt")
      try tool.run(Self.training + ["--run-dir", "none"]).expectFailure(65, "book.txt: found \(found)")
    }
    try tool.run("train", "text", "missing.txt").expectFailure(66, "missing.txt")
    #expect(RunFiles(tool, "none").names == [])
  }

  @Test("text from standard input is kept in the run's folder, so that it can be resumed")
  func standardInput() throws {
    let tool = try tool()
    let text = String(repeating: Self.line, count: 30)
    let arguments = Self.training.map { $0 == "book.txt" ? "-" : $0 }
    try tool.run(arguments + ["--run-dir", "piped"], input: text).expectSuccess()
    try tool.run(Self.training + ["--run-dir", "read"]).expectSuccess()
    #expect(RunFiles(tool, "piped").model == RunFiles(tool, "read").model)
    #expect(FileManager.default.contents(atPath: tool.folder.path("piped/input.txt")) == Data(text.utf8))
    try FileManager.default.removeItem(atPath: tool.folder.path("piped/report.html"))
    try FileManager.default.removeItem(atPath: tool.folder.path("piped/model.safetensors"))
    try FileManager.default.removeItem(atPath: tool.folder.path("piped/checkpoints"))
    try tool.run("resume", "piped").expectSuccess()
    #expect(RunFiles(tool, "piped").model == RunFiles(tool, "read").model)
  }

  @Test("a text that has changed since the run began is refused")
  func changedText() throws {
    let tool = try tool()
    try tool.run(Self.training + ["--run-dir", "run"]).expectSuccess()
    try FileManager.default.removeItem(atPath: tool.folder.path("run/report.html"))
    try tool.folder.write(Array(String(repeating: Self.line, count: 29).utf8), to: "book.txt")
    try tool.run("resume", "run").expectFailure(65, "run: found a run on other data than book.txt holds now")
  }

  @Test("every unit of text", arguments: ["character", "scalar", "byte", "word"])
  func units(_ unit: String) throws {
    let tool = try tool(String(repeating: "Zoë’s café – e\u{301}té\n", count: 40))
    let result = try tool.run(Self.training + ["--unit", unit, "--run-dir", "run"])
    result.expectSuccess()
    #expect(result.errors.contains(" \(unit)s to learn from"))
    try tool.run("sample", "run", "--length", "30").expectSuccess()
    try tool.run("train", "text", "--config", "run", "--run-dir", "again").expectSuccess()
    #expect(RunFiles(tool, "again").model == RunFiles(tool, "run").model)
  }

  @Test("models of other kinds are refused")
  func otherModels() throws {
    let tool = try tool()
    try Models.notebook().save(to: tool.folder.path("digits.safetensors"))
    try tool.run("sample", "digits.safetensors").expectFailure(65, "found a model of another kind")
    let bare = SequenceModel(
      .init(input: .tokens(5), layers: .gru(4), readout: .everyStep, output: .classes(5)))
    try bare.save(to: tool.folder.path("bare.safetensors"))
    try tool.run("sample", "bare.safetensors").expectFailure(65, "found no vocabulary (recurrent.vocabulary)")
    try tool.run(Self.training + ["--run-dir", "run"]).expectSuccess()
    try tool.run("evaluate", "run", "--digits").expectFailure(65, "found a model of another kind")
  }

  @Test(
    arguments: [
      (["train", "text"], "found no file"),
      (["train", "text", "a", "--bidirectional"], "--bidirectional: found with a language model"),
      (["train", "text", "a", "--grow-vocabulary"], "--grow-vocabulary: found without --from"),
      (["train", "text", "a", "--vocabulary-size", "9"], "--vocabulary-size: found without --unit word"),
      (["train", "text", "-", "a"], "-: found with other files"),
      (["train", "text", "-", "--sweep", "seed=0,1"], "--sweep: found with standard input"),
      (["train", "text", "a", "--from", "m", "--unit", "byte"], "--unit: found with --from"),
      (["sample", "m", "--prime", "a", "--prime-file", "b"], "--prime and --prime-file: found both"),
      (["sample", "m", "--top-p", "1.5"], "--top-p"), (["sample", "m", "--temperature", "-1"], "--temperature"),
      (["evaluate", "m", "--text", "a", "--digits"], "--text: found with --digits"),
      (["evaluate", "m", "--leave-out-unknown"], "--leave-out-unknown: found without --text"),
    ] as [([String], String)])
  func usage(_ arguments: [String], _ message: String) throws {
    try Tool().run(arguments).expectFailure(64, message)
  }
}
