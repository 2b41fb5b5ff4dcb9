import RecurrentSupport

/// How the outputs of a layer's two directions become one.
public enum Merge: String, CaseIterable, Sendable, Codable {
  /// One after the other, `[h→; h←]`; the output is as wide as both.
  case concatenate
  /// Their sum, `h→ + h←`.
  case sum
  /// Their mean, `(h→ + h←) / 2`.
  case average
  /// Their product, unit by unit, `h→ ⊙ h←`.
  case multiply
}

/// Noise that keeps a layer from learning its training data by heart.
///
/// It is there while a network trains and gone when it is used: ``RecurrentStack/forward(_:from:lengths:layout:seed:)``
/// and training steps have it, all other calls do not. Every rate p is a probability; 0 turns a kind of noise off.
///
/// ```
/// dropout              the layer above reads m ⊙ h / (1 - p)       m is 0 with probability p, else 1
/// recurrent dropout    U reads m ⊙ h / (1 - p)                     one m for all steps
/// zoneout              h' = m ⊙ h̃ + (1 - m) ⊙ h                    in use: h' = (1 - p) h̃ + p h
/// weight drop          m ⊙ U / (1 - p) in place of U               one m for a whole pass
/// ```
///
/// h̃ is what the cell computes, h what there was before. Masks depend on the seed of the pass alone, not on threads.
/// ``recurrentDropout`` and ``weightDrop`` are for cells with a recurrent matrix: a layer of ``IndRNNCell`` refuses
/// them.
public struct Regularization: Sendable, Hashable {
  /// The fraction of the layer's outputs that whatever reads them sees as zero, the others being scaled by
  /// 1 / (1 - rate).
  ///
  /// Source: Srivastava et al., *Dropout*, 2014; on the way up only, as in Zaremba et al., 2014.
  public var dropout: Float = 0
  /// Whether ``dropout`` keeps one mask for all steps of a sequence (Gal and Ghahramani, 2016).
  public var isVariational = false
  /// The fraction of the hidden state that the recurrent weights see as zero, with one mask for all steps, the others
  /// being scaled by 1 / (1 - rate).
  ///
  /// Source: Gal and Ghahramani, *A Theoretically Grounded Application of Dropout in Recurrent Neural Networks*, 2016.
  public var recurrentDropout: Float = 0
  /// The fraction of hidden units that keep their old value in a step; in use, the average of both takes its place.
  ///
  /// Source: Krueger et al., *Zoneout*, 2016.
  public var hiddenZoneout: Float = 0
  /// The same for the other components of the state, such as an LSTM's cell state.
  public var stateZoneout: Float = 0

  /// The fraction of the recurrent weights that are zero for a whole pass, the others being scaled by 1 / (1 - rate).
  ///
  /// Source: Wan et al., *DropConnect*, 2013; on recurrent weights Merity et al., 2017.
  public var weightDrop: Float = 0

  /// Noise of the given rates.
  ///
  /// - Parameters:
  ///   - dropout: the fraction of the layer's outputs that are dropped.
  ///   - isVariational: whether one mask of dropout serves all steps.
  ///   - recurrentDropout: the fraction of the hidden state that the recurrent weights do not see.
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
  /// - Parameter decoder: holds an object; a rate that is 0 may be left out, and unknown keys are refused.
  /// - Throws: ``ConfigurationError`` for a rate outside 0..<1; `DecodingError` for another type.
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
