import Recurrent
import TestSupport
import Testing

/// A stream writes what it would have read.
@Suite struct GenerationTests {
  static let configurations: [ModelConfiguration] = [
    .init(input: .tokens(11), layers: .gru(6), readout: .everyStep, output: .classes(11)),
    .init(input: .tokens(11, embedding: 3), layers: .lstm(5, count: 2), readout: .everyStep, output: .classes(11)),
    .init(input: .tokens(2), layers: .elman(2), readout: .last, output: .classes(2)),
  ]

  @Test("each token is drawn from the logits after the ones before, and read next", arguments: configurations)
  func generation(configuration: ModelConfiguration) throws {
    let model = SequenceModel(configuration, seed: 2)
    var (stream, sampler) = (try model.makeStream(), TokenSampler(seed: 5))
    let last = stream.outputSize - 1
    let written = try stream.generate(30, after: [last, 0], with: &sampler)
    #expect(written.count == 30 && stream.stepCount == 32)

    var (byHand, same) = (try model.makeStream(), TokenSampler(seed: 5))
    try byHand.step(token: last)
    try byHand.step(token: 0)
    for token in written {
      #expect(try same.next(logits: byHand.values) == token)
      try byHand.step(token: token)
    }
    #expect(byHand.values == stream.values && same == sampler)

    // In parts it is the same.
    var (parts, other) = (try model.makeStream(), TokenSampler(seed: 5))
    let first = try parts.generate(13, after: [last, 0], with: &other)
    #expect(try first + parts.generate(17, with: &other) == written)
  }

  @Test("without a prime the first token is any of the vocabulary, each as probable as the others")
  func unprimed() throws {
    let model = SequenceModel(Self.configurations[0], seed: 2)
    var (counts, sampler) = ([Int](repeating: 0, count: 11), TokenSampler(seed: 1))
    for _ in 0..<2_200 {
      var stream = try model.makeStream()
      counts[try stream.next(with: &sampler)] += 1
    }
    #expect(counts.allSatisfy { abs($0 - 200) < 70 })
  }

  @Test(
    "a network that does not predict the tokens that it reads is refused",
    arguments: [
      .init(input: .features(3), layers: .gru(4), output: .classes(3)),
      .init(input: .tokens(3), layers: .gru(4), output: .classes(4)),
      .init(input: .tokens(3), layers: .gru(4), output: .values(3)),
    ] as [ModelConfiguration])
  func otherNetworks(configuration: ModelConfiguration) throws {
    var (stream, sampler) = (try SequenceModel(configuration, seed: 0).makeStream(), TokenSampler())
    let error = #expect(throws: InputError.self) { try stream.next(with: &sampler) }
    #expect(error?.kind == .network)
    #expect(throws: InputError.self) { try stream.generate(0, with: &sampler) }
    #expect(sampler == TokenSampler())
  }

  @Test("a prime with a token that is none is refused before it is read", arguments: [-1, 11])
  func badPrime(token: Int) throws {
    var (stream, sampler) = (try SequenceModel(Self.configurations[0]).makeStream(), TokenSampler())
    let error = #expect(throws: InputError.self) { try stream.generate(3, after: [0, token], with: &sampler) }
    #expect(error?.kind == .token && stream.stepCount == 0)
  }

  @Test("a network that gives NaN says so, and stream and sampler stay where they were")
  func nonFinite() throws {
    var model = SequenceModel(Self.configurations[0], seed: 0)
    model.parameters["head.bias"] = try Tensor(shape: [11], values: Array(repeating: .nan, count: 11))
    var (stream, sampler) = (try model.makeStream(), TokenSampler())
    try stream.step(token: 0)
    #expect(throws: NonFiniteError.self) { try stream.next(with: &sampler) }
    #expect(stream.stepCount == 1 && sampler == TokenSampler())
  }
}
