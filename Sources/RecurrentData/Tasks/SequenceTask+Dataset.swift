import Recurrent
import RecurrentSupport

extension SequenceTask {
  /// Sequences of some lengths.
  ///
  /// Sequence n of a seed follows from seed, n and its length alone: training that has come to sequence n goes on from
  /// there, and a large test set can be drawn in parts.
  ///
  /// - Parameters:
  ///   - lengths: the steps of each sequence.
  ///   - seed: what all sequences follow from.
  ///   - first: the number of the first sequence, from 0.
  /// - Returns: the sequences with their targets; shorter ones are padded.
  /// - Throws: `InputError` for a length below ``shortestLength``.
  /// - Precondition: `first` is not negative.
  /// - Complexity: O(sequences · longest length).
  public func dataset(lengths: [Int], seed: UInt64, from first: Int = 0) throws(InputError) -> SequenceDataset {
    try draw(lengths: lengths, seed: seed, from: first).dataset()
  }

  /// Sequences of one length.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - length: the steps of each.
  ///   - seed: what all sequences follow from.
  ///   - first: the number of the first sequence, from 0.
  /// - Returns: the sequences with their targets.
  /// - Throws: `InputError` for a length below ``shortestLength``.
  /// - Precondition: neither `count` nor `first` is negative.
  /// - Complexity: O(count · length).
  public func dataset(
    count: Int, length: Int, seed: UInt64, from first: Int = 0
  ) throws(InputError) -> SequenceDataset {
    try dataset(lengths: Array(repeating: length, count: count), seed: seed, from: first)
  }

  /// The error for a length that is too short.
  func refusal(of length: Int) -> InputError {
    InputError(
      .length, found: "a length of \(length)",
      expected: "\(quantity(shortestLength, "step")) or more, which the task \(rawValue) needs")
  }

  /// Draws sequences, whose targets can still be seen.
  func draw(lengths: [Int], seed: UInt64, from first: Int) throws(InputError) -> DrawnSequences {
    require(first >= 0, "sequences are numbered from 0; found \(first)")
    if let length = lengths.first(where: { $0 < shortestLength }) {
      throw refusal(of: length)
    }
    let generators = lengths.indices.lazy.map { SplitMix64(seed: seed, stream: UInt64(first + $0)) }
    return source.map { DrawnSequences(of: $0, lengths: lengths, generators) }
      ?? DrawnSequences(ofSums: lengths, generators)
  }
}

/// Sequences of a task and their targets, before they become a dataset.
struct DrawnSequences {
  enum Targets {
    /// `[sequences, time]`; -1 for none.
    case classes([Int32])
    /// `[sequences]`
    case values([Float])
  }

  let lengths: [Int]
  let inputs: SequenceInputs
  let targets: Targets
  private let classCount: Int

  /// The steps of each sequence, its padding among them.
  var stepCount: Int { lengths.max() ?? 0 }

  /// Sequences of tokens.
  init(of source: some TokenSource, lengths: [Int], _ generators: some Sequence<SplitMix64>) {
    let steps = lengths.max() ?? 0
    var (tokens, classes): ([Int32], [Int32]) = ([], [])
    tokens.reserveCapacity(lengths.count * steps)
    classes.reserveCapacity(lengths.count * steps)
    for (length, generator) in zip(lengths, generators) {
      var generator = generator
      source.draw(length: length, using: &generator) { token, target in
        tokens.append(Int32(token))
        classes.append(Int32(target))
      }
      tokens.append(contentsOf: repeatElement(0, count: steps - length))
      classes.append(contentsOf: repeatElement(-1, count: steps - length))
    }
    self.lengths = lengths
    inputs = .tokens(tokens, count: source.tokenCount)
    targets = .classes(classes)
    classCount = source.classCount
  }

  /// Sequences of numbers, two of which are marked, and the sums of these two.
  init(ofSums lengths: [Int], _ generators: some Sequence<SplitMix64>) {
    let steps = lengths.max() ?? 0
    var inputs = [Float](repeating: 0, count: lengths.count * steps * 2)
    var sums = [Float](repeating: 0, count: lengths.count)
    for (sequence, (length, generator)) in zip(lengths, generators).enumerated() {
      var generator = generator
      let first = sequence * steps
      for t in first..<first + length { inputs[2 * t] = generator.uniform() }
      let half = length / 2
      for t in [generator.integer(below: half), half + generator.integer(below: length - half)] {
        inputs[2 * (first + t) + 1] = 1
        sums[sequence] += inputs[2 * (first + t)]
      }
    }
    self.lengths = lengths
    self.inputs = .floats(inputs, features: 2)
    targets = .values(sums)
    classCount = 0
  }

  /// The sequences with their targets.
  func dataset() throws(InputError) -> SequenceDataset {
    let isRagged = lengths.contains { $0 != stepCount }
    let targets: SequenceTargets =
      switch targets {
      case .classes(let classes): .classes(classes, count: classCount, everyStep: true)
      case .values(let values): .values(values, size: 1)
      }
    return try SequenceDataset(
      inputs, targets: targets, stepCount: stepCount, count: lengths.count,
      lengths: isRagged ? lengths.map { Int32($0) } : nil)
  }
}
