extension ElmanCell {
  /// Reads a cell's fields: `hiddenSize`, `activation` and `preactivationClip`.
  ///
  /// - Parameter decoder: holds an object; fields with default values may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(
      decoder, names: [CellRegistry.nameKey, "hiddenSize", "activation", "preactivationClip"])
    self.init(
      hiddenSize: try fields.size("hiddenSize"), activation: try fields.activation("activation", usual: .tanh),
      preactivationClip: try fields.limit("preactivationClip"))
  }

  /// Writes the cell's fields and omits those with default values.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("hiddenSize", hiddenSize)
    try fields.write("activation", activation, unless: .tanh)
    try fields.write("preactivationClip", preactivationClip)
  }
}

extension IndRNNCell {
  /// Reads a cell's fields: `hiddenSize` and `activation`.
  ///
  /// - Parameter decoder: holds an object; fields with default values may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, names: [CellRegistry.nameKey, "hiddenSize", "activation"])
    self.init(
      hiddenSize: try fields.size("hiddenSize"), activation: try fields.activation("activation", usual: .relu))
  }

  /// Writes the cell's fields and omits those with default values.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("hiddenSize", hiddenSize)
    try fields.write("activation", activation, unless: .relu)
  }
}

extension MGUCell {
  /// Reads a cell's fields: `hiddenSize` and `resetAfter`.
  ///
  /// - Parameter decoder: holds an object; fields with default values may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, names: [CellRegistry.nameKey, "hiddenSize", "resetAfter"])
    self.init(hiddenSize: try fields.size("hiddenSize"), resetAfter: try fields.flag("resetAfter"))
  }

  /// Writes the cell's fields and omits those with default values.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("hiddenSize", hiddenSize)
    try fields.write("resetAfter", resetAfter, unless: false)
  }
}
