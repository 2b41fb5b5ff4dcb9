import Foundation
import Recurrent
import RecurrentData
import Testing

/// Windows of parallel streams, and passages that a sample repeats.
@Suite struct TextWindowTests {
  static func sequence(_ count: Int) throws -> TokenSequence {
    let scalars = (0..<count).map { UnicodeScalar(UInt32(0x4E00 + $0)) ?? "?" }
    return try Text(String(String.UnicodeScalarView(scalars)), unit: .scalar, validationFraction: 0).training
  }

  @Test("windows of streams go on where the ones before ended, and targets are the next tokens")
  func windows() throws {
    let windows = try Self.sequence(26).windows(of: 4, streams: 3)
    #expect(windows.count == 2)
    for (number, window) in windows.enumerated() {
      #expect(window.count == 3 && window.stepCount == 4)
      for stream in 0..<3 {
        let first = stream * 8 + number * 4
        #expect(window.inputs.values[stream * 4..<stream * 4 + 4].map { Int($0) } == Array(first..<first + 4))
      }
    }
    let model = SequenceModel(
      .init(input: .tokens(26), layers: .gru(3), readout: .everyStep, output: .classes(26)))
    #expect(try model.evaluate(on: windows[0]).count == 12)
  }

  @Test("another offset cuts the same text elsewhere, into as many windows", arguments: [0, 1, 7, 24, 25, 26, 1_000])
  func offsets(offset: Int) throws {
    let sequence = try Self.sequence(26)
    let windows = sequence.windows(of: 4, streams: 3, offset: offset)
    #expect(windows.count == 2)
    for (number, window) in windows.enumerated() {
      for stream in 0..<3 {
        let expected = (0..<4).map { (offset + stream * 8 + number * 4 + $0) % 26 }
        #expect(window.inputs.values[stream * 4..<stream * 4 + 4].map { Int($0) } == expected)
      }
    }
    let model = SequenceModel(.init(input: .tokens(26), layers: .gru(3), readout: .everyStep, output: .classes(26)))
    #expect(try windows.map { try model.evaluate(on: $0).count } == [12, 12])
  }

  @Test(
    "a text shorter than a window of all streams is read in fewer and shorter ones, and that is said",
    arguments: [
      (2, 1, 1, "a text of 2 tokens does not fill 50 streams of 5 steps: 1 step instead of 5, 1 stream instead of 50"),
      (5, 4, 1, "a text of 5 tokens does not fill 50 streams of 5 steps: 4 steps instead of 5, 1 stream instead of 50"),
      (6, 5, 1, "a text of 6 tokens does not fill 50 streams of 5 steps: 1 stream instead of 50"),
      (12, 5, 2, "a text of 12 tokens does not fill 50 streams of 5 steps: 2 streams instead of 50"),
      (250, 5, 49, "a text of 250 tokens does not fill 50 streams of 5 steps: 49 streams instead of 50"),
      (251, 5, 50, nil), (900, 5, 50, nil),
    ] as [(Int, Int, Int, String?)])
  func short(count: Int, steps: Int, streams: Int, reduction: String?) throws {
    let sequence = try Self.sequence(count)
    let plan = sequence.plan(of: 5, streams: 50)
    #expect((plan.steps, plan.streams) == (steps, streams))
    #expect(plan.reduction == reduction)
    let windows = sequence.windows(of: 5, streams: 50)
    #expect(windows.count == plan.count)
    #expect(windows.allSatisfy { $0.stepCount == steps && $0.count == streams })
    #expect(windows.reduce(0) { $0 + $1.count * $1.stepCount } == plan.predictionCount)
    #expect(plan.predictionCount <= count - 1 && plan.predictionCount > 0)
  }

  @Test(
    "a validation part of one token or none has no windows, and that is said",
    arguments: [("abc", 0), ("abcdefghij", 1)])
  func empty(text: String, count: Int) throws {
    let validation = try Text(text).validation
    #expect(validation.tokens.count == count && validation.windows(of: 5, streams: 2).isEmpty)
    let plan = validation.plan(of: 5, streams: 2)
    #expect(plan.count == 0 && plan.predictionCount == 0)
    #expect(plan.reduction?.hasSuffix("has nothing to predict: there are no windows") == true)
  }

