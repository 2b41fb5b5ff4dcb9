import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How well a network predicts a text, in the measures of the field.
///
/// ```
/// bits per token     = nats per token / ln 2
/// bits per character = bits per token / characters per token
/// perplexity         = e^(nats per token)
/// ```
///
/// Only figures per character compare between networks whose tokens differ. Characters are grapheme clusters. The loss has
/// to be that without label smoothing.
public struct LanguageScore: Sendable, Hashable, CustomStringConvertible {
  /// The mean cross-entropy of a prediction, in nats.
  public let natsPerToken: Double
  /// How many characters a token spells on average.
  public let charactersPerToken: Double

  /// A score.
  ///
  /// - Parameters:
  ///   - natsPerToken: the mean cross-entropy of a prediction, in nats: the loss of an evaluation.
  ///   - charactersPerToken: how many characters a token spells on average: ``TokenSequence/charactersPerToken`` of the
  ///     text that was measured on.
  /// - Precondition: `charactersPerToken` is positive.
  public init(natsPerToken: Double, charactersPerToken: Double = 1) {
    require(charactersPerToken > 0, "a token has more than 0 characters on average; found \(charactersPerToken)")
    self.natsPerToken = natsPerToken
    self.charactersPerToken = charactersPerToken
  }

  /// The mean cross-entropy of a prediction, in bits.
  public var bitsPerToken: Double { natsPerToken / M_LN2 }
  /// The cross-entropy of a character, in nats.
  public var natsPerCharacter: Double { natsPerToken / charactersPerToken }
  /// The cross-entropy of a character, in bits.
  public var bitsPerCharacter: Double { bitsPerToken / charactersPerToken }
  /// Among how many equally probable tokens a prediction would be as uncertain.
  public var perplexity: Double { exp(natsPerToken) }

  /// All of it in one line; if tokens are not characters, it says how figures were converted.
  public var description: String {
    let perplexity = "perplexity \(self.perplexity.fixed(2))"
    if charactersPerToken == 1 {
      return "\(natsPerToken.fixed(4)) nats and \(bitsPerToken.fixed(4)) bits per character, \(perplexity)"
    }
    return "\(natsPerToken.fixed(4)) nats per token, \(perplexity); "
      + "\(bitsPerCharacter.fixed(4)) bits per character, at \(charactersPerToken.fixed(3)) characters per token"
  }
}
