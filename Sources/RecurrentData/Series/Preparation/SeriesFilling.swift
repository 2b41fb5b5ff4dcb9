import RecurrentSupport

/// What takes the place of missing inputs, in training and in use alike.
public enum MissingInputs: String, Codable, Hashable, Sendable, CaseIterable {
  /// The last value of the channel; before its first value the channel's mean in training.
  case carriedForward
  /// The channel's mean in training.
  case mean
  /// Nothing: data that lacks inputs is refused.
  case refused
}

/// How many missing inputs were filled, and with what: for each channel, to be printed.
public struct SeriesFilling: Sendable, Equatable {
  /// The names of the channels.
  public let channels: [String]
  /// How many values were filled with the last value before, `[channels]`.
  public internal(set) var carried: [Int]
  /// How many values were filled with the mean in training, `[channels]`.
  public internal(set) var means: [Int]

  init(channels: [String]) {
    self.channels = channels
    carried = Array(repeating: 0, count: channels.count)
    means = carried
  }

  /// How many values were filled in all.
  ///
  /// - Complexity: O(channels).
  public var count: Int { carried.reduce(0, +) + means.reduce(0, +) }
}

extension SeriesFilling: CustomStringConvertible {
  /// The channels that lacked values: `rain: 3 with the last value, 1 with the mean`, or `no input is missing`.
  public var description: String {
    let parts = channels.indices.filter { carried[$0] + means[$0] > 0 }.map { index in
      let kinds = [(carried[index], "the last value"), (means[index], "the mean")].filter { $0.0 > 0 }
      return "\(channels[index].shown(limit: 60)): " + kinds.map { "\($0.0) with \($0.1)" }.joined(separator: ", ")
    }
    return parts.isEmpty ? "no input is missing" : "missing inputs filled: " + parts.joined(separator: "; ")
  }
}
