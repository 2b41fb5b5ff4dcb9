//! A language model of characters, of a text whose entropy is known: numbers in words.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func fixed(_ value: Double, _ decimals: Int = 3) -> String {
  String(format: "%.\(decimals)f", value)
}

/// Cells of a table: the first one aligned to the left, the others to the right.
func row(_ name: String, _ cells: String..., width: Int = 12) -> String {
  name.padding(toLength: 26, withPad: " ", startingAt: 0)
    + cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined()
}

// snippet.words
let names = """
  zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen \
  fifteen sixteen seventeen eighteen nineteen
  """.split(separator: " ").map(String.init)
let tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(separator: " ")

/// A number below a million in words.
func words(_ n: Int) -> String {
  func join(_ high: String, _ unit: String, _ rest: Int) -> String {
    high + unit + (rest == 0 ? "" : (unit == "" ? "-" : " ") + words(rest))
  }
  return switch n {
  case ..<20: names[n]
  case ..<100: join(String(tens[n / 10 - 2]), "", n % 10)
  case ..<1_000: join(names[n / 100], " hundred", n % 100)
  default: join(words(n / 1_000), " thousand", n % 1_000)
  }
}

/// Lines with a number each, all of 0 … 999,999 equally likely.
func draw(lines: Int, seed: UInt64) -> String {
  var generator = SplitMix64(seed: seed)
  return (0..<lines).map { _ in words(generator.integer(below: 1_000_000)) + "\n" }
    .joined()
}
let source = draw(lines: 3_000, seed: 0)
// snippet.end

// snippet.text
let text = try Text(source, unit: .character, validationFraction: 0.1)
let vocabulary = text.vocabulary
// snippet.end
print("== The text")
print(source.split(separator: "\n").prefix(3).joined(separator: "\n"))
print("…")
print(
  "\(text.training.tokens.count) characters to learn from, "
    + "\(text.validation.tokens.count) for validation")
print(
  "\(vocabulary.count) different ones: "
    + vocabulary.decode(0..<vocabulary.count).debugDescription
)
try print("ten = \(vocabulary.encode("ten"))")

// snippet.guesses
/// The nats per character of the validation part, if each is predicted from the given
/// number of characters before it, by how often it followed them in the training part.
func guess(from context: Int) -> Double {
  let size = vocabulary.count
  var counts: [ArraySlice<Int32>: [Double]] = [:]
  let learned = text.training.tokens
  for index in context..<learned.count {
    let before = learned[index - context..<index]
    counts[before, default: Array(repeating: 0.1, count: size)][Int(learned[index])] += 1
  }
  let tokens = text.validation.tokens
  let losses = (context..<tokens.count).map { index in
    let found =
      counts[tokens[index - context..<index]] ?? Array(repeating: 1, count: size)
    return -log(found[Int(tokens[index])] / found.reduce(0, +))
  }
  return losses.reduce(0, +) / Double(losses.count)
}

/// The entropy of the source: ln 1,000,000 nats for each line.
let lineCount = source.count { $0 == "\n" }
let entropy = Double(lineCount) * log(1_000_000) / Double(source.count)
// snippet.end
print("== Guesses")
func report(_ name: String, _ nats: Double) {
  let score = LanguageScore(natsPerToken: nats)
  print(
    row(
      name, fixed(score.natsPerCharacter), fixed(score.bitsPerCharacter),
      fixed(score.perplexity, 2)))
}
print(row("", "nats", "bits", "perplexity"))
report("all alike", log(Double(vocabulary.count)))
report("from no character", guess(from: 0))
for context in [1, 2, 4, 8] {
  report("from \(context) before it", guess(from: context))
}
report("entropy of the source", entropy)

// snippet.network
func network(seed: UInt64) -> SequenceModel {
  SequenceModel(
    .init(
      input: .tokens(vocabulary.count, embedding: 16), layers: .lstm(64),
      readout: .everyStep, output: .classes(vocabulary.count)),
    initializer: .keras, seed: seed)
}
var model = network(seed: 0)
// snippet.end
print("== The network")
print(model)

