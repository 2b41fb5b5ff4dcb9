import Recurrent

/// What the text behind an option is turned into.
///
/// The parser names the option and what it found; what was expected stands in the refusal.
enum OptionValue {
  /// Why a text is refused.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// A number of things, at least one.
  static func count(_ text: String) throws -> Int {
    guard let count = Int(text), count >= 1 else {
      throw Refusal(description: "expected a whole number of at least 1")
    }
    return count
  }

  /// How often something is timed: the times are kept, and somebody waits.
  static func repetitions(_ text: String) throws -> Int {
    guard let count = Int(text), 1...WorkloadRequest.mostRepetitions ~= count else {
      throw Refusal(description: "expected a whole number from 1 to \(WorkloadRequest.mostRepetitions)")
    }
    return count
  }

  /// A number of threads: more than the system can make would end the program.
  static func threads(_ text: String) throws -> Int {
    guard let threads = Int(text), 1...1024 ~= threads else {
      throw Refusal(description: "expected a whole number from 1 to 1024")
    }
    return threads
  }

  /// A position, counted from 0.
  static func position(_ text: String) throws -> Int {
    guard let position = Int(text), position >= 0 else {
      throw Refusal(description: "expected whole numbers of at least 0")
    }
    return position
  }

  /// A number, whatever its sign.
  static func number(_ text: String) throws -> Float {
    guard let number = Float(text), number.isFinite else { throw Refusal(description: "expected a number") }
    return number
  }

  /// How much there is of something.
  static func amount(_ text: String) throws -> Float {
    guard let amount = Float(text), amount >= 0, amount.isFinite else {
      throw Refusal(description: "expected a number of at least 0")
    }
    return amount
  }

  /// A part that may be none, but not the whole.
  static func probability(_ text: String) throws -> Float {
    guard let rate = Float(text), 0..<1 ~= rate else {
      throw Refusal(description: "expected a number from 0 to below 1")
    }
    return rate
  }

  /// A part that is neither none nor the whole.
  static func part(_ text: String) throws -> Float {
    guard let part = Float(text), part > 0, part < 1 else {
      throw Refusal(description: "expected a number between 0 and 1")
    }
    return part
  }

  /// A function that a cell puts its sums through.
  static func activation(_ text: String) throws -> Activation {
    guard let activation = Activation(text) else {
      throw Refusal(
        description: "expected tanh, sigmoid, relu, affine(α;β), leakyRelu(α), thresholdedRelu(α), scaledTanh(α;β), "
          + "hardSigmoid(α;β), elu(α), softsign or softplus")
    }
    return activation
  }

  /// A learning rate.
  static func rate(_ text: String) throws -> Float {
    guard let rate = Float(text), rate > 0, rate.isFinite else {
      throw Refusal(description: "expected a number above 0")
    }
    return rate
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw Refusal(description: "expected a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  /// The path of a file or folder, without slashes at its end.
  static func path(_ text: String) throws -> String {
    guard !text.isEmpty else { throw Refusal(description: "expected a path") }
    var path = text
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
