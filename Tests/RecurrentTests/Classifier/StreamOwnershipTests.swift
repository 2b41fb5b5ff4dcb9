import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// A stream belongs to the model that made it.
@Suite struct StreamOwnershipTests {
  /// A way to use a stream, and the hidden units of the model that made it and of the one that uses it.
  struct Misuse: Codable, Sendable {
    let maker: Int
    let user: Int
    let isRun: Bool
  }

  @Test(
    "a stream of another model ends the process with a sentence, in release builds too",
    arguments: [
      Misuse(maker: 3, user: 40, isRun: false), Misuse(maker: 40, user: 3, isRun: true),
      Misuse(maker: 3, user: 3, isRun: false),
    ])
  func otherModel(misuse: Misuse) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [misuse = misuse as Misuse] in
      func model(_ hiddenSize: Int) throws -> StreamingClassifier {
        try StreamingClassifier(SequenceModel(inputSize: 2, classCount: 3, layers: .lstm(hiddenSize)))
      }
      let (maker, user) = try (model(misuse.maker), model(misuse.user))
      var stream = maker.makeStream()
      if misuse.isRun { try user.run([1, 2, 3, 4], &stream) } else { try user.step([1, 2], &stream) }
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains("a stream belongs to the model that made it; found one that another model made"))
  }

  @Test("copies of a model share its streams, and streams may be copied and reset")
  func copies() throws {
    let model = try StreamingClassifier(SequenceModel(inputSize: 2, classCount: 3, layers: .lstm(5)))
    let copy = model
    var stream = model.makeStream()
    try model.step([1, 2], &stream)
    var second = stream
    try copy.step([3, 4], &second)
    try model.step([3, 4], &stream)
    #expect(stream.logits == second.logits)
    stream.reset()
    try copy.run([1, 2, 3, 4], &stream)
    #expect(stream.logits == second.logits)
  }
}
