import Foundation
import Recurrent
import TestSupport
import Testing

/// Whatever a run depends on is written down between two steps and read back, and the run goes on with the same bits.
@Suite struct OptimizerCodingTests {
  @Test("five steps, written, read, and five more are ten unbroken steps, bit for bit", arguments: Optimizers.all)
  func resumed(make: Optimizers) throws {
    func check(_ optimizer: some Optimizer & Codable) throws {
      let scenario = ClassifierScenario.larger[0]
      var (unbroken, resumed) = (scenario.network(), scenario.network())
      var (first, second) = (optimizer, optimizer)
      for _ in 0..<10 { try unbroken.train(on: scenario.data, with: &first) }
      for step in 0..<10 {
        if step == 5 { second = try copy(second) }
        try resumed.train(on: scenario.data, with: &second)
      }
      #expect(bitMismatch(of: resumed.parameters, with: unbroken.parameters) == nil)
      // State that were not written would show here, in the rules that have any.
      var forgetful = optimizer
      var other = scenario.network()
      for step in 0..<10 {
        if step == 5 { forgetful = optimizer }
        try other.train(on: scenario.data, with: &forgetful)
      }
      #expect((bitMismatch(of: other.parameters, with: unbroken.parameters) == nil) == (make.testDescription == "SGD"))
    }
    let optimizer = try #require(make.make() as? any Optimizer & Codable)
    try check(optimizer)
  }

  @Test("state by name is written too", arguments: Optimizers.all)
  func named(make: Optimizers) throws {
    func step(_ optimizer: inout any Optimizer, _ values: inout [Float], _ number: Int) {
      let gradient = ClosedForm.chirp.tensor(number, [values.count]).values
      var span = values.mutableSpan
      optimizer.update(&span, gradient: gradient.span, named: "w")
    }
    var optimizer: any Optimizer = make.make()
    var values = ClosedForm.chirp.tensor(0, [7]).values
    for number in 1...3 { step(&optimizer, &values, number) }
    var (others, read) = (values, try copy(any: optimizer))
    step(&optimizer, &values, 4)
    step(&read, &others, 4)
    #expect(bitMismatch(of: others, with: values) == nil)
  }

  private func copy<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  private func copy(any optimizer: any Optimizer) throws -> any Optimizer {
    func copied(_ value: some Optimizer & Codable) throws -> any Optimizer { try copy(value) }
    let codable = try #require(optimizer as? any Optimizer & Codable)
    return try copied(codable)
  }

