import Foundation
import TestSupport
import Testing

@testable import RecurrentCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What is shown where: results, notices, and progress for those who watch.
@Suite struct TerminalTests {
  private static let training = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--hidden-size", "40", "--batch-size", "10",
    "--epochs", "2", "--threads", "1",
  ]

  @Test(
    arguments: [
      (["TERM": "xterm-256color"], "a terminal's name alone makes no terminal"),
      (["TERM": "xterm-256color", "NO_COLOR": "1"], "no colours wanted"),
      (["TERM": nil], "no terminal at all"),
    ] as [([String: String?], String)])
  func noEscapeSequencesInPipes(_ environment: [String: String?], _ reason: String) throws {
    let tool = try Tool(environment: environment)
    try ImageFiles.write(to: tool.folder)
    let results = [
      try tool.run(Self.training), try tool.run("evaluate", "run"), try tool.run("predict", "run"),
      try tool.run("inspect", "run"), try tool.run("train", "--help"), try tool.run("train", "mnits"),
    ]
    for result in results {
      for text in [result.output, result.errors] {
        #expect(!text.contains("\u{1B}") && !text.contains("\r"), "\(text)")
      }
    }
  }

  @Test func whatTrainingPrints() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(
      "train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run", "--epochs", "2", "--threads", "1")
    result.expectSuccess()
    // Figures differ from one kind of processor to the other in their last digits, and times from run to run.
    let text = result.output.replacing(/\d[\d,]*(\.\d+)?(e-\d+)?/, with: "N")
    #expect(
      text == """

        Epoch:  N
        Minibatch loss: N  Accuracy: N
        Validation loss: N  Accuracy: N

        Epoch:  N
        Minibatch loss: N  Accuracy: N
        Validation loss: N  Accuracy: N

        Optimization done! Let's calculate the test error

        Loss on test set:  N
        Accuracy on test set:  N  (N of N; N % interval N … N %)
        The test set is images in the form of MNIST (images), not MNIST.

        Trained on N images in N s: N images per second

        """)
    #expect(result.output.contains("Trained on 660 images in "))
    let notices = result.errors.replacing(/\w+ kernels/, with: "some kernels")
    #expect(
      notices == """
        images in the form of MNIST (images): 330 training, 30 validation, 50 test images
        10,690 parameters, 1 thread, some kernels; results in run
        model: run/model.safetensors
        pictures: loss.svg, accuracy.svg, confusion.svg, mistakes.svg in run
        report: run/report.html

        """)
  }

  @Test func progressOnATerminal() throws {
    let terminal = try PseudoTerminal(columns: 60)
    let tool = try Tool(environment: ["TERM": "xterm", "NO_COLOR": "1"])
    try ImageFiles.write(to: tool.folder)
    let result = try tool.start(Self.training, terminal: terminal.tail).wait()
    #expect(result.status == 0)
    let shown = terminal.text()
    let lines = shown.components(separatedBy: "\r\u{1B}[K")
    let bars = lines.filter { $0.hasPrefix("epoch ") }
    // The first batch shows a bar at once; of a quick run it is the only one, and still empty.
    #expect(bars.contains { $0.contains("epoch 0 (1 of 2) ") && $0.contains(/[█░]{20}/) }, "\(shown)")
    for bar in bars { #expect(bar.count < 60, "\(bar) would wrap, and could not be taken away") }
    // Each bar gives way to the next one or to nothing, never to words behind it.
    #expect(!lines.contains { $0.hasPrefix("epoch ") && $0.contains("\n") })
    #expect(!shown.replacing("\r\u{1B}[K", with: "").contains("\u{1B}"), "no other sequences, colours among them")
    #expect(!result.output.contains("\u{1B}") && !result.output.contains(/[█░]/), "results stay as they are")
    #expect(
      shown.hasSuffix(
        "model: run/model.safetensors\r\npictures: loss.svg, accuracy.svg, confusion.svg, mistakes.svg in run\r\n"
          + "report: run/report.html\r\n"))
  }

  @Test func noProgressOnATerminalThatKnowsNoSequences() throws {
    let terminal = try PseudoTerminal(columns: 80)
    let tool = try Tool(environment: ["TERM": "dumb"])
    try ImageFiles.write(to: tool.folder)
    #expect(try tool.start(Self.training, terminal: terminal.tail).wait().status == 0)
    let shown = terminal.text()
    #expect(!shown.contains("\u{1B}") && !shown.contains(/[█░]/))
    #expect(shown.contains("model: run/model.safetensors"))
  }

  @Test func benchmarkAnswersRequests() throws {
    let tool = try Tool()
    let requests = """
      {"input":3,"steps":2,"hidden":5,"layers":1,"batch":4,"repeat":3,"threads":1}

      {"hidden":0}
      {"cell":"gr\\"u"}
      {"hidden":1000000000}
      {"mode":"nothing"}
      no JSON
      {"hidden":"wide"}
      {"steps":2.5}
      {"unit":"word"}
      {"input":3,"steps":2,"hidden":5,"layers":1,"batch":1,"repeat":2,"mode":"infer","cell":"elman","threads":1}
      {"input":3,"steps":2,"hidden":5,"layers":2,"batch":4,"repeat":4,"mode":"train","cell":"gru","threads":1}
      """
    let result = try tool.run("benchmark", "--interactive", input: requests)
    result.expectSuccess()
    let answers = try result.outputLines.dropLast().map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    #expect(
      answers.map { ($0["milliseconds"] as? [Double])?.count } == [3, nil, nil, nil, nil, nil, nil, nil, nil, 2, 4])
    let errors = answers.compactMap { $0["error"] as? String }
    #expect(errors[0] == "hidden: found 0, expected at least 1")
    #expect(
      errors[1] == "cell: found 'gr\"u', expected lstm, gru, gru-reset-before, mgu, mgu-reset-after, elman, indrnn")
    #expect(errors[2].hasSuffix("bytes of memory, expected at most 5e+08"))
    #expect(errors[3] == "mode: found 'nothing', expected train, characters, values, infer, stream, blocks, peak")
    #expect(errors[4].hasPrefix("expected one JSON object per line"))
    #expect(errors[5] == "hidden: found 'wide', expected a whole number")
    #expect(errors[6] == "steps: found 2.5, expected a whole number")
    #expect(
      errors[7] == "unit: found an unknown key, expected one of mode, cell, input, steps, hidden, layers, batch, "
        + "lengths, weights, threads, together, repeat")
  }

  @Test(arguments: [
    (0.504062, "0.504062"), (0.5, "0.5"), (9.5e30, "9.5e+30"), (1e-7, "1e-07"), (0, "0"), (123456.7, "123457"),
    (.infinity, "inf"), (.nan, "nan"), (-.nan, "nan"),
  ])
  func sixDigits(_ number: Double, _ text: String) { #expect(number.sixDigits == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (10_690, "10,690"), (1_000_000, "1,000,000"), (-1234, "-1,234")])
  func groupedDigits(_ number: Int, _ text: String) { #expect(number.grouped == text) }
}
