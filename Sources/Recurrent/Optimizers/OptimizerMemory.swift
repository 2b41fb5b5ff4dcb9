import RecurrentKernels
import RecurrentSupport

/// The state of an optimizer for some parameters: slots of one float per parameter, and the number of steps.
final class OptimizerState: @unchecked Sendable {  // changed only during a step of its only owner
  let slots: Int
  let count: Int
  /// t, the number of steps started.
  fileprivate(set) var stepCount = 0
  /// The product of the momenta of all steps, which ``Nadam`` needs; 1 for other rules.
  var momentumProduct = 1.0
  private let values: Floats

  init(slots: Int, count: Int, initialValue: Float) {
    self.slots = slots
    self.count = count
    values = Floats.zeros(max(slots * count, 1))
    values.update(repeating: initialValue, count: slots * count)
  }

  convenience init(copying other: OptimizerState) {
    self.init(slots: other.slots, count: other.count, initialValue: 0)
    stepCount = other.stepCount
    momentumProduct = other.momentumProduct
    values.update(from: other.values, count: slots * count)
  }

  deinit { rk_free(values) }

  /// The floats of one slot.
  subscript(slot: Int) -> Floats { values + slot * count }
}

/// An optimizer's state with value semantics, allocated when the number of parameters is known.
struct OptimizerMemory: Sendable {
  let slots: Int
  private let initialValue: Float
  /// The state of steps on all parameters at once.
  private var whole: OptimizerState?
  /// The states of steps on one tensor at a time, by name.
  private var named: [String: OptimizerState] = [:]

  init(slots: Int, initialValue: Float = 0) {
    self.slots = slots
    self.initialValue = initialValue
  }

  /// The number of steps, on all parameters at once or on the tensor with the most steps.
  var stepCount: Int { named.values.reduce(whole?.stepCount ?? 0) { max($0, $1.stepCount) } }

  /// Counts a step and returns its uniquely referenced state; without a name, for all parameters at once.
  mutating func nextStep(count: Int, named name: String? = nil) -> OptimizerState {
    guard let name else {
      return Self.nextStep(of: &whole, slots: slots, count: count, initialValue: initialValue)
    }
    var state = named.removeValue(forKey: name)
    defer { named[name] = state }
    return Self.nextStep(of: &state, slots: slots, count: count, initialValue: initialValue)
  }

  // Static: a method would hold a copy of the value during the call, and the state would not be uniquely referenced.
  private static func nextStep(
    of state: inout OptimizerState?, slots: Int, count: Int, initialValue: Float
  ) -> OptimizerState {
    var next = state.take() ?? OptimizerState(slots: slots, count: count, initialValue: initialValue)
    require(
      next.count == count, "an optimizer that started with \(next.count) parameters cannot continue with \(count)")
    if !isKnownUniquelyReferenced(&next) { next = OptimizerState(copying: next) }
    next.stepCount += 1
    state = next
    return next
  }
}

// MARK: - Encoding and decoding

extension OptimizerMemory: Encodable {
  private enum CodingKeys: CodingKey {
    case whole, named
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(whole, forKey: .whole)
    if !named.isEmpty { try container.encode(named, forKey: .named) }
  }

  /// Reads what `encode` wrote, for an optimizer with this number of slots.
  fileprivate init(from decoder: any Decoder, slots: Int, initialValue: Float) throws {
    self.init(slots: slots, initialValue: initialValue)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    whole = try container.decodeIfPresent(OptimizerState.Stored.self, forKey: .whole)?.state(slots: slots)
    named =
      try container.decodeIfPresent([String: OptimizerState.Stored].self, forKey: .named)?
      .mapValues { try $0.state(slots: slots) } ?? [:]
  }
}

extension OptimizerState: Encodable {
  fileprivate struct Stored: Codable {
    var count: Int
    var stepCount: Int
    var momentumProduct: Double
    var slots: [ExactFloats]
    private(set) var path: [any CodingKey] = []

    private enum CodingKeys: CodingKey {
      case count, stepCount, momentumProduct, slots
    }

    init(_ state: OptimizerState) {
      (count, stepCount, momentumProduct) = (state.count, state.stepCount, state.momentumProduct)
      slots = (0..<state.slots).map {
        ExactFloats(Array(UnsafeBufferPointer(start: state[$0], count: state.count)))
      }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      count = try container.value(.count, in: 0...)
      stepCount = try container.value(.stepCount, in: 0..<Int.max)
      momentumProduct = try container.value(.momentumProduct, in: 0...1)
      slots = try container.decode([ExactFloats].self, forKey: .slots)
      path = container.codingPath
    }

    func state(slots expected: Int) throws -> OptimizerState {
      guard slots.count == expected, slots.allSatisfy({ $0.values.count == count }) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: path,
            debugDescription: "expected \(expected) slots of \(count) values, found \(slots.map(\.values.count))"))
      }
      let state = OptimizerState(slots: expected, count: count, initialValue: 0)
      (state.stepCount, state.momentumProduct) = (stepCount, momentumProduct)
      for (slot, floats) in slots.enumerated() {
        floats.values.withPointer { state[slot].update(from: $0, count: count) }
      }
      return state
    }
  }

  func encode(to encoder: any Encoder) throws { try Stored(self).encode(to: encoder) }
}

extension KeyedDecodingContainer {
  /// Reads a number that must lie in a range; NaN lies in none.
  func value<Value: Decodable & Comparable>(_ key: Key, in range: some RangeExpression<Value>) throws -> Value {
    let value = try decode(Value.self, forKey: key)
    if range.contains(value) { return value }
    throw DecodingError.dataCorruptedError(
      forKey: key, in: self, debugDescription: "expected a number in \(range), found \(value)")
  }

  /// The memory of an optimizer with this number of slots.
  func memory(_ key: Key, slots: Int, initialValue: Float = 0) throws -> OptimizerMemory {
    try OptimizerMemory(from: superDecoder(forKey: key), slots: slots, initialValue: initialValue)
  }
}
