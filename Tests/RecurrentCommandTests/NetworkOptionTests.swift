import ArgumentParser
import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

@testable import RecurrentCommand

/// What becomes of the options that make a network and say how it learns.
@Suite struct NetworkOptionTests {
  private func command(_ arguments: String...) throws -> TrainDigits {
    try TrainDigits.parse(arguments.flatMap { $0.split(separator: " ").map(String.init) }).resolved(for: nil)
  }

  private func options(_ arguments: String...) throws -> TrainOptions {
    try command(arguments.joined(separator: " ")).options
  }

  private func network(_ arguments: String...) throws -> SequenceModel {
    try command(arguments.joined(separator: " ")).start()
  }

  @Test(
    "each kind of cell is made with its options",
    arguments: [
      ("", "lstm"), ("--cell gru", "gru"), ("--cell gru-reset-before", "gru-reset-before"), ("--cell mgu", "mgu"),
      ("--cell mgu-reset-after", "mgu-reset-after"), ("--cell indrnn", "indrnn"), ("--cell elman", "elman"),
      ("--cell elman --activation relu", "elman relu"), ("--cell indrnn --activation tanh", "indrnn tanh"),
      ("--peepholes --cell-clip 3 --preactivation-clip 5", "lstm peepholes cell-clip=3.0 input-clip=5.0"),
      (
        "--gate-activation hardSigmoid --candidate-activation softsign --cell-activation elu(0.5)",
        "lstm gate=hardSigmoid(0.2;0.5) candidate=softsign cell=elu(0.5)"
      ),
      ("--cell gru --preactivation-clip 3", "gru input-clip=3.0"),
      (
        "--cell gru-reset-before --preactivation-clip 3 --gate-activation hardSigmoid --candidate-activation relu",
        "gru-reset-before input-clip=3.0 gate=hardSigmoid(0.2;0.5) candidate=relu"
      ),
      ("--cell gru --candidate-activation relu", "gru candidate=relu"),
      ("--cell elman --preactivation-clip 3", "elman input-clip=3.0"),
      ("--cell elman --activation relu --preactivation-clip 3", "elman relu input-clip=3.0"),
      ("--coupled-input-forget --layer-norm", "lstm coupled layer-norm"),
      ("--layer-norm --layer-norm-epsilon 0.01", "lstm layer-norm norm-epsilon=0.01"),
    ])
  func cells(arguments: String, kind: String) throws {
    let made = try network(arguments)
    #expect(made.cells.map(\.kind) == [kind, kind, kind])
    #expect(made.cells.allSatisfy { $0.hiddenSize == 20 })
  }

  @Test func layers() throws {
    let both = try network("--bidirectional --layers 2 --hidden-size 9 --merge average --residual --projection 5")
    #expect(both.layers.map(\.isBidirectional) == [true, true] && both.layers.map(\.merge) == [.average, .average])
    #expect(both.layers.map(\.isResidual) == [false, true], "only where widths are equal")
    #expect(both.layers.map(\.outputSize) == [5, 5])
    let wide = try network("--bidirectional --layers 2 --hidden-size 9")
    #expect(wide.layers.map(\.outputSize) == [18, 18] && wide.parameters["weight_ih_l1"].shape == [36, 18])
  }

  @Test func noise() throws {
    let made = try network(
      "--dropout 0.1 --variational --recurrent-dropout 0.2 --zoneout 0.3 --state-zoneout 0.05 --weight-drop 0.4")
    let expected = Regularization(
      dropout: 0.1, isVariational: true, recurrentDropout: 0.2, hiddenZoneout: 0.3, stateZoneout: 0.05,
      weightDrop: 0.4)
    #expect(made.layers.map(\.regularization) == [expected, expected, expected])
    #expect(try network("").layers.map(\.regularization) == Array(repeating: Regularization(), count: 3))
  }

