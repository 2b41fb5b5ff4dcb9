import Recurrent
import TestSupport
import Testing
import WatchedCalls

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a stream does on a thread with a deadline: arithmetic, and nothing that may have to wait.
@Suite(.enabled(if: deadline_can_count() != 0 && deadline_can_forbid_system_calls() != 0))
struct StreamDeadlineTests {
  /// A network whose steps are counted.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configuration: ModelConfiguration
    let precision: WeightPrecision

    init(
      _ name: String, _ input: ModelConfiguration.Input = .features(3), _ layers: LayerConfiguration...,
      output: ModelConfiguration.Output = .classes(4), learnsState: Bool = false, precision: WeightPrecision = .float
    ) {
      self.precision = precision
      testDescription = name
      configuration = .init(
        input: input, layers: layers, readout: .everyStep, output: output,
        initialState: learnsState ? .learned : .zero)
    }

    var readsTokens: Bool { if case .features = configuration.input { false } else { true } }

    private static let lstm = LayerConfiguration(LSTMCell(hiddenSize: 9))
    private static let zoneout = Regularization(hiddenZoneout: 0.25, stateZoneout: 0.15)

    static let all =
      CellKind.all.map { Case($0.name, .features(3), LayerConfiguration($0.make(9))) } + [
        Case("three layers", .features(1), lstm, LayerConfiguration(GRUCell(hiddenSize: 20)), lstm),
        Case("residual, zoneout", .features(3), lstm, lstm.residual(), lstm.regularized(zoneout), output: .values(1)),
        Case("tokens", .tokens(5), lstm, output: .classes(5), learnsState: true),
        Case("tokens, reset before", .tokens(5), LayerConfiguration(GRUCell(hiddenSize: 9, resetAfter: false))),
        Case(
          "tokens, options", .tokens(5),
          LayerConfiguration(LSTMCell(hiddenSize: 9, options: .init(hasPeepholes: true)))),
        Case("embedded", .tokens(5, embedding: 2), lstm, output: .labels(20)),
        Case("bf16", .features(3), lstm, LayerConfiguration(GRUCell(hiddenSize: 40)), precision: .bf16),
        Case(
          "int8", .features(3), lstm, lstm.residual(), LayerConfiguration(GRUCell(hiddenSize: 40)), precision: .int8),
        Case(
          "int8, tokens, reset before", .tokens(5), LayerConfiguration(GRUCell(hiddenSize: 40, resetAfter: false)),
          precision: .int8),
      ]
  }

  // In a process of its own, which the system ends at the first call.
  @Test(
    "neither steps nor blocks allocate or call the system",
    arguments: 0..<Case.all.count)
  func counts(index: Int) async {
    await #expect(processExitsWith: .success, "\(Case.all[index])") { [index = index as Int] in
      let example = Case.all[index]
      var stream = try SequenceModel(example.configuration).reduced(to: example.precision).makeStream()
      try take(&stream, readsTokens: example.readsTokens, forbidsCalls: true)
    }
  }

  @Test("the counters count: the first step of a copy allocates its state")
  func copies() async {
    await #expect(processExitsWith: .exitCode(1)) {
      var stream = try SequenceModel(Case.all[0].configuration).makeStream()
      let copy = stream
      try take(&stream, readsTokens: false, forbidsCalls: false)
      withExtendedLifetime(copy) {}
    }
  }

  @Test("a system call would show")
  func forbiddenCalls() async {
    await #expect(processExitsWith: .signal(SIGSYS)) {
      deadline_forbid_system_calls()
      _ = getppid()
      deadline_exit(0)
    }
  }
}

/// Takes a few steps, one by one and in blocks, and ends the process: with 1 if that allocated memory.
private func take(_ stream: inout SequenceStream, readsTokens: Bool, forbidsCalls: Bool) throws {
  let steps = 70
  let inputs = [Float](repeating: 0.5, count: steps * stream.inputSize)
  var outputs = [Float](repeating: 0, count: steps * stream.outputSize)
  var sum: Float = 0
  let (row, rows) = (inputs.span.extracting(first: stream.inputSize), inputs.span)
  var space = outputs.mutableSpan
  if forbidsCalls { deadline_forbid_system_calls() }
  deadline_count_begin()
  for t in 0..<5 {
    if readsTokens {
      try stream.step(token: t % stream.inputSize)
    } else {
      try stream.step(row)
      try stream.run(rows, into: &space)
    }
    sum += stream.withValues { $0[0] }
  }
  let allocations = deadline_count_end()
  deadline_exit(!sum.isFinite ? 2 : allocations > 0 ? 1 : 0)
}
