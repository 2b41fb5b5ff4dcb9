import RecurrentKernels
import RecurrentSupport

/// Weights of reduced precision in files.
extension SafeTensors {
  /// Turns the weights of recurrent layers, which have values of the precision, into its elements.
  mutating func reduceWeights(of plan: NetworkPlan, to precision: WeightPrecision) {
    if precision == .float { return }
    metadata[SequenceModel.weightsKey] = precision.rawValue
    for name in plan.directions.flatMap(\.matrixNames) {
      guard precision == .int8, var weights = tensors[name] else {
        elementTypes[name] = .brainFloat16
        continue
      }
      let (rows, columns) = (weights.shape[0], weights.shape[1])
      var scales = Tensor(zeros: [rows])
      weights.values.withMutablePointer { values in
        for row in 0..<rows {
          let first = values + row * columns
          let scale = rk_stream_scale(first, columns)
          scales.values[row] = scale
          for k in 0..<columns { first[k] = rk_stream_whole(first[k], scale) }
        }
      }
      tensors[name] = weights
      tensors[name + SequenceModel.scaleEnding] = scales
      elementTypes[name] = .int8
    }
  }

  /// Replaces weights of eight bits and their scales by floats.
  ///
  /// - Returns: the precision that the file names; `float` if it names none.
  /// - Throws: ``SafeTensorsError`` if it is unknown, or a scale is missing, of another shape, or not a number from 0.
  mutating func restoreWeights(path: String) throws(SafeTensorsError) -> WeightPrecision {
    func unsuitable(_ found: String, _ expected: String) -> SafeTensorsError {
      SafeTensorsError(.unsuitable, path: path, found: found, expected: expected)
    }
    guard let text = metadata[SequenceModel.weightsKey] else { return .float }
    guard let precision = WeightPrecision(rawValue: text) else {
      throw unsuitable(
        "\(quoted(text)) in \(SequenceModel.weightsKey)",
        WeightPrecision.allCases.map { "'\($0)'" }.joined(separator: " or "))
    }
    for name in elementTypes.filter({ $0.value == .int8 }).keys.sorted() {
      let scaleName = name + SequenceModel.scaleEnding
      guard var weights = tensors[name] else { continue }
      guard weights.shape.count == 2 else {
        throw unsuitable("\(quoted(name)) of shape \(shapeText(weights.shape)) in 8 bits", "a matrix")
      }
      let (rows, columns) = (weights.shape[0], weights.shape[1])
      guard let scales = tensors.removeValue(forKey: scaleName) else {
        throw unsuitable("no tensor named \(quoted(scaleName))", "one of shape [\(rows)], the scale of each row")
      }
      guard scales.shape == [rows] else {
        throw unsuitable(
          "\(quoted(scaleName)) of shape \(shapeText(scales.shape))", "[\(rows)], the scale of each row")
      }
      for (row, scale) in scales.values.enumerated() {
        guard scale.isFinite, scale >= 0 else {
          throw unsuitable("\(scale) at row \(row) of \(quoted(scaleName))", "a finite scale that is not negative")
        }
        for k in row * columns..<(row + 1) * columns { weights.values[k] *= scale }
      }
      tensors[name] = weights
      elementTypes[name] = nil
    }
    return precision
  }
}

extension SequenceModel {
  /// The metadata key of the precision of weights.
  package static let weightsKey = "recurrent.weights"
  /// What follows the name of weights of eight bits in the name of their scales.
  static let scaleEnding = ".scale"
}

extension DirectionPlan {
  /// The names of W and U among the parameters.
  fileprivate var matrixNames: [String] {
    let ending = "_l\(level)"
    return ["weight_ih" + ending, "weight_hh" + ending]
  }
}