  @Test(
    "a task's noise stays unless options say otherwise, or the cell cannot have it",
    arguments: [
      ("", Regularization(dropout: 0.3, isVariational: true, recurrentDropout: 0.15)),
      ("--dropout 0.5", Regularization(dropout: 0.5, isVariational: true, recurrentDropout: 0.15)),
      ("--dropout 0", Regularization(recurrentDropout: 0.15)),
      ("--no-variational", Regularization(dropout: 0.3, recurrentDropout: 0.15)),
      ("--recurrent-dropout 0", Regularization(dropout: 0.3, isVariational: true)),
      ("--cell indrnn", Regularization(dropout: 0.3, isVariational: true)),
      ("--from model", Regularization(dropout: 0.3, isVariational: true)),
    ])
  func noiseOfTask(arguments: String, expected: Regularization) throws {
    let options = try TrainText.parse(["text"] + arguments.split(separator: " ").map(String.init)).options
    var defaults = TrainingDefaults.notebook
    defaults.regularization = TextRecipe(length: 1_000_000, minutes: 20).regularization
    let layer = LayerConfiguration(LSTMCell(hiddenSize: 1))
    #expect(options.resolved(defaults).regularization.replacing(layer) == expected)
    #expect(TextRecipe(length: 1_000_000, minutes: 3).regularization == Regularization(dropout: 0.3))
  }

  @Test(
    "a text's network has layer normalization and weight decay unless options say otherwise, or exclude them",
    arguments: [
      ("", true, "adamw", 0.1), ("--no-layer-norm", false, "adamw", 0.1), ("--cell gru", false, "adamw", 0.1),
      ("--cell gru --no-layer-norm", false, "adamw", 0.1),
      ("--gate-activation hardSigmoid", false, "adamw", 0.1), ("--preactivation-clip 5", false, "adamw", 0.1),
      ("--peepholes --projection 8", true, "adamw", 0.1), ("--weight-decay 0", true, "adamw", 0),
      ("--optimizer adam", true, "adam", nil), ("--optimizer adamw", true, "adamw", 0.01),
      ("--optimizer sgd --weight-decay 0.5", true, "sgd", 0.5),
    ])
  func recipeOfText(arguments: String, isNormalized: Bool, optimizer: String, decay: Double?) throws {
    let command = try TrainText.parse(["text"] + arguments.split(separator: " ").map(String.init))
    let options = command.resolved(for: nil).options
    #expect((options.cells.layerNorm ?? false) == isNormalized)
    #expect(options.optimizer.optimizer?.rawValue == optimizer)
    #expect(options.optimizer.weightDecay == decay.map(Float.init))
  }

  @Test("a model that training starts from keeps its zoneout and takes what noise is asked for")
  func noiseOfModel() throws {
    let folder = try TemporaryDirectory()
    let start = try network("--layers 1 --zoneout 0.25 --bidirectional --cell gru")
    let path = folder.url.path() + "/m.safetensors"
    try start.save(to: path)
    let again = try network("--from \(path) --dropout 0.5")
    #expect(again.layers[0].regularization == Regularization(dropout: 0.5, hiddenZoneout: 0.25))
    #expect(again.parameters == start.parameters && again.layers[0].isBidirectional)
    let other = try network("--from \(path) --zoneout 0")
    #expect(other.layers[0].regularization == Regularization())
  }

