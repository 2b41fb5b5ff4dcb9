extension LSTMCell {
  /// Reads a cell's fields: `hiddenSize`, `projectionSize` and those of ``Options``.
  ///
  /// - Parameter decoder: holds an object; fields with default values may be absent, and unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let fields = try FieldReader(
      decoder,
      names: [
        CellRegistry.nameKey, "hiddenSize", "projectionSize", "peepholes", "couplesInputAndForgetGates", "layerNorm",
        "normEpsilon", "cellClip", "preactivationClip", "gateActivation", "candidateActivation", "cellActivation",
      ])
    let plain = Options.plain
    let (hiddenSize, projectionSize) = (try fields.size("hiddenSize"), try fields.sizeIfPresent("projectionSize"))
    let options = Options(
      hasPeepholes: try fields.flag("peepholes"),
      couplesInputAndForgetGates: try fields.flag("couplesInputAndForgetGates"),
      hasLayerNorm: try fields.flag("layerNorm"), normEpsilon: try fields.limit("normEpsilon") ?? plain.normEpsilon,
      cellClip: try fields.limit("cellClip"), preactivationClip: try fields.limit("preactivationClip"),
      gateActivation: try fields.activation("gateActivation", usual: plain.gateActivation),
      candidateActivation: try fields.activation("candidateActivation", usual: plain.candidateActivation),
      cellActivation: try fields.activation("cellActivation", usual: plain.cellActivation))
    try fields.check { () throws(ConfigurationError) in
      try Self.check(hiddenSize: hiddenSize, projectionSize: projectionSize, options: options)
    }
    self.init(hiddenSize: hiddenSize, projectionSize: projectionSize, options: options)
  }

  /// Writes the cell's fields and omits those with default values.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    let plain = Options.plain
    try fields.write("hiddenSize", hiddenSize)
    try fields.write("projectionSize", projectionSize)
    try fields.write("peepholes", options.hasPeepholes, unless: false)
    try fields.write("couplesInputAndForgetGates", options.couplesInputAndForgetGates, unless: false)
    try fields.write("layerNorm", options.hasLayerNorm, unless: false)
    try fields.write("normEpsilon", options.normEpsilon, unless: plain.normEpsilon)
    try fields.write("cellClip", options.cellClip)
    try fields.write("preactivationClip", options.preactivationClip)
    try fields.write("gateActivation", options.gateActivation, unless: plain.gateActivation)
    try fields.write("candidateActivation", options.candidateActivation, unless: plain.candidateActivation)
    try fields.write("cellActivation", options.cellActivation, unless: plain.cellActivation)
  }

  static func check(hiddenSize: Int, projectionSize: Int?, options: Options) throws(ConfigurationError) {
    try check(hiddenSize: hiddenSize)
    if let projectionSize, !(1..<hiddenSize).contains(projectionSize) {
      throw ConfigurationError(
        "projectionSize", found: "\(projectionSize)",
        expected: "at least 1 and fewer than the \(hiddenSize) hidden units")
    }
    try options.check()
  }
}