// snippet.train
let data = TextTrainingData(text, steps: 50, streams: 32)
var optimizer = Adam(learningRate: 0.01)
var results: [(epoch: Int, training: Double, validation: Double)] = []
for epoch in 0..<6 {
  var state = model.zeroState(batchSize: 32)
  var losses: [Float] = []
  for window in text.training.windows(of: 50, streams: 32) {
    let step = try model.train(
      on: window, from: &state, with: &optimizer, clipping: .norm(1))
    losses.append(step.loss)
  }
  let mean = Double(losses.reduce(0, +)) / Double(losses.count)
  results.append((epoch, mean, try data.evaluate(model).loss))
}
// snippet.end
print("== Training")
print(row("", "training", "validation", "perplexity"))
for (epoch, training, validation) in results {
  print(
    row(
      "epoch \(epoch)", fixed(training), fixed(validation), fixed(exp(validation), 3)))
}
print(row("entropy of the source", "", fixed(entropy), fixed(exp(entropy), 3)))

// snippet.state
/// The loss on windows of some steps: with the state carried on, and with zeros at the
/// beginning of each.
func losses(
  _ model: SequenceModel, steps: Int
) throws -> (carried: Double, zero: Double) {
  let windows = text.validation.windows(of: steps, streams: 16)
  let alone = try windows.map { try model.evaluate(on: $0).loss }
  return (
    try model.evaluate(onConsecutive: windows).loss,
    alone.reduce(0, +) / Double(alone.count)
  )
}
// snippet.end
print("== The state")
print(row("steps of a window", "carried", "zeros"))
for steps in [5, 10, 25, 50, 100] {
  let (carried, zero) = try losses(model, steps: steps)
  print(row("\(steps)", fixed(carried), fixed(zero)))
}

// snippet.letters
let line = words(60_042) + "\n"
var reader = try model.makeStream()
try reader.step(token: vocabulary.defaultPrime[0])
var surprises: [(character: String, nats: Double)] = []
for token in try vocabulary.encode(line) {
  surprises.append((vocabulary[token], -log(Double(reader.probabilities[token]))))
  try reader.step(token: token)
}
// snippet.end
func visible(_ character: String) -> String {
  character == "\n" ? "line end" : character == " " ? "blank" : character
}
try BarChart(
  title: "What each character costs", y: "-ln p, in nats",
  labels: surprises.map { visible($0.character) }, values: surprises.map(\.nats),
  remark: "A line of the source, character by character from top to bottom."
).write(to: "15-a-language-model-letters.svg")
print("== Letters")
let total = surprises.reduce(0) { $0 + $1.nats }
print(
  "the line costs \(fixed(total, 2)) nats, 1 of 1,000,000 \(fixed(log(1_000_000), 2))")

// snippet.sample
/// Text that the network writes from the beginning of a line, without the last line,
/// which is cut off.
func sample(
  _ network: SequenceModel, _ count: Int, temperature: Double, seed: UInt64 = 0
) throws -> [String] {
  var sampler = TokenSampler(temperature: temperature, seed: seed)
  var stream = try network.makeStream()
  let tokens = try stream.generate(count, after: vocabulary.defaultPrime, with: &sampler)
  return vocabulary.decode(tokens).split(
    separator: "\n", omittingEmptySubsequences: false
  ).dropLast().map(String.init)
}
// snippet.end

// snippet.check
let small = Set((1..<1_000).map { words($0) + " " })