  @Test("first weights follow the rule, its scale and the forget bias")
  func weights() throws {
    #expect(
      try options("--initializer uniform --initializer-scale 0.5").initialization.rule(steps: 28).inputWeights
        == .uniform(limit: 0.5))
    #expect(try options("--initializer normal").initialization.rule(steps: 28).hiddenWeights == .normal(deviation: 0.1))
    #expect(try options("--initializer identity").initialization.rule(steps: 28).hiddenWeights == .identity(scale: 1))
    #expect(try options("--initializer chrono").initialization.rule(steps: 784).longestTime == 784)
    #expect(
      try options("--initializer he-normal --forget-bias 2").initialization.rule(steps: 28)
        == .weights(.heNormal, forgetBias: 2))
    #expect(try options("").initialization.rule(steps: 28) == .tensorFlow1)
    for kind in InitializerOptions.Kind.allCases {
      let made = try network("--initializer \(kind.rawValue) --layers 1 --seed 3")
      #expect(made.parameters.values.allSatisfy { $0.isFinite }, "\(kind)")
      let standard = try network("--layers 1 --seed 3")
      #expect((made.parameters == standard.parameters) == (kind == .tensorflow1), "\(kind)")
    }
  }

  @Test func optimizers() throws {
    #expect((try options("").optimizer.rule as? Adam)?.learningRate == 0.01)
    let sgd = try #require(
      try options("--optimizer sgd --momentum 0.9 --nesterov --weight-decay 0.001 --learning-rate 2").optimizer.rule
        as? SGD)
    #expect(sgd.momentum == 0.9 && sgd.isNesterov && sgd.weightDecay == 0.001 && sgd.learningRate == 2)
    #expect((try options("--optimizer adamw").optimizer.rule as? AdamW)?.weightDecay == 0.01)
    #expect((try options("--optimizer adamw --weight-decay 0").optimizer.rule as? AdamW)?.weightDecay == 0)
    #expect(try options("--optimizer nadam").optimizer.rule is Nadam)
    #expect(try options("--optimizer rmsprop").optimizer.rule is RMSProp)
    #expect(try options("--optimizer adagrad").optimizer.rule is Adagrad)
    #expect(try options("--optimizer lion").optimizer.rule is Lion)
  }

  @Test("schedules are counted in epochs, and cosine in the steps they have")
  func schedules() throws {
    func loop(_ arguments: String) throws -> TrainingLoop { try command(arguments).loop(imageCount: 1050) }
    #expect(try loop("").options == TrainingLoop.Options())
    #expect(
      try loop("--schedule step --schedule-every 3 --schedule-factor 0.5").options.schedule
        == .step(every: 3, factor: 0.5))
    #expect(try loop("--schedule exponential").options.schedule == .exponential(factor: 0.9))
    #expect(
      try loop("--schedule plateau --schedule-every 2").options.schedule
        == .plateau(PlateauSchedule(factor: 0.1, patience: 2)))
    let cosine = try loop("--schedule cosine --epochs 6 --warm-up 2")
    #expect(cosine.options.schedule == .cosine(total: 66, warmUp: 22) && cosine.options.scheduleUnit == .step)
    #expect(try loop("--schedule cosine --epochs 6 --drop-last").options.schedule == .cosine(total: 60))
    #expect(try loop("--schedule cosine --epochs 6 --accumulate 4").options.schedule == .cosine(total: 18))
    #expect(try loop("--schedule cosine --epochs 6 --max-steps 20").options.schedule == .cosine(total: 20))
    let rest = try loop(
      "--clip-norm 2 --accumulate 3 --label-smoothing 0.1 --average-decay 0.99 --early-stopping 5 --validation-every 7 "
        + "--remember 9")
    #expect(
      rest.options
        == TrainingLoop.Options(
          loss: .crossEntropy(SoftmaxCrossEntropy(labelSmoothing: 0.1)), clipping: .norm(2), remembering: 9,
          accumulation: 3, averageDecay: 0.99, validationEvery: 7,
          earlyStopping: EarlyStopping(measure: .accuracy, patience: 5)))
    #expect(try loop("--clip-value 0.5").options.clipping == .value(0.5))
  }

  @Test("with early stopping the model file holds the best network, and the log says so")
  func earlyStopping() throws {
    let tool = try Tool()
    let result = try tool.run(
      "train", "digits", "--train-count", "300", "--epochs", "30", "--early-stopping", "2", "--hidden-size", "4",
      "--layers", "1", "--learning-rate", "0.1", "--run-dir", "r", "--average-decay", "0.5", "--cell", "gru",
      "--bidirectional", "--dropout", "0.2")
    #expect(result.status == 0)
    #expect(result.output.contains("Early stopping: the best validation accuracy is "))
    let files = RunFiles(tool, "r")
    let network = try files.network()
    let data = BuiltInDigits.draw(training: 300, seed: 0)
    let validation = try network.evaluate(on: data.validation)
    let improved = try files.events("improved")
    #expect(improved.last?["correct"] as? Int == validation.correct)
    let test = try files.events("test").last
    #expect(try test?["correct"] as? Int == network.evaluate(on: data.test).correct, "the model tested is the one kept")
  }

  @Test("a network has the recurrent dropout of its task's recipe, if its cell can have it")
  func recurrentDropout() throws {
    let tool = try Tool()
    for (task, cell, options, rate) in [
      ("s5", "lstm", [], 0.05), ("s5", "indrnn", [], 0), ("s5", "gru", ["--recurrent-dropout", "0.2"], 0.2),
      ("parity", "lstm", [], 0),
    ] as [(String, String, [String], Float)] {
      let folder = "\(task)-\(cell)"
      try tool.run(
        ["train", "task", task, "--cell", cell, "--hidden-size", "4", "--max-steps", "1", "--test-length", "5"]
          + ["--test-sequences", "5", "--run-dir", folder] + options
      ).expectSuccess()
      let run = RunFiles(tool, folder)
      #expect(try run.network().layers[0].regularization.recurrentDropout == rate, "\(folder)")
      let recorded = try #require(run.configuration()["options"] as? [String: Any])
      #expect(recorded["recurrent-dropout"] as? Double == Double(rate.description), "\(folder)")
    }
  }
}
