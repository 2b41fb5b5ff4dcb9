import RecurrentSupport

/// Long sequences, divided into windows of a number of steps; the last one may be shorter.
///
/// Each window is copied from the tensor when it is accessed.
public struct SequenceWindows: RandomAccessCollection, Sendable {
  /// Some steps of all sequences.
  public struct Window: Sendable {
    /// The range of steps.
    public let steps: Range<Int>
    /// The inputs at those steps, with the layout of the whole, `[batch, time, feature]` or with time first.
    public let inputs: Tensor
    /// How many of these steps each sequence has; nil if all are full.
    public let lengths: [Int]?
  }

  private let inputs: Tensor
  private let lengths: [Int]?
  private let layout: SequenceLayout
  private let size: Int
  private let sizes: (count: Int, steps: Int)

  /// Sequences and the largest number of steps of a window.
  ///
  /// - Precondition: `size` is above 0; there is one length per sequence, if any.
  init(_ inputs: Tensor, lengths: [Int]?, layout: SequenceLayout, size: Int) {
    let sizes = layout.sizes(of: inputs.shape)
    if let lengths { require(lengths.count == sizes.count, "one length per sequence") }
    self.sizes = sizes
    self.inputs = inputs
    self.lengths = lengths
    self.layout = layout
    self.size = size
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of windows.
  public var endIndex: Int { (sizes.steps + size - 1) / size }

  /// A window.
  ///
  /// - Parameter position: in `0..<count`.
  /// - Precondition: `position` is in `0..<count`.
  /// - Complexity: copies its values.
  public subscript(position: Int) -> Window {
    require(position >= 0 && position < endIndex, "window \(position) of \(endIndex)")
    let steps = position * size..<Swift.min((position + 1) * size, sizes.steps)
    return Window(
      steps: steps, inputs: inputs.steps(steps, layout: layout),
      lengths: lengths?.map { Swift.min(Swift.max($0 - steps.lowerBound, 0), steps.count) })
  }
}

extension Tensor {
  /// Some steps of all sequences.
  ///
  /// - Parameters:
  ///   - steps: the range of steps, from 0.
  ///   - layout: the order of dimensions: sequences first or steps first.
  /// - Precondition: the tensor is `[batch, time, feature]`, or as `layout` says, and has these steps.
  /// - Complexity: copies their values.
  public func steps(_ steps: Range<Int>, layout: SequenceLayout = .batchMajor) -> Tensor {
    let (count, all) = layout.sizes(of: shape)
    require(steps.lowerBound >= 0 && steps.upperBound <= all, "steps \(steps) of \(all)")
    let features = shape[2]
    let strides = layout.strides(count: count, steps: all, features: features)
    var values: [Float] = []
    values.reserveCapacity(count * steps.count * features)
    func append(_ sample: Int, _ steps: Range<Int>, _ count: Int) {
      let first = sample * strides.sample + steps.lowerBound * strides.step
      values.append(contentsOf: self.values[first..<first + count])
    }
    switch layout {
    case .batchMajor: for sample in 0..<count { append(sample, steps, steps.count * features) }
    case .timeMajor: append(0, steps, steps.count * count * features)
    }
    return Tensor(known: layout.shape(count: count, steps: steps.count, features: features), values: values)
  }
}
