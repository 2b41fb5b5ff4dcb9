import RecurrentSupport

/// Tensors by name, and errors about them.
extension ModelReader {
  /// The bias of a layer, which the file has as one or two biases; zeros if there is none.
  mutating func bias(
    of cell: any RecurrentCell, ending: String, prefix: String
  ) throws(SafeTensorsError) -> Tensor {
    let (firstName, secondName) = ("\(prefix)bias_ih\(ending)", "\(prefix)bias_hh\(ending)")
    let whole = [cell.gates.count * cell.hiddenSize]
    if !has(secondName) {
      if !has(firstName) { return Tensor(zeros: whole) }
      if file.tensors[firstName]?.shape == whole { return try tensor(firstName, shape: whole) }
    }
    let inputRows = cell.gates.count { $0.readsInput } * cell.hiddenSize
    let hiddenRows = cell.gates.count { $0.hasHiddenWeights } * cell.hiddenSize
    let first = try tensor(firstName, shape: [inputRows])
    return cell.oneBias(input: first, hidden: try tensor(secondName, shape: [hiddenRows]))
  }

  // MARK: Tensors

  /// Whether there is a tensor of this name, of any element type.
  func has(_ name: String) -> Bool { file.tensors[name] != nil || file.skipped[name] != nil }

  mutating func take(_ name: String) -> Tensor? {
    unused.remove(name)
    return file.tensors[name]
  }

  mutating func tensor(_ name: String, shape: [Int]) throws(SafeTensorsError) -> Tensor {
    guard let tensor = take(name) else { throw missing(name, expected: shapeText(shape)) }
    guard tensor.shape == shape else { throw unsuitable(described(name), expected: "shape \(shapeText(shape))") }
    return tensor
  }

  /// A matrix that is not empty.
  func matrix(_ name: String, expected: String) throws(SafeTensorsError) -> Tensor {
    guard let tensor = file.tensors[name] else { throw missing(name, expected: expected) }
    guard tensor.shape.count == 2, tensor.count > 0 else {
      throw unsuitable(described(name), expected: "shape \(expected)")
    }
    return tensor
  }

  // MARK: Errors

  func missing(_ name: String, expected: String) -> SafeTensorsError {
    let shownName = name.shown(limit: 60)
    guard let type = file.skipped[name] else {
      return unsuitable("no tensor named \(shownName)", expected: "one of shape \(expected)")
    }
    return unsuitable("\(shownName) with elements of type \(quoted(type))", expected: "F32, F64, F16 or BF16")
  }

  func unsuitable(_ found: String, expected: String) -> SafeTensorsError {
    SafeTensorsError(.unsuitable, path: path, found: found, expected: expected)
  }

  /// A tensor's name and shape.
  func described(_ name: String) -> String {
    "\(name.shown(limit: 60)) of shape \(shapeText(file.tensors[name]?.shape ?? []))"
  }

  /// A list of what was found, shortened if it is long.
  func list(_ words: [String]) -> String {
    words.prefix(3).joined(separator: " and ") + (words.count > 3 ? " and \(words.count - 3) more" : "")
  }
}
