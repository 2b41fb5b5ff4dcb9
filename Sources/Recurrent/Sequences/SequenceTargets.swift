import RecurrentSupport

/// What a network should predict for each sequence, or for each of its steps.
public struct SequenceTargets: Sendable, Equatable {
  /// The kind and the values: classes `[count]` or `[count, time]`; numbers with a last dimension `size`.
  enum Values: Sendable, Equatable {
    case classes([Int32], count: Int)
    case numbers([Float], size: Int)
  }

  let values: Values
  /// Whether there are targets for each step, rather than for each sequence.
  public let isEveryStep: Bool
  /// The factor of each sequence's loss in training; nil if all count alike.
  public private(set) var weights: [Float]?

  private init(values: Values, isEveryStep: Bool) { (self.values, self.isEveryStep) = (values, isEveryStep) }

  /// One class out of `count` for each sequence, or for each step.
  ///
  /// - Parameters:
  ///   - classes: `[sequences]`, or `[sequences, time]`; -1 for a step without a class, which the loss ignores.
  ///   - count: the number of classes.
  ///   - everyStep: whether each step has one.
  public static func classes(_ classes: [Int32], count: Int, everyStep: Bool = false) -> SequenceTargets {
    SequenceTargets(values: .classes(classes, count: count), isEveryStep: everyStep)
  }

  /// `size` numbers for each sequence, or for each step: regression targets, or 1 and 0 for labels that apply or do
  /// not.
  ///
  /// - Parameters:
  ///   - values: `[sequences, size]`, or `[sequences, time, size]`; NaN marks a missing number, which the loss ignores.
  ///   - size: how many numbers each target has.
  ///   - everyStep: whether each step has its own.
  public static func values(_ values: [Float], size: Int, everyStep: Bool = false) -> SequenceTargets {
    SequenceTargets(values: .numbers(values, size: size), isEveryStep: everyStep)
  }

  /// The same numbers, with a factor of each sequence's loss in training.
  ///
  /// ```
  /// loss = 1/N Σ w[sequence] loss(output, target)          N numbers, whatever their weights
  /// ```
  ///
  /// Series of different spread can so be given equal importance. What is measured has no weights.
  ///
  /// - Parameter weights: w, `[sequences]`.
  /// - Precondition: targets are numbers; weights are finite and not negative.
  /// - Complexity: O(sequences).
  public func weighted(by weights: [Float]) -> SequenceTargets {
    require(areValues, "classes have weights of their own; found weights of sequences")
    require(weights.allSatisfy { $0 >= 0 && $0.isFinite }, "weights of sequences must be finite and not negative")
    var targets = self
    targets.weights = weights
    return targets
  }

  /// The number of classes, or of numbers per target.
  public var size: Int {
    switch values {
    case .classes(_, let size), .numbers(_, let size): size
    }
  }

  /// Whether targets are numbers rather than classes.
  public var areValues: Bool {
    if case .numbers = values { return true }
    return false
  }

  /// The targets of some sequences; there must be one target per sequence.
  func part(_ sequences: Range<Int>) -> SequenceTargets {
    switch values {
    case .classes(let classes, let count): return .classes(Array(classes[sequences]), count: count)
    case .numbers(let numbers, let size):
      var part = Self.values(Array(numbers[sequences.lowerBound * size..<sequences.upperBound * size]), size: size)
      part.weights = weights.map { Array($0[sequences]) }
      return part
    }
  }

  /// The number of targets; nil if the number of values is not a multiple of `size`.
  var targetCount: Int? {
    switch values {
    case .classes(let classes, _): classes.count
    case .numbers(let numbers, let size): size > 0 && numbers.count.isMultiple(of: size) ? numbers.count / size : nil
    }
  }

  /// Throws if the number of targets does not fit the sequences or a class is out of range.
  func check(count: Int, steps: Int) throws(InputError) {
    let expected = isEveryStep ? count * steps : count
    guard targetCount == expected else {
      let found =
        switch values {
        case .classes(let classes, _): quantity(classes.count, "label")
        case .numbers(let numbers, _): quantity(numbers.count, "target value")
        }
      throw InputError(
        .size, found: found,
        expected: isEveryStep
          ? "\(count) × \(steps)\(areValues ? " × \(size)" : ""), one for each step"
          : "\(count)\(areValues ? " × \(size)" : ""), one for each sequence")
    }
    if let weights, weights.count != count {
      throw InputError(.size, found: quantity(weights.count, "weight"), expected: "\(count), one for each sequence")
    }
    guard case .classes(let classes, let classCount) = values else { return }
    // A step may lack a class; a sequence may not, since nothing could be learned from it.
    let lowest: Int32 = isEveryStep ? -1 : 0
    guard let index = classes.firstIndex(where: { $0 < lowest || $0 >= classCount }) else { return }
    throw InputError(
      .label,
      found: isEveryStep
        ? "label \(classes[index]) of step \(index % max(steps, 1)) of sequence \(index / max(steps, 1))"
        : "label \(classes[index]) of sequence \(index)",
      expected: "labels in 0..<\(classCount)" + (isEveryStep ? ", or -1 for none" : ""))
  }
}

extension SequenceTargets {
  /// The numbers of all targets; nil of classes.
  package var numbers: [Float]? {
    if case .numbers(let numbers, _) = values { return numbers }
    return nil
  }
}
