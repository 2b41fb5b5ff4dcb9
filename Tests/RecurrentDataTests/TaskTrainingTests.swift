import Foundation
import Recurrent
import RecurrentData
import Testing

/// The training of tasks by their recipes.
@Suite struct TaskTrainingTests {
  /// A recipe for a test: small, and with short rounds.
  private func recipe(_ task: SequenceTask) -> TaskRecipe {
    var recipe = TaskRecipe(for: task)
    recipe.hiddenSize = 16
    recipe.learningRate = 0.01
    recipe.checkEvery = 20
    recipe.consolidationSteps = 100
    recipe.provingLength = 300
    recipe.provingCount = 32
    return recipe
  }

  /// The training of a small network to its end, and what each of its steps has found on fresh sequences.
  private func whole(
    _ task: SequenceTask, by recipe: TaskRecipe
  ) throws -> (training: TaskTraining, checks: [LengthAccuracy.Score?]) {
    var training = try TaskTraining(task, recipe: recipe)
    var model = training.model(layers: .elman(4))
    var checks: [LengthAccuracy.Score?] = []
    while !training.isOver { checks.append(try training.step(&model).check) }
    return (training, checks)
  }

  @Test("parity is learned on at most 40 steps, and holds far beyond", arguments: ["lstm", "gru", "elman"])
  func parity(cell: String) throws {
    var training = try TaskTraining(.parity, recipe: recipe(.parity), seed: 1)
    let layers: [LayerConfiguration] = cell == "lstm" ? .lstm(16) : cell == "gru" ? .gru(16) : .elman(16)
    var model = training.model(layers: layers)
    var (lengths, rates): ([Int], [Float]) = ([], [])
    while !training.isOver {
      let isGrowing = training.phase == .growing
      let step = try training.step(&model)
      lengths.append(step.length)
      if isGrowing { #expect(step.learningRate == 0.01) } else { rates.append(step.learningRate) }
    }
    #expect(training.phase == .solved)
    #expect(lengths == lengths.sorted() && Set(lengths) == [4, 8, 16, 32, 40])
    // A round falls from the full rate to about a hundredth of it.
    #expect(rates[0] == 0.01 && abs(rates[99] - 0.0001) < 0.00001)
    #expect(rates[..<100] == rates[..<100].sorted(by: >)[...])
    let accuracy = try LengthAccuracy(
      of: model, on: .parity, lengths: [40, 300], count: 100, seed: training.testSeed)
    // A small network after a short round: 32 sequences have proven it, which leaves room for a rare error.
    #expect(accuracy.scores.allSatisfy { $0.sequenceAccuracy > 0.9 })
  }

  @Test("a training that was written down goes on to the same bits", arguments: [SequenceTask.mod5, .adding, .dyck])
  func resumption(task: SequenceTask) throws {
    // Rounds short enough for the break to lie within one, and for lengths to have grown.
    var recipe = recipe(task)
    recipe.mastery = 0
    recipe.checkEvery = 3
    recipe.consolidationSteps = 20
    recipe.maximumSteps = 60
    func run(breakingAt steps: [Int]) throws -> (Parameters, TaskTraining) {
      var training = try TaskTraining(task, recipe: recipe, seed: 2)
      var model = training.model(layers: .gru(16))
      while !training.isOver {
        if steps.contains(training.stepCount) {
          training = try JSONDecoder().decode(TaskTraining.self, from: JSONEncoder().encode(training))
        }
        try training.step(&model)
      }
      return (model.parameters, training)
    }
    let whole = try run(breakingAt: [])
    let broken = try run(breakingAt: [0, 7, 30, 47])
    #expect(whole.0 == broken.0)
    #expect(whole.1.stepCount == broken.1.stepCount && whole.1.phase == broken.1.phase)
  }

  @Test("a loss that is no longer finite names the step")
  func notFinite() throws {
    var training = try TaskTraining(.parity, recipe: recipe(.parity))
    var model = training.model(layers: .elman(4))
    try training.step(&model)
    model.parameters["head.bias"] = try Tensor(shape: [2], values: [.nan, 0])
    let error = #expect(throws: NonFiniteError.self) { try training.step(&model) }
    #expect(error?.step == 1)
  }

  @Test("training gives up after the most steps allowed")
  func limit() throws {
    var recipe = recipe(.s5)
    recipe.maximumSteps = 3
    let training = try whole(.s5, by: recipe).training
    #expect(training.phase == .givenUp && training.stepCount == 3)
  }

  @Test("where only the end of a sequence has targets, a rule is proven at lengths that double")
  func provingLengths() throws {
    var recipe = TaskRecipe(for: .adding)
    #expect(recipe.provingLengths(for: .adding) == [40, 80, 160, 320, 640, 1280, 2048])
    #expect(recipe.provingLengths(for: .copy).count == 7 && recipe.provingLengths(for: .parity) == [2048])
    recipe.provingLength = .max
    #expect(recipe.provingLengths(for: .adding).last == .max)
    recipe.provingLength = 40
    #expect(recipe.provingLengths(for: .adding) == [40])
    // A round later, whatever has been learned fails at the shortest length.
    recipe.provingLength = 160
    recipe.longestLength = 8
    recipe.mastery = 0
    recipe.checkEvery = 1
    recipe.consolidationSteps = 1
    recipe.maximumSteps = 4
    let (training, checks) = try whole(.adding, by: recipe)
    #expect(training.phase == .givenUp && checks.last??.length == 8)
    #expect(checks.last??.sequenceCount == recipe.provingCount / 6)
  }

  @Test("training that is given up is over, and stays what it was if it is over already")
  func givingUp() throws {
    var training = try TaskTraining(.parity, recipe: recipe(.parity))
    var model = training.model(layers: .elman(4))
    try training.step(&model)
    training.giveUp()
    #expect(training.isOver && training.phase == .givenUp && training.stepCount == 1)
    training = try JSONDecoder().decode(TaskTraining.self, from: JSONEncoder().encode(training))
    #expect(training.phase == .givenUp)

    var solved = recipe(.parity)
    solved.consolidationSteps = 1
    solved.mastery = 0
    solved.provingLength = 1
    solved.provingCount = 1
    training = try TaskTraining(.parity, recipe: solved)
    model = training.model(layers: .elman(16))
    while !training.isOver { try training.step(&model) }
    try #require(training.phase == .solved)
    training.giveUp()
    #expect(training.phase == .solved)
  }

  @Test("a check of growing lengths is on fresh sequences of the present length, one of a round on the proving length")
  func checks() throws {
    var recipe = recipe(.flipflop)
    recipe.mastery = 0
    recipe.checkEvery = 2
    recipe.longestLength = 8
    recipe.consolidationSteps = 3
    recipe.maximumSteps = 7
    let checks = try whole(.flipflop, by: recipe).checks
    #expect(checks.map { $0?.length } == [nil, 4, nil, 8, nil, nil, 300])
  }

  @Test(
    "a recipe that cannot be followed is refused in one line",
    arguments: [
      (#""batchSize":0"#, "found 0 sequences of a batch, expected 1 or more"),
      (#""consolidationSteps":0"#, "found 0 steps of consolidation, expected 1 or more"),
      (#""learningRate":0"#, "found a learning rate of 0.0, expected a number above 0"),
      (#""mastery":1"#, "found a mastery of 1.0, expected a fraction below 1, which can be exceeded"),
      (#""longestLength":2"#, "found a length of 2, expected 3 steps or more, which the task copy needs"),
      (#""provingLength":2"#, "found a length of 2, expected 3 steps or more, which the task copy needs"),
    ])
  func recipes(change: String, sentence: String) throws {
    let written = String(decoding: try JSONEncoder().encode(TaskRecipe(for: .copy)), as: UTF8.self)
    let key = try #require(change.split(separator: ":").first)
    let changed = written.replacing(try Regex("\(key):[0-9.e-]+"), with: change)
    let recipe = try JSONDecoder().decode(TaskRecipe.self, from: Data(changed.utf8))
    let error = #expect(throws: InputError.self) { try TaskTraining(.copy, recipe: recipe) }
    #expect(error?.description == sentence)
  }

  @Test(
    "a damaged record of a training is refused",
    arguments: [
      (#""stepCount":0"#, #""stepCount":-1"#), (#""stepCount":0"#, #""stepCount":20001"#),
      (#"{"growing":{}}"#, #"{"consolidating":{"since":1}}"#), (#""batchSize":64"#, #""batchSize":0"#),
      (#""shortest":3"#, #""shortest":1"#),
    ])
  func damage(old: String, new: String) throws {
    let training = try TaskTraining(.copy, recipe: TaskRecipe(for: .copy))
    let written = String(decoding: try JSONEncoder().encode(training), as: UTF8.self)
    #expect(written.contains(old))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TaskTraining.self, from: Data(written.replacing(old, with: new).utf8))
    }
  }

  @Test("tests see other sequences than training")
  func seeds() throws {
    let training = try TaskTraining(.adding, recipe: TaskRecipe(for: .adding), seed: 7)
    #expect(training.testSeed != training.seed)
    let other = try TaskTraining(.adding, recipe: TaskRecipe(for: .adding), seed: 8)
    #expect(training.testSeed != other.testSeed)
  }
}
