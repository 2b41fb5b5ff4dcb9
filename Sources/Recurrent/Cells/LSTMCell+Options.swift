import RecurrentSupport

extension LSTMCell {
  /// Options beyond the plain LSTM equations; they combine except as noted.
  ///
  /// ```swift
  /// LSTMCell(hiddenSize: 20, options: .init(hasPeepholes: true, cellClip: 10))
  /// ```
  ///
  /// Cost: peepholes, coupled gates and ``cellClip`` use a kernel about as fast as the plain one; ``preactivationClip``
  /// and other functions use a slower one, which keeps 4 H more floats per sample and step in training. See
  /// ``hasLayerNorm`` for its cost.
  public struct Options: Sendable, Hashable, GateOptions {
    /// Whether the gates read the cell state through weights `weight_ic`, `weight_fc` and `weight_oc`, `[H]` each.
    ///
    /// Input and forget gate read the old cell state, the output gate the new one.
    ///
    /// Source: Gers and Schmidhuber, *Recurrent Nets that Time and Count*, 2000; Graves, *Generating Sequences With
    /// Recurrent Neural Networks*, 2013, equations 7 to 11.
    public var hasPeepholes: Bool
    /// Whether the input gate is `1 - f`, so that as much is written as is forgotten.
    ///
    /// There are then three gates: forget, candidate, output. A coupled cell defined by an input gate, `f = 1 - i`, is
    /// the same with that gate's weights negated.
    ///
    /// Source: Greff et al., *LSTM: A Search Space Odyssey*, 2017, variant CIFG.
    public var couplesInputAndForgetGates: Bool
    /// Whether pre-activations and the cell state are normalized over the units of a sample before their activations.
    ///
    /// With N(a) = (a - mean a) / √(variance of a + ε), ε being ``normEpsilon``, and p if there are peepholes,
    ///
    /// ```
    /// i = σ(γᵢ ⊙ N(Wᵢ x + Uᵢ h) + bᵢ + pᵢ ⊙ c)      f, g and o likewise, each gate on its own
    /// c' = f ⊙ c + i ⊙ g
    /// h' = o ⊙ tanh(γ_c ⊙ N(c') + β_c)
    /// ```
    ///
    /// The gains γ are `norm_i`, `norm_f`, `norm_g`, `norm_o` and `norm_c`, `[H]` each, initialized to ones; β_c is
    /// `shift_c`, `[H]`, initialized to zeros; the gates' shifts are the biases, so that a forget bias keeps its
    /// meaning.
    ///
    /// With a single unit only the shift remains. Layer normalization combines with peepholes, coupled gates and
    /// ``cellClip``, but not with ``preactivationClip`` or other functions.
    ///
    /// Cost: about 30 H operations forward and 50 H backward per sample and step; training keeps 4 H more floats.
    /// Samples are divided among threads, up to 64 per thread at a time, so small batches leave some threads idle;
    /// wide layers of at most 16 samples, or of a sixteenth of their units, divide units in products instead.
    ///
    /// Source: Ba, Kiros and Hinton, *Layer Normalization*, 2016, equations 20 to 22, except that they normalize W x
    /// and U h separately and we normalize their sum, as TensorFlow 1's `LayerNormBasicLSTMCell` does. That one passes
    /// N(c') on as the cell state; the paper and we pass on c'.
    public var hasLayerNorm: Bool
    /// ε, which ``hasLayerNorm`` adds to the variances; 0.001 by default, as in Keras.
    ///
    /// If all units are equal, as at the blank rows at the top of an image, a norm multiplies gradients by 1 / √ε, and
    /// there are two norms between one step and the next. With PyTorch's 1e-5 that is 10⁵ per step, and a few blank
    /// rows overflow in three layers.
    public var normEpsilon: Float
    /// Clips the new cell state to [-x, x], TensorFlow's `cell_clip`; nil for none.
    ///
    /// Source: Sak, Senior and Beaufays, *Long Short-Term Memory Based Recurrent Neural Network Architectures*, 2014.
    public var cellClip: Float?
    /// Clips the pre-activations of all gates, peepholes included, to [-x, x]: ONNX's `clip`; nil for none.
    public var preactivationClip: Float?
    /// The function of input, forget and output gate, φ: ONNX's f.
    public var gateActivation: Activation
    /// The function of the candidate, γ: ONNX's g.
    public var candidateActivation: Activation
    /// The function of the cell state in the output, η: ONNX's h.
    public var cellActivation: Activation

    /// Options; by default those of the plain cell.
    ///
    /// - Parameters:
    ///   - hasPeepholes: whether the gates read the cell state.
    ///   - couplesInputAndForgetGates: whether the input gate is `1 - f`.
    ///   - hasLayerNorm: whether pre-activations and the cell state are normalized.
    ///   - normEpsilon: ε, added to the variances of the normalization.
    ///   - cellClip: the clip of the cell state; nil for none.
    ///   - preactivationClip: the clip of the pre-activations; nil for none.
    ///   - gateActivation: φ, the function of input, forget and output gate.
    ///   - candidateActivation: γ, the function of the candidate.
    ///   - cellActivation: η, the function of the cell state in the output.
    public init(
      hasPeepholes: Bool = false, couplesInputAndForgetGates: Bool = false, hasLayerNorm: Bool = false,
      normEpsilon: Float = 0.001,
      cellClip: Float? = nil, preactivationClip: Float? = nil,
      gateActivation: Activation = .sigmoid, candidateActivation: Activation = .tanh,
      cellActivation: Activation = .tanh
    ) {
      self.hasPeepholes = hasPeepholes
      self.couplesInputAndForgetGates = couplesInputAndForgetGates
      self.hasLayerNorm = hasLayerNorm
      self.normEpsilon = normEpsilon
      self.cellClip = cellClip
      self.preactivationClip = preactivationClip
      self.gateActivation = gateActivation
      self.candidateActivation = candidateActivation
      self.cellActivation = cellActivation
    }

    static let plain = Options()

    /// Whether backward needs the pre-activations besides the activations.
    var isGeneral: Bool { !hasUsualGates || cellActivation != Self.plain.cellActivation }

    /// The options that differ from the plain cell, a space before each, as in ` peepholes cell-clip=10.0`.
    var description: String {
      [
        hasPeepholes ? " peepholes" : "", couplesInputAndForgetGates ? " coupled" : "",
        hasLayerNorm ? " layer-norm" : "",
        KindWord.text("norm-epsilon", normEpsilon, unless: Self.plain.normEpsilon),
        KindWord.text("cell-clip", cellClip, unless: nil),
        gateWords,
        KindWord.text("cell", cellActivation, unless: Self.plain.cellActivation),
      ].joined()
    }

    func check() throws(ConfigurationError) {
      if hasLayerNorm && isGeneral {
        throw ConfigurationError(
          "layerNorm", found: "true beside preactivationClip or other functions", expected: "at most one of the two")
      }
      try LSTMCell.check(
        limits: ("normEpsilon", normEpsilon), ("cellClip", cellClip), ("preactivationClip", preactivationClip))
    }
  }
}