/// Whether a line is a number as the source writes it.
func isNumber(_ line: String) -> Bool {
  // "twelve thousand one" gives "twelve " and "one ", "twelve thousand" "twelve " and "".
  let parts = (line + " ").components(separatedBy: "thousand ")
  let isLast = parts.count == 1 || parts[1] == "" || small.contains(parts[1])
  return line == "zero" || parts.count <= 2 && small.contains(parts[0]) && isLast
}
// snippet.end
func share(_ lines: [String]) -> String {
  fixed(100 * Double(lines.count(where: isNumber)) / Double(lines.count), 1) + " %"
}
/// As much of a line as fits on a page.
func cut(_ line: String) -> String {
  line.count <= 70 ? line : line.prefix(69) + "…"
}
print("== Temperature")
print(row("temperature", "lines", "numbers", "different"))
var examples: [String] = []
for temperature in [0, 0.5, 0.8, 1, 1.25, 1.5, 2] {
  let lines = try sample(model, 10_000, temperature: temperature)
  print(
    row("\(temperature)", "\(lines.count)", share(lines), "\(Set(lines).count)"))
  examples.append("\(temperature)   \(cut(lines[1]))")
}
print("== Samples")
print(examples.joined(separator: "\n"))

// snippet.few
let few = try Text(
  TextSource(draw(lines: 50, seed: 1)), vocabulary: vocabulary, validationFraction: 0.4)
var kept = network(seed: 1)
var keptOptimizer = Adam(learningRate: 0.01)
let loop = TrainingLoop(
  epochs: 120,
  options: .init(
    clipping: .norm(1), earlyStopping: EarlyStopping(measure: .loss, patience: 120)))
var last = kept
var (seen, unseen) = ([(x: Double, y: Double)](), [(x: Double, y: Double)]())
_ = try loop.run(
  &kept, optimizer: &keptOptimizer, on: TextTrainingData(few, steps: 50, streams: 4)
) { event in
  if case .epochEnded(let epoch, _, let network, let validation, _) = event {
    last = network
    let training = try Text.measure(network, on: few.training).loss
    seen.append((x: Double(epoch + 1), y: training))
    unseen.append((x: Double(epoch + 1), y: validation.loss))
  }
  return true
}
// snippet.end
try LineChart(
  title: "Loss while learning from 30 lines", x: "epoch, from the fifth on",
  y: "nats per character",
  lines: [
    LineChart.Line("training", Array(seen[4...])),
    LineChart.Line("validation", Array(unseen[4...])),
    LineChart.Line("entropy", [(x: 5, y: entropy), (x: 120, y: entropy)]),
  ]
).write(to: "15-a-language-model-memory.svg")
let best = unseen.indices.min { unseen[$0].y < unseen[$1].y } ?? 0
print("== Few lines")
print(row("", "epoch", "training", "validation"))
for (name, epoch) in [("best", best), ("last", 119)] {
  print(row(name, "\(epoch + 1)", fixed(seen[epoch].y), fixed(unseen[epoch].y)))
}

// snippet.copies
/// How many of some lines are among the 30, and how many characters in a row they repeat.
func copies(_ lines: [String]) throws -> (lines: Int, characters: Int) {
  let known = vocabulary.decode(few.training.tokens).split(separator: "\n")
  let tokens = try vocabulary.encode(lines.joined(separator: "\n"))
  return (
    lines.count { known.contains(Substring($0)) },
    few.training.longestPassage(repeatedBy: tokens)?.count ?? 0
  )
}
// snippet.end
print("== Copies")
print(row("200 lines of", "numbers", "copied", "in a row"))
let writers: [(name: String, lines: [String])] = try [
  ("the source", draw(lines: 200, seed: 2).split(separator: "\n").map(String.init)),
  ("2,700 lines", sample(model, 15_000, temperature: 1)),
  ("30 lines, best epoch", sample(kept, 15_000, temperature: 1)),
  ("30 lines, last epoch", sample(last, 15_000, temperature: 1)),
]
for (name, lines) in writers {
  let some = Array(lines.prefix(200))
  let (copied, characters) = try copies(some)
  print(row(name, share(some), "\(copied)", "\(characters)"))
}
