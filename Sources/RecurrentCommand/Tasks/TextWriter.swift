import Recurrent
import RecurrentData

/// Text from a network, token by token.
struct TextWriter {
  private var stream: SequenceStream
  private var sampler: TokenSampler
  private var decoder: TokenDecoder

  init(_ network: SequenceModel, vocabulary: Vocabulary, sampler: TokenSampler) throws(CommandFailure) {
    self.sampler = sampler
    do throws(InputError) { stream = try network.makeStream() } catch { throw CommandFailure("\(error)", .badData) }
    decoder = vocabulary.makeDecoder()
  }

  /// Takes some tokens as steps, without writing them.
  mutating func read(_ tokens: [Int]) throws(CommandFailure) {
    do { for token in tokens { try stream.step(token: token) } } catch { throw CommandFailure("\(error)", .badData) }
  }

  /// The text of the next token; empty within a character of several bytes.
  mutating func next() throws(CommandFailure) -> String {
    do { return decoder.next(try stream.next(with: &sampler)) } catch { throw CommandFailure("\(error)", .badData) }
  }

  /// What is left of a character that was not completed.
  mutating func finish() -> String { decoder.finish() }
}
