import Recurrent
import RecurrentData
import RecurrentWorkloads

/// Conversions of an option's text into its value.
///
/// The parser's message names the option and what it found; the error adds what was expected.
enum OptionValue {
  /// What was expected of a text.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
  }

  /// A count of at least 1.
  static func count(_ text: String) throws -> Int {
    guard let count = Int(text), count >= 1 else {
      throw Mismatch(description: "expected a whole number of at least 1")
    }
    return count
  }

  /// The most steps, and the most sequences, of the data of a task.
  private static let longestLength = 1_000_000

  /// A length, or a number of sequences, of made data; bounded, since a sequence is made as a whole.
  static func length(_ text: String) throws -> Int {
    guard let length = Int(text), 1...longestLength ~= length else {
      throw Mismatch(description: "expected a whole number from 1 to \(longestLength)")
    }
    return length
  }

  /// A number of repetitions of a measurement; bounded, since all times are kept.
  static func repetitions(_ text: String) throws -> Int {
    guard let count = Int(text), 1...WorkloadRequest.mostRepetitions ~= count else {
      throw Mismatch(description: "expected a whole number from 1 to \(WorkloadRequest.mostRepetitions)")
    }
    return count
  }

  /// A number of threads; bounded, since the process would end if the system could not create them.
  static func threads(_ text: String) throws -> Int {
    guard let threads = Int(text), 1...1024 ~= threads else {
      throw Mismatch(description: "expected a whole number from 1 to 1024")
    }
    return threads
  }

  /// An index or a count, at least 0.
  static func index(_ text: String) throws -> Int {
    guard let index = Int(text), index >= 0 else {
      throw Mismatch(description: "expected whole numbers of at least 0")
    }
    return index
  }

  /// A finite number.
  static func number(_ text: String) throws -> Float {
    guard let number = Float(text), number.isFinite else { throw Mismatch(description: "expected a number") }
    return number
  }

  /// A time, such as `30s`, `5m`, `1h` or `90`, which are seconds.
  static func duration(_ text: String) throws -> Duration {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number >= 0, number < 1e9 else {
      throw Mismatch(description: "expected a time such as 30s, 5m or 1h")
    }
    return .seconds(number * (unit ?? 1))
  }

  /// A finite number of at least 0.
  static func amount(_ text: String) throws -> Float {
    guard let amount = Float(text), amount >= 0, amount.isFinite else {
      throw Mismatch(description: "expected a number of at least 0")
    }
    return amount
  }

  /// A probability or a share in 0..<1.
  static func probability(_ text: String) throws -> Float {
    guard let rate = Float(text), 0..<1 ~= rate else {
      throw Mismatch(description: "expected a number from 0 to below 1")
    }
    return rate
  }

  /// A number between 0 and 1, exclusive.
  static func fraction(_ text: String) throws -> Float {
    guard let fraction = Float(text), fraction > 0, fraction < 1 else {
      throw Mismatch(description: "expected a number between 0 and 1")
    }
    return fraction
  }

  /// An activation function.
  static func activation(_ text: String) throws -> Activation {
    guard let activation = Activation(text) else {
      throw Mismatch(
        description: "expected tanh, sigmoid, relu, affine(α;β), leakyRelu(α), thresholdedRelu(α), scaledTanh(α;β), "
          + "hardSigmoid(α;β), elu(α), softsign or softplus")
    }
    return activation
  }

  /// A finite number above 0.
  static func positive(_ text: String) throws -> Float {
    guard let number = Float(text), number > 0, number.isFinite else {
      throw Mismatch(description: "expected a number above 0")
    }
    return number
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw Mismatch(description: "expected a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  /// The path of a file or folder, without trailing slashes.
  static func path(_ text: String) throws -> String {
    guard !text.isEmpty else { throw Mismatch(description: "expected a path") }
    var path = text
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// The path of a file of a trace.
  static func trace(_ text: String) throws -> String {
    guard StepTable.Format(path: text) != nil else {
      throw Mismatch(description: "expected a file that ends in .csv or .npz")
    }
    return text
  }
}
