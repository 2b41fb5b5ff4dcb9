import RecurrentSupport

/// How the outputs of a layer's two directions are merged.
public enum Merge: String, CaseIterable, Sendable, Codable {
  /// Concatenation, `[h→; h←]`; the output is as wide as both.
  case concatenate
  /// Their sum, `h→ + h←`.
  case sum
  /// Their mean, `(h→ + h←) / 2`.
  case average
  /// Their product, unit by unit, `h→ ⊙ h←`.
  case multiply
}

/// Regularization of a layer, applied during training to reduce overfitting.
///
/// Training steps and ``RecurrentStack/forward(_:from:lengths:layout:seed:)`` apply it; inference does not. Every rate
/// p is a probability; 0 turns a method off.
///
/// ```
/// dropout              the layer above reads m ⊙ h / (1 - p)       m is 0 with probability p, else 1
/// recurrent dropout    U reads m ⊙ h / (1 - p)                     one m for all steps
/// zoneout              h' = m ⊙ h̃ + (1 - m) ⊙ h                    in inference: h' = (1 - p) h̃ + p h
/// weight drop          m ⊙ U / (1 - p) in place of U               one m for a whole pass
/// ```
///
/// h̃ is the state that the cell computes, h the state before. Masks depend on the seed of the pass, not on threads.
/// ``recurrentDropout`` and ``weightDrop`` need a recurrent matrix: they are an error in a layer of ``IndRNNCell``.
public struct Regularization: Sendable, Hashable {
  /// The fraction of the layer's outputs that the next layer reads as zero; the others are scaled by 1 / (1 - rate).
  ///
  /// Source: Srivastava et al., *Dropout*, 2014; between layers only, as in Zaremba et al., 2014.
  public var dropout: Float = 0
  /// Whether ``dropout`` keeps one mask for all steps of a sequence (Gal and Ghahramani, 2016).
  public var isVariational = false
  /// The fraction of the hidden state that the recurrent weights read as zero, with one mask for all steps; the rest is
  /// scaled by 1 / (1 - rate).
  ///
  /// Source: Gal and Ghahramani, *A Theoretically Grounded Application of Dropout in Recurrent Neural Networks*, 2016.
  public var recurrentDropout: Float = 0
  /// The fraction of hidden units that keep their old value in a step; inference uses the expected value instead.
  ///
  /// Source: Krueger et al., *Zoneout*, 2016.
  public var hiddenZoneout: Float = 0
  /// The same for the other components of the state, such as an LSTM's cell state.
  public var stateZoneout: Float = 0

  /// The fraction of the recurrent weights that are zero for a whole pass; the others are scaled by 1 / (1 - rate).
  ///
  /// Source: Wan et al., *DropConnect*, 2013; on recurrent weights Merity et al., 2017.
  public var weightDrop: Float = 0

  /// Regularization with the given rates.
  ///
  /// - Parameters:
  ///   - dropout: the fraction of the layer's outputs that are dropped.
  ///   - isVariational: whether dropout uses one mask for all steps.
  ///   - recurrentDropout: the fraction of the hidden state that the recurrent weights read as zero.
  ///   - hiddenZoneout: the fraction of hidden units that keep their value in a step.
  ///   - stateZoneout: the same for the other components of the state.
  ///   - weightDrop: the fraction of the recurrent weights that are zero for a pass.
  /// - Precondition: all rates lie in 0..<1.
  public init(
    dropout: Float = 0, isVariational: Bool = false, recurrentDropout: Float = 0, hiddenZoneout: Float = 0,
    stateZoneout: Float = 0, weightDrop: Float = 0
  ) {
    for rate in [dropout, recurrentDropout, hiddenZoneout, stateZoneout, weightDrop] {
      require((0..<1).contains(rate), "a rate is a probability below 1; found \(rate)")
    }
    self.dropout = dropout
    self.isVariational = isVariational
    self.recurrentDropout = recurrentDropout
    self.hiddenZoneout = hiddenZoneout
    self.stateZoneout = stateZoneout
    self.weightDrop = weightDrop
  }

  /// The zoneout rate of a component of the state.
  func zoneout(component: Int) -> Float { component == 0 ? hiddenZoneout : stateZoneout }
  var hasZoneout: Bool { hiddenZoneout > 0 || stateZoneout > 0 }
}

/// In files, an object of the rates that are not 0.
extension Regularization: Codable {
  /// Reads the rates.
  ///
  /// - Parameter decoder: holds an object; rates of 0 may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` for a rate outside 0..<1; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(
      decoder,
      names: ["dropout", "isVariational", "recurrentDropout", "hiddenZoneout", "stateZoneout", "weightDrop"])
    self.init(
      dropout: try fields.rate("dropout"), isVariational: try fields.flag("isVariational"),
      recurrentDropout: try fields.rate("recurrentDropout"), hiddenZoneout: try fields.rate("hiddenZoneout"),
      stateZoneout: try fields.rate("stateZoneout"), weightDrop: try fields.rate("weightDrop"))
  }

  /// Writes the rates that are not 0.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("dropout", dropout, unless: 0)
    try fields.write("isVariational", isVariational, unless: false)
    try fields.write("recurrentDropout", recurrentDropout, unless: 0)
    try fields.write("hiddenZoneout", hiddenZoneout, unless: 0)
    try fields.write("stateZoneout", stateZoneout, unless: 0)
    try fields.write("weightDrop", weightDrop, unless: 0)
  }
}
