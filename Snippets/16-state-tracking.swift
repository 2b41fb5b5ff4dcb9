//! State that has to be exact: parity, sums, permutations and brackets, learned on short
//! sequences and tested on long ones.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func percent(_ fraction: Double) -> String { String(format: "%.1f %%", 100 * fraction) }

/// Cells of a table: the first one aligned to the left, the others to the right.
func row(_ name: String, _ cells: String..., width: Int = 10) -> String {
  name.padding(toLength: 22, withPad: " ", startingAt: 0)
    + cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined()
}

// snippet.tasks
/// The tokens of a sequence of a task, made by the program.
func tokens(_ task: SequenceTask, length: Int) throws -> [Int] {
  let data = try task.dataset(count: 1, length: length, seed: 0)
  guard case .tokens(let tokens, _) = data.inputs else { return [] }
  return tokens.map { Int($0) }
}

let bits = try tokens(.parity, length: 20)
var parities: [Int] = []
for bit in bits { parities.append(((parities.last ?? 0) + bit) % 2) }
// snippet.end
print("== Parity")
print("bits     " + bits.map { "\($0)" }.joined(separator: " "))
print("parity   " + parities.map { "\($0)" }.joined(separator: " "))

print("== Chance")
for task in [SequenceTask.parity, .mod5, .s3, .s5, .dyck] {
  guard case .tokens(let count, _) = task.input, case .classes(let classes) = task.output
  else { continue }
  print(
    row(
      task.rawValue, "\(count) tokens", "\(classes) classes", percent(task.chance),
      width: 14))
}

// snippet.hand
let k: Float = 10
var byHand = SequenceModel(
  SequenceTask.parity.configuration(layers: .elman(2)))
byHand.parameters["weight_ih_l0"] = try Tensor(shape: [2, 2], values: [0, k, 0, k])
byHand.parameters["weight_hh_l0"] = try Tensor(
  shape: [2, 2], values: [k / 2, -k / 2, k / 2, -k / 2])
byHand.parameters["bias_ih_l0"] = try Tensor(shape: [2], values: [-k / 2, -3 * k / 2])
byHand.parameters["head.weight"] = try Tensor(shape: [2, 2], values: [0, 0, 1, -1])
byHand.parameters["head.bias"] = try Tensor(shape: [2], values: [0, -1])
let exact = try LengthAccuracy(
  of: byHand, on: .parity, lengths: [40, 2_048, 100_000], count: 10, seed: 1)
// snippet.end
print("== By hand")
for score in exact.scores {
  print("\(score.correctSequences) of 10 sequences of \(score.length) steps are correct")
}

// snippet.recipe
/// Sizes that need seconds; see TaskRecipe for those of `recurrent train task`.
func recipe(for task: SequenceTask) -> TaskRecipe {
  var recipe = TaskRecipe(for: task)
  recipe.batchSize = 32
  recipe.learningRate = 0.005
  recipe.checkEvery = 25
  recipe.consolidationSteps = 400
  recipe.provingCount = 128
  recipe.maximumSteps = 1_000
  return recipe
}

/// Trains on sequences of at most 40 steps: their lengths grow as they are mastered.
func train(
  _ task: SequenceTask, _ layers: [LayerConfiguration], seed: UInt64 = 0
) throws -> (model: SequenceModel, training: TaskTraining) {
  var training = try TaskTraining(task, recipe: recipe(for: task), seed: seed)
  var model = training.model(layers: layers)
  while !training.isOver { try training.step(&model) }
  return (model, training)
}
// snippet.end

// snippet.lengths
let lengths = [10, 20, 40, 80, 160, 320, 500, 1_000, 2_048]

/// The accuracy at each length, over all steps of 32 sequences.
func measure(
  _ model: SequenceModel, _ training: TaskTraining
) throws -> [LengthAccuracy.Score] {
  try LengthAccuracy(
    of: model, on: training.task, lengths: lengths, count: 32, seed: training.testSeed
  ).scores
}
// snippet.end

func at(_ length: Int, _ scores: [LengthAccuracy.Score]) -> LengthAccuracy.Score {
  scores.first { $0.length == length }!
}

/// Trains, prints a line of a table, and returns the network and its curve.
func report(
  _ name: String, _ task: SequenceTask, _ layers: [LayerConfiguration]
) throws -> (model: SequenceModel, line: LineChart.Line) {
  let (model, training) = try train(task, layers)
  let scores = try measure(model, training)
  print(
    row(
      name, "\(training.stepCount)", percent(at(40, scores).accuracy),
      percent(at(500, scores).accuracy), percent(at(2_048, scores).accuracy),
      "\(at(2_048, scores).correctSequences) of 32"))
  return (model, LineChart.Line(name, scores.map { (Double($0.length), $0.accuracy) }))
}

