import RecurrentSupport

extension LSTMCell {
  /// What an LSTM cell may have besides the plain equations; any of it together.
  ///
  /// ```swift
  /// LSTMCell(hiddenSize: 20, options: .init(hasPeepholes: true, cellClip: 10))
  /// ```
  ///
  /// Cost: peepholes, coupled gates and ``cellClip`` use a kernel about as fast as the plain one; ``preactivationClip`` and
  /// other functions a slower one, which keeps 4 H floats more for each sample and step in training. For that of
  /// ``hasLayerNorm`` see there.
  public struct Options: Sendable, Hashable, GateOptions {
    /// Whether the gates see the cell state through weights `weight_ic`, `weight_fc` and `weight_oc`, `[H]` each.
    ///
    /// Input and forget gate see the old cell state, the output gate the new one.
    ///
    /// Source: Gers and Schmidhuber, *Recurrent Nets that Time and Count*, 2000; Graves, *Generating Sequences With
    /// Recurrent Neural Networks*, 2013, equations 7 to 11.
    public var hasPeepholes: Bool
    /// Whether the input gate is `1 - f`, so that as much is written as is forgotten.
    ///
    /// There are three gates then: forget, candidate, output. What others call the input gate of a coupled cell, with
    /// `f = 1 - i`, is this with the signs of that gate's weights turned.
    ///
    /// Source: Greff et al., *LSTM: A Search Space Odyssey*, 2017, variant CIFG.
    public var couplesInputAndForgetGates: Bool
    /// Whether pre-activations and the cell state are normalised over the units of a sample before their functions.
    ///
    /// With N(a) = (a - mean a) / √(variance of a + ε), ε of ``normEpsilon``, and p where there are peepholes,
    ///
    /// ```
    /// i = σ(γᵢ ⊙ N(Wᵢ x + Uᵢ h) + bᵢ + pᵢ ⊙ c)      f, g and o likewise, each gate on its own
    /// c' = f ⊙ c + i ⊙ g
    /// h' = o ⊙ tanh(γ_c ⊙ N(c') + β_c)
    /// ```
    ///
    /// The gains γ are `norm_i`, `norm_f`, `norm_g`, `norm_o` and `norm_c`, `[H]` each, and begin as ones; β_c is
    /// `shift_c`, `[H]`, zeros; the gates' shifts are the bias, so that a forget bias keeps its meaning.
    ///
    /// Of a single unit a norm leaves nothing but the shift. It combines with peepholes, coupled gates and ``cellClip``,
    /// not with ``preactivationClip`` and other functions.
    ///
    /// Cost: for each sample and step some 30 H operations forward and 50 H backward; training keeps 4 H floats more. Each
    /// thread has samples of its own whatever the layer's size, up to 64: where a batch has fewer than that for each
    /// thread, some threads have nothing to do.
    ///
    /// Source: Ba, Kiros and Hinton, *Layer Normalization*, 2016, equations 20 to 22, but for W x and U h, which they
    /// normalise apart and we in their sum, as TensorFlow 1's `LayerNormBasicLSTMCell` does. That one hands on N(c') as
    /// the cell state, where the paper and we hand on c'.
    public var hasLayerNorm: Bool
    /// What is added to the variances of ``hasLayerNorm``, ε; 0.001 unless told, as in Keras.
    ///
    /// Where all units are equal, as while the blank rows at the top of an image are read, a norm multiplies gradients by
    /// 1 / √ε, and two of them lie between a step and the next. With PyTorch's 1e-5 that is 10⁵ a step, and a few blank
    /// rows in three layers go beyond all floats.
    public var normEpsilon: Float
    /// The limit that the new cell state is held within, TensorFlow's `cell_clip`; nil for none.
    ///
    /// Source: Sak, Senior and Beaufays, *Long Short-Term Memory Based Recurrent Neural Network Architectures*, 2014.
    public var cellClip: Float?
    /// The limit that the pre-activations of all gates are held within, peepholes included: ONNX's `clip`; nil for none.
    public var preactivationClip: Float?
    /// The function of input, forget and output gate, φ: ONNX's f.
    public var gateActivation: Activation
    /// The function of the candidate, γ: ONNX's g.
    public var candidateActivation: Activation
    /// The function the cell state is shown through, η: ONNX's h.
    public var cellActivation: Activation

    /// Options; what is not given is as in the plain cell.
    ///
    /// - Parameters:
    ///   - hasPeepholes: whether the gates see the cell state.
    ///   - couplesInputAndForgetGates: whether the input gate is `1 - f`.
    ///   - hasLayerNorm: whether pre-activations and the cell state are normalised.
    ///   - normEpsilon: what is added to the variances that they are divided by.
    ///   - cellClip: the limit of the cell state; nil for none.
    ///   - preactivationClip: the limit of the pre-activations; nil for none.
    ///   - gateActivation: φ, the function of input, forget and output gate.
    ///   - candidateActivation: γ, the function of the candidate.
    ///   - cellActivation: η, the function the cell state is shown through.
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

    /// What is not as in the plain cell, in words with blanks before them, as in ` peepholes cell-clip=10.0`.
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