  @Test("a plan in words")
  func description() throws {
    #expect("\(try Self.sequence(901).plan(of: 5, streams: 50))" == "3 windows of 5 steps in 50 streams")
    #expect(
      "\(try Self.sequence(6).plan(of: 5, streams: 2))"
        == "1 window of 5 steps in 1 stream; a text of 6 tokens does not fill 2 streams of 5 steps: 1 stream instead of 2"
    )
  }

  // MARK: Passages

  @Test("what a sample repeats of the training text is found, where it first stands")
  func passages() throws {
    let text = try Text("to be or not to be, that is the question", validationFraction: 0)
    func passage(_ sample: String) -> (RepeatedPassage, String)? {
      let tokens = text.vocabulary.encodeKnown(sample).tokens
      return text.training.longestPassage(repeatedBy: tokens).map {
        ($0, text.vocabulary.decode(text.training.tokens[$0.text]))
      }
    }
    let found = try #require(passage("is it to be or that is it to be"))
    #expect(found.1 == " to be or " || found.1 == "to be or ")
    #expect(found.0.text == 0..<9 && found.0.sample == 6..<15 && found.0.count == 9)
    #expect(try #require(passage("to be or not to be, that is the question")).0.count == 40)
    #expect(try #require(passage("e")).0.text == 4..<5)
    #expect(passage("") == nil)
    #expect(text.training.longestPassage(repeatedBy: [99, 98]) == nil)
  }

  @Test("the longest passage is that of a search through all pairs", arguments: [1, 2, 3, 8])
  func allPairs(letters: Int) throws {
    var generator = SplitMix64(seed: UInt64(letters))
    for _ in 0..<150 {
      let tokens = (0..<2 + generator.integer(below: 40)).map { _ in generator.integer(below: letters) }
      let sample = (0..<generator.integer(below: 25)).map { _ in generator.integer(below: letters + 1) }
      let vocabulary = try Vocabulary((0..<letters).map { String(UnicodeScalar(UInt8(97 + $0))) }, unit: .scalar)
      let text = try Text(TextSource(vocabulary.decode(tokens)), vocabulary: vocabulary, validationFraction: 0)
      var (longest, firstEnd) = (0, 0)
      for i in tokens.indices {
        for j in sample.indices {
          var length = 0
          while length <= min(i, j), tokens[i - length] == sample[j - length] { length += 1 }
          if length > longest { (longest, firstEnd) = (length, i + 1) }
        }
      }
      let found = text.training.longestPassage(repeatedBy: sample)
      #expect(found?.count ?? 0 == longest)
      guard let found else { continue }
      #expect(found.text == firstEnd - longest..<firstEnd && found.sample.count == longest)
      #expect(Array(sample[found.sample]) == Array(tokens[found.text]))
      let firstInSample = sample.indices.first { sample[$0...].starts(with: tokens[found.text]) }
      #expect(found.sample.lowerBound == firstInSample)
    }
  }
}

/// A text as what a training loop works on.
@Suite struct TextTrainingDataTests {
  /// A text without pattern, so that context matters.
  private static func text(_ count: Int, validation: Double = 0.3) throws -> Text {
    var generator = SplitMix64(seed: 5)
    return try Text(
      String((0..<count).map { _ in "abcde".randomElement(using: &generator) ?? "a" }), validationFraction: validation)
  }

  private static let model = SequenceModel(
    .init(input: .tokens(5, embedding: 3), layers: .gru(4), readout: .everyStep, output: .classes(5)), seed: 1)

  @Test("epochs begin at different places, the same ones each time, and the first one with the text")
  func offsets() throws {
    let data = TextTrainingData(try Self.text(100), steps: 5, streams: 3, seed: 7)
    func values(_ epoch: Int) -> [[Float]] { data.batches(epoch: epoch).map { Array($0.inputs.values) } }
    #expect(values(0) == data.text.training.windows(of: 5, streams: 3).map { Array($0.inputs.values) })
    #expect(values(1) != values(0) && values(2) != values(1) && values(1) == values(1))
    #expect(values(1).count == values(0).count && data.continuesSequences)
  }

  @Test(
    "each token of the validation part is measured once, with the text before it as context",
    arguments: [(1, 7), (2, 7), (3, 5), (4, 100), (50, 3)])
  func measured(streams: Int, steps: Int) throws {
    let text = try Self.text(100)
    let data = TextTrainingData(text, steps: steps, streams: streams)
    let found = try data.evaluate(Self.model)
    #expect(found.count == 30 && data.hasValidation)
    // By hand: each part is read after the tokens before it, as many as the streams read first.
    let all = (text.training.tokens + text.validation.tokens).map { Int($0) }
    let plan = data.plan
    let count = min(streams, 30)
    var (sum, correct) = (0.0, 0)
    let bounds = (0...count).map { 70 + ($0 * 30 + count - 1) / count }
    let longest = bounds[1] - bounds[0]
    for stream in 0..<count {
      let part = bounds[stream]..<bounds[stream + 1]
      var reader = try Self.model.makeStream()
      for index in (part.upperBound - plan.steps - longest)..<part.upperBound {
        guard index >= 1 else { continue }
        try reader.step(token: all[index - 1])
        guard part.contains(index) else { continue }
        let probabilities = reader.probabilities
        sum -= log(Double(probabilities[all[index]]))
        correct += probabilities.firstIndex(of: probabilities.max() ?? 0) == all[index] ? 1 : 0
      }
    }
    #expect(abs(found.loss - sum / 30) < 1e-5 && found.correct == correct)
  }

  @Test("of a whole text all tokens but the first are measured", arguments: [1, 2, 16, 99, 200])
  func whole(streams: Int) throws {
    let text = try Self.text(100, validation: 0)
    let found = try Text.measure(Self.model, on: text.training, steps: 10, streams: streams)
    #expect(found.count == 99)
    #expect(!TextTrainingData(text, steps: 5, streams: 2).hasValidation)
    if streams == 1 {
      let window = try #require(text.training.windows(of: 99, streams: 1).first)
      #expect(abs(try Self.model.evaluate(on: window).loss - found.loss) < 1e-6)
    }
  }
}
