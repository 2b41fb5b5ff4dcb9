import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a network's weights are initialized from a seed.
///
/// The presets follow the frameworks, for a layer of I inputs, H units and G gates:
///
/// | | input weights W | recurrent weights U | bias | head |
/// |---|---|---|---|---|
/// | ``tensorFlow1`` | Glorot over the joint `[I + H, G H]` kernel | same | 0, forget gate 1 | N(0, 1), as in the notebook |
/// | ``pyTorch`` | ±1/√H | ±1/√H | sum of two ±1/√H | ±1/√H |
/// | ``keras`` | Glorot | orthogonal | 0, forget gate 1 | Glorot, bias 0 |
/// | ``weights(_:forgetBias:)`` | one rule | same | 0, forget gate `forgetBias` | same, bias 0 |
/// | ``identity(scale:)`` | N(0, 0.001) | identity | 0 | N(0, 0.001), bias 0 |
/// | ``chrono(longestTime:)`` | Glorot | orthogonal | 0, memory gates by chrono | Glorot, bias 0 |
///
/// A projection of the hidden state follows the rule of U, never as part of a joint kernel.
public struct Initializer: Sendable, Equatable {
  /// The rule for W.
  public var inputWeights: WeightRule
  /// The rule for U.
  public var hiddenWeights: WeightRule
  /// Whether W and U count as one matrix for fans, as TensorFlow 1 stores them.
  public var isJoint: Bool
  /// The rule for the bias.
  public var bias: WeightRule
  /// How many independent biases are summed.
  ///
  /// PyTorch has two, the first with W and the second with U: a gate that reads only one of them, such as a GRU's
  /// candidate, has only that bias.
  public var biasCount: Int
  /// The value added to the forget gate's bias.
  public var forgetBias: Float
  /// T, the longest time that a cell should remember, which determines the biases of its memory gates.
  ///
  /// ```
  /// b_f = ln u,  b_i = -b_f,  u uniform in [1, T - 1]
  /// ```
  ///
  /// A unit whose forget gate has the bias ln u keeps its state for about u steps. This replaces `bias` and
  /// `forgetBias` in the gates that ``RecurrentCell/memoryGates`` names; nil to keep them.
  ///
  /// Source: Tallec and Ollivier, *Can Recurrent Neural Networks Warp Time?*, 2018, section 2.
  public var longestTime: Int?
  /// The rule for the head's weights.
  public var headWeights: WeightRule
  /// The rule for the head's bias.
  public var headBias: WeightRule

  /// An initializer from its rules.
  ///
  /// - Parameters:
  ///   - inputWeights: the rule for W.
  ///   - hiddenWeights: the rule for U.
  ///   - isJoint: whether W and U count as one matrix for fans.
  ///   - bias: the rule for the bias.
  ///   - biasCount: how many independent biases are summed; of two, the first belongs to W and the second to U.
  ///   - forgetBias: the value added to the bias of the forget gate.
  ///   - longestTime: T, the longest time that a cell should remember, in steps; nil for no chrono initialization.
  ///   - headWeights: the rule for the head's weights.
  ///   - headBias: the rule for the head's bias.
  /// - Precondition: `longestTime`, if given, is at least 2.
  public init(
    inputWeights: WeightRule, hiddenWeights: WeightRule, isJoint: Bool = false, bias: WeightRule = .constant(0),
    biasCount: Int = 1, forgetBias: Float = 0, longestTime: Int? = nil, headWeights: WeightRule = .glorotUniform,
    headBias: WeightRule = .constant(0)
  ) {
    require((longestTime ?? 2) >= 2, "longestTime must be at least 2; found \(longestTime ?? 2)")
    self.inputWeights = inputWeights
    self.hiddenWeights = hiddenWeights
    self.isJoint = isJoint
    self.bias = bias
    self.biasCount = biasCount
    self.forgetBias = forgetBias
    self.longestTime = longestTime
    self.headWeights = headWeights
    self.headBias = headBias
  }

  /// The initialization of the notebook, in TensorFlow 1.
  public static let tensorFlow1 = Initializer(
    inputWeights: .glorotUniform, hiddenWeights: .glorotUniform, isJoint: true, forgetBias: 1,
    headWeights: .normal(deviation: 1), headBias: .normal(deviation: 1))

  /// The initialization of PyTorch's recurrent and linear layers.
  public static let pyTorch = Initializer(
    inputWeights: .reciprocalRoot, hiddenWeights: .reciprocalRoot, bias: .reciprocalRoot, biasCount: 2,
    headWeights: .reciprocalRoot, headBias: .reciprocalRoot)

  /// The initialization of Keras's recurrent and dense layers.
  public static let keras = Initializer(
    inputWeights: .glorotUniform, hiddenWeights: .orthogonal, forgetBias: 1)

  /// One rule for all weights; biases are zero except the forget gate's.
  ///
  /// - Parameters:
  ///   - rule: the rule for W, U and the head.
  ///   - forgetBias: the bias of the forget gate.
  public static func weights(_ rule: WeightRule, forgetBias: Float = 0) -> Initializer {
    Initializer(inputWeights: rule, hiddenWeights: rule, forgetBias: forgetBias, headWeights: rule)
  }

  /// A layer that initially keeps its state, times a scale, which gives ReLU cells a long memory.
  ///
  /// Source: Le, Jaitly and Hinton, *A Simple Way to Initialize Recurrent Networks of Rectified Linear Units*, 2015,
  /// section 3.
  ///
  /// - Parameter scale: the factor of the state at each step; below 1 the state decays.
  public static func identity(scale: Float = 1) -> Initializer {
    Initializer(
      inputWeights: .normal(deviation: 0.001), hiddenWeights: .identity(scale: scale),
      headWeights: .normal(deviation: 0.001))
  }

  /// Keras's weights, and memory gates that cover all time scales up to the longest.
  ///
  /// ```
  /// b_f = ln u,  b_i = -b_f,  u uniform in [1, T - 1]
  /// ```
  ///
  /// Source: Tallec and Ollivier, *Can Recurrent Neural Networks Warp Time?*, 2018, section 2.
  ///
  /// - Parameter longestTime: T, the longest time that a cell should remember, in steps.
  /// - Precondition: `longestTime` is at least 2.
  public static func chrono(longestTime: Int) -> Initializer {
    Initializer(inputWeights: .glorotUniform, hiddenWeights: .orthogonal, longestTime: longestTime)
  }
}
