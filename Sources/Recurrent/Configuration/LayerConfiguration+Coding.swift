/// A layer in files.
///
/// A layer that reads forward and has default options is written as its cell:
///
/// ```json
/// {"cell": "lstm", "hiddenSize": 20}
/// ```
///
/// Any other layer names the cells by direction and lists its options that are not defaults:
///
/// ```json
/// {"forward": {"cell": "gru", "hiddenSize": 5}, "merge": "sum", "residual": true,
///  "regularization": {"dropout": 0.2}, "reverse": {"cell": "gru", "hiddenSize": 5}}
/// ```
extension LayerConfiguration: Codable {
  private struct Cell: Codable, Equatable {
    let cell: any RecurrentCell

    init(_ cell: any RecurrentCell) { self.cell = cell }
    init(from decoder: any Decoder) throws { cell = try CellRegistry.cell(from: decoder) }
    func encode(to encoder: any Encoder) throws { try CellRegistry.write(cell, to: encoder) }
    static func == (left: Self, right: Self) -> Bool { left.cell.isEqual(to: right.cell) }
  }

  /// Reads a layer.
  ///
  /// - Parameter decoder: holds an object of either form; unknown keys are an error.
  /// - Throws: ``ConfigurationError`` with the key of an invalid value; `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    if try decoder.container(keyedBy: FieldName.self).contains(FieldName(CellRegistry.nameKey)) {
      self.init(try CellRegistry.cell(from: decoder))
      return
    }
    let fields = try FieldReader(decoder, names: ["forward", "reverse", "merge", "residual", "regularization"])
    let cells = try ["forward", "reverse"].filter(fields.has).map { try fields.value($0, as: Cell.self).cell }
    if cells.isEmpty || fields.has("merge") && cells.count == 1 {
      throw fields.error(
        cells.isEmpty ? CellRegistry.nameKey : "merge", found: cells.isEmpty ? "none" : "it for one direction",
        expected: cells.isEmpty ? "a cell, or the cells 'forward' and 'reverse'" : "two directions to merge")
    }
    self.init(
      cells: cells, isReverse: cells.count == 1 && fields.has("reverse"),
      merge: fields.has("merge") ? try fields.value("merge") : .concatenate,
      isResidual: try fields.flag("residual"),
      regularization: fields.has("regularization") ? try fields.value("regularization") : Regularization())
    let layer = self
    try fields.check { () throws(ConfigurationError) in try layer.check() }
  }

  /// Writes a layer.
  ///
  /// - Parameter encoder: takes the object.
  /// - Throws: ``ConfigurationError`` if a cell's kind is not registered; what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    if self == LayerConfiguration(cells[0]) { return try CellRegistry.write(cells[0], to: encoder) }
    var fields = FieldWriter(encoder)
    try fields.write(isReverse ? "reverse" : "forward", Cell(cells[0]))
    try fields.write("reverse", cells.count == 2 ? Cell(cells[1]) : nil)
    try fields.write("merge", merge, unless: .concatenate)
    try fields.write("residual", isResidual, unless: false)
    try fields.write("regularization", regularization, unless: Regularization())
  }
}
