extension GRUCell {
  /// Reads a cell's fields: `hiddenSize`, `resetAfter` and those of ``Options``.
  ///
  /// - Parameter decoder: holds an object; fields with default values may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(
      decoder,
      names: [
        CellRegistry.nameKey, "hiddenSize", "resetAfter", "preactivationClip", "gateActivation", "candidateActivation",
      ])
    let plain = Options.plain
    self.init(
      hiddenSize: try fields.size("hiddenSize"), resetAfter: try fields.flag("resetAfter", usual: true),
      options: Options(
        preactivationClip: try fields.limit("preactivationClip"),
        gateActivation: try fields.activation("gateActivation", usual: plain.gateActivation),
        candidateActivation: try fields.activation("candidateActivation", usual: plain.candidateActivation)))
  }

  /// Writes the cell's fields and omits those with default values.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    let plain = Options.plain
    try fields.write("hiddenSize", hiddenSize)
    try fields.write("resetAfter", resetAfter, unless: true)
    try fields.write("preactivationClip", options.preactivationClip)
    try fields.write("gateActivation", options.gateActivation, unless: plain.gateActivation)
    try fields.write("candidateActivation", options.candidateActivation, unless: plain.candidateActivation)
  }
}