let head = row("", "steps", "40", "500", "2,048", "whole")
// snippet.cells
let cells: [(name: String, layers: [LayerConfiguration])] = [
  ("Elman", .elman(32)),
  ("GRU", .gru(32)),
  ("LSTM", .lstm(32)),
  ("IndRNN", .repeated(IndRNNCell(hiddenSize: 32), count: 1)),
  (
    "linear",
    .repeated(ElmanCell(hiddenSize: 32, activation: .affine(alpha: 1, beta: 0)), count: 1)
  ),
]
// snippet.end
print("== Cells")
print(head)
var models: [String: SequenceModel] = [:]
var lines: [LineChart.Line] = []
for (name, layers) in cells {
  let (model, line) = try report(name, .parity, layers)
  models[name] = model
  lines.append(line)
}
try LineChart(
  title: "Parity: accuracy by length", x: "steps of a sequence", y: "accuracy",
  lines: lines, xScale: .logarithmic,
  remark: "Learned on at most 40 steps. Elman, GRU and LSTM lie on each other."
).write(to: "16-state-tracking-cells.svg")

print("== Tasks")
print(head)
lines = []
for task in [SequenceTask.mod5, .s3, .dyck, .s5] {
  lines.append(try report(task.rawValue, task, .gru(32)).line)
}
try LineChart(
  title: "A GRU on other tasks: accuracy by length", x: "steps of a sequence",
  y: "accuracy", lines: lines, xScale: .logarithmic,
  remark: "Learned on at most 40 steps, in at most 1,000 training steps."
).write(to: "16-state-tracking-tasks.svg")

// snippet.states
/// The state after each step, `[step][unit]`.
func states(_ model: SequenceModel, _ tokens: [Int]) throws -> [[Float]] {
  try model.trace(tokens: tokens).layers[0].states[0]
}
let trained = models["Elman"] ?? byHand
let long = try states(trained, tokens(.parity, length: 2_048))
let different = Set(long.dropFirst(48).map { $0.map { ($0 * 10).rounded() } })
// snippet.end
print("== States")
print("after steps 49 … 2,048: \(different.count) different states, to one decimal")
let shown = try (byHand: states(byHand, bits), trained: states(trained, bits))
try HeatMap(
  title: "States of two Elman networks that track parity", x: "step",
  y: "bits and parities as -1 and 1; units",
  rows: [bits, parities].map { $0.map { Float(2 * $0 - 1) } }
    + (0..<2).map { unit in shown.byHand.map { $0[unit] } }
    + (0..<8).map { unit in shown.trained.map { $0[unit] } },
  rowLabels: ["bit", "parity", "by hand, h₁", "by hand, h₂"]
    + (0..<8).map { "trained, h\($0)" },
  range: .signed
).write(to: "16-state-tracking-states.svg")

// snippet.curriculum
/// The accuracy at 40 steps every 50 training steps: of lengths that grow, or of 40 steps
/// from the beginning.
func curve(growing: Bool, steps: Int) throws -> [(x: Double, y: Double)] {
  var training = try TaskTraining(.parity, recipe: recipe(for: .parity), seed: 0)
  var model = training.model(layers: .elman(32))
  var optimizer = Adam(learningRate: training.recipe.learningRate)
  var points: [(x: Double, y: Double)] = []
  for step in 0..<steps {
    if growing {
      try training.step(&model)
    } else {
      let batch = try SequenceTask.parity.dataset(
        count: 32, length: 40, seed: 0, from: 32 * step)
      try model.train(on: batch.wholeBatch, with: &optimizer, clipping: .norm(1))
    }
    if (step + 1).isMultiple(of: 50) {
      let score = try LengthAccuracy(
        of: model, on: .parity, lengths: [40], count: 32, seed: training.testSeed
      ).scores[0]
      points.append((x: Double(step + 1), y: score.accuracy))
    }
  }
  return points
}
let growing = try curve(growing: true, steps: 600)
let fixed = try curve(growing: false, steps: 600)
// snippet.end
print("== Curriculum")
print(row("steps", "growing", "fixed"))
for index in growing.indices {
  print(
    row(
      "\(Int(growing[index].x))", percent(growing[index].y), percent(fixed[index].y)))
}
try LineChart(
  title: "Accuracy at 40 steps while learning parity", x: "training step",
  y: "accuracy",
  lines: [
    LineChart.Line("lengths grow", growing), LineChart.Line("always 40 steps", fixed),
  ]
).write(to: "16-state-tracking-curriculum.svg")