  @Test("JSON keeps every bit of a float")
  func floats() throws {
    var generator = SplitMix64(seed: 1)
    let floats = (0..<20_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
      .filter(\.isFinite)
    #expect(try copy(floats).map(\.bitPattern) == floats.map(\.bitPattern))
  }

  @Test("settings are kept, whatever they are")
  func settings() throws {
    let adam = try copy(Adam(learningRate: 0.1, beta1: 0.2, beta2: 0.3, epsilon: 0.4, weightDecay: 0.5))
    #expect([adam.learningRate, adam.beta1, adam.beta2, adam.epsilon, adam.weightDecay] == [0.1, 0.2, 0.3, 0.4, 0.5])
    let nadam = try copy(Nadam(beta1: 0.2, beta2: 0.3, weightDecay: 0.5, momentumDecay: 0.6))
    #expect([nadam.beta1, nadam.beta2, nadam.weightDecay, nadam.momentumDecay] == [0.2, 0.3, 0.5, 0.6])
    let sgd = try copy(SGD(learningRate: 1, momentum: 0.5, isNesterov: true, weightDecay: 0.1))
    #expect(sgd.momentum == 0.5 && sgd.isNesterov && sgd.weightDecay == 0.1)
    let adagrad = try copy(Adagrad(initialSum: 0.5, epsilon: 0.1))
    #expect(adagrad.initialSum == 0.5 && adagrad.epsilon == 0.1)
    #expect(try copy(RMSProp(alpha: 0.25)).alpha == 0.25 && copy(Lion(beta1: 0.25)).beta1 == 0.25)
    #expect(try copy(AdamW(weightDecay: 0.25)).weightDecay == 0.25)
  }

  @Test("schedules, clipping, early stopping, averages and generators are kept with what they remember")
  func others() throws {
    var plateau = PlateauSchedule(factor: 0.5, patience: 1, threshold: 0.1, cooldown: 2, minimum: 0.001)
    #expect(try copy(plateau) == plateau)
    for loss in [3, 3, 3, 2, 2.0] { plateau.observe(loss) }
    #expect(try copy(plateau) == plateau && plateau.reductionCount == 1)
    for schedule in [
      .constant, .step(every: 3, factor: 0.5), .exponential(factor: 0.9), .cosine(total: 9, warmUp: 2, minimum: 0.1),
      .plateau(plateau),
    ] as [LearningRateSchedule] {
      #expect(try copy(schedule) == schedule)
    }
    for clipping in [.value(0.5), .norm(5)] as [GradientClipping] { #expect(try copy(clipping) == clipping) }
    let stopping = EarlyStopping(measure: .accuracy, patience: 5, minimumImprovement: 0.01)
    #expect(try copy(stopping) == stopping)
    var parameters = Parameters([("w", [3])])
    parameters.values = [0.1, 0.2, .infinity]
    var average = ExponentialMovingAverage(of: parameters, decay: 0.75)
    for _ in 0..<3 { average.update(with: parameters) }
    #expect(try copy(average) == average && average.updateCount == 3)
    var generator = SplitMix64(seed: 7)
    _ = generator.next()
    var read = try copy(generator)
    #expect(read.next() == generator.next())
  }

  /// A text with one thing changed, and what it is read as.
  private func refuses<Value: Codable>(_ value: Value, _ found: String, _ replacement: String) throws -> Bool {
    let text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    try #require(text.contains(found), "\(found) in \(text)")
    let changed = Data(text.replacingOccurrences(of: found, with: replacement).utf8)
    do {
      _ = try JSONDecoder().decode(Value.self, from: changed)
      return false
    } catch is DecodingError {
      return true
    }
  }

  @Test("text that is outside of its range or does not fit is refused")
  func badText() throws {
    var adam = Adam(beta1: 0.25, weightDecay: 0.5)
    var parameters = Parameters([("w", [3])])
    adam.update(&parameters, with: parameters)
    #expect(try refuses(adam, #""beta1":0.25"#, #""beta1":1"#))
    #expect(try refuses(adam, #""weightDecay":0.5"#, #""weightDecay":-1"#))
    #expect(try refuses(adam, #""count":3"#, #""count":2"#))
    #expect(try refuses(adam, #""count":3"#, #""count":-3"#))
    #expect(try refuses(adam, #""stepCount":1"#, #""stepCount":-1"#))
    #expect(try refuses(adam, #""stepCount":1"#, #""stepCount":9223372036854775807"#))
    #expect(try refuses(adam, #""momentumProduct":1"#, #""momentumProduct":2"#))
    #expect(try refuses(adam, #""slots":["#, #""slots":["","#))
    #expect(try refuses(SGD(learningRate: 1, momentum: 0.5, isNesterov: true), #""momentum":0.5"#, #""momentum":0"#))
    #expect(try refuses(Adagrad(initialSum: 2), #""initialSum":2"#, #""initialSum":-2"#))
    #expect(try refuses(RMSProp(alpha: 0.5), "0.5", "1"))
    #expect(try refuses(Nadam(momentumDecay: 0.5), "0.5", "-1"))
    #expect(try refuses(GradientClipping.norm(5), "5", "-5"))
    #expect(try refuses(GradientClipping.norm(5), "norm", "size"))
    #expect(try refuses(LearningRateSchedule.step(every: 3, factor: 0.5), "3", "0"))
    #expect(try refuses(LearningRateSchedule.cosine(total: 9, warmUp: 8), "8", "9"))
    #expect(try refuses(LearningRateSchedule.constant, "constant", "variable"))
    #expect(try refuses(PlateauSchedule(factor: 0.5), "0.5", "1"))
    #expect(try refuses(PlateauSchedule(patience: 77), "77", "-1"))
    #expect(try refuses(EarlyStopping(patience: 5), "5", "0"))
    #expect(try refuses(ExponentialMovingAverage(of: parameters, decay: 0.5), "0.5", "1.5"))
  }
}
