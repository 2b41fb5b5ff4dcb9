import Recurrent

/// The largest difference between two arrays, relative to the largest magnitude in the reference.
///
/// Where the reference is zero throughout, only zeros agree with it. Infinite where sizes differ or a value is not a
/// number, so that nothing escapes a comparison with a tolerance.
public func deviation(of found: [Float], from reference: [Double]) -> Double {
  worst(found, reference)?.deviation ?? .infinity
}

/// What is wrong with `found`, in words, or nil where it agrees with the reference within a tolerance.
public func mismatch(of found: [Float], with reference: [Double], within tolerance: Double) -> String? {
  guard let worst = worst(found, reference) else {
    return "\(found.count) elements instead of \(reference.count)"
  }
  // Negated, so that a deviation that is not a number is a mismatch.
  if !(worst.deviation <= tolerance) {
    return "element \(worst.index) is \(found[worst.index]) instead of \(reference[worst.index]): off by "
      + "\(worst.deviation) of the largest magnitude; \(tolerance) is allowed"
  }
  return nil
}

/// What is wrong with a tensor, in words, or nil where it agrees with the reference within a tolerance.
public func mismatch(of found: Tensor, with reference: [Double], within tolerance: Double) -> String? {
  mismatch(of: found.values, with: reference, within: tolerance)
}

/// Where two arrays differ in a bit, in words, or nil where they are the same.
///
/// Unlike `==` this tells 0 from -0, and finds a value that is not a number equal to itself.
public func bitMismatch(of found: [Float], with expected: [Float]) -> String? {
  if found.count != expected.count { return "\(found.count) elements instead of \(expected.count)" }
  for index in found.indices where found[index].bitPattern != expected[index].bitPattern {
    let count = zip(found, expected).count { $0.bitPattern != $1.bitPattern }
    return "element \(index) is \(found[index]) instead of \(expected[index]); \(count) of \(found.count) differ"
  }
  return nil
}

/// Where two tensors differ in shape or in a bit, in words, or nil where they are the same.
public func bitMismatch(of found: Tensor, with expected: Tensor) -> String? {
  found.shape == expected.shape
    ? bitMismatch(of: found.values, with: expected.values) : "shape \(found.shape) instead of \(expected.shape)"
}

/// Where two states differ, in words, or nil where they are the same bit for bit.
public func bitMismatch(of found: StackState, with expected: StackState) -> String? {
  if found.layers.count != expected.layers.count {
    return "\(found.layers.count) layers instead of \(expected.layers.count)"
  }
  for (layer, (mine, other)) in zip(found.layers, expected.layers).enumerated() {
    if mine.components.count != other.components.count { return "layer \(layer) has another kind of state" }
    for (component, (a, b)) in zip(mine.components, other.components).enumerated() {
      if let difference = bitMismatch(of: a, with: b) {
        return "layer \(layer), component \(component): \(difference)"
      }
    }
  }
  return nil
}

/// Where two sets of parameters differ, in words, or nil where names, shapes and all bits are the same.
public func bitMismatch(of found: Parameters, with expected: Parameters) -> String? {
  if found.entries != expected.entries { return "other entries" }
  for entry in found.entries {
    if let difference = bitMismatch(of: found[entry.name], with: expected[entry.name]) {
      return "\(entry.name): \(difference)"
    }
  }
  return nil
}

/// How many units in the last place `found` lies from the exact value: at most 0.5 where it is the exact value, rounded.
///
/// Below the smallest normal float, where results may be flushed to zero, a unit is that float itself.
public func ulps(of found: Float, from exact: Double) -> Double {
  if found.isNaN || exact.isNaN { return found.isNaN && exact.isNaN ? 0 : .infinity }
  let nearest = Float(exact)
  if found.isInfinite { return nearest == found ? 0 : .infinity }
  let unit =
    exact.magnitude < Double(Float.leastNormalMagnitude)
    ? Float.leastNormalMagnitude : nearest.isFinite ? nearest.ulp : Float.greatestFiniteMagnitude.ulp
  return (Double(found) - exact).magnitude / Double(unit)
}

/// Adds values to sums of as many elements; a loop over millions of them is bearable in a debug build.
public func accumulate(_ values: [Float], into sums: inout [Double]) {
  precondition(values.count == sums.count, "\(values.count) values for \(sums.count) sums")
  values.withUnsafeBufferPointer { values in
    sums.withUnsafeMutableBufferPointer { sums in
      var index = 0
      while index < values.count {
        sums[index] += Double(values[index])
        index += 1
      }
    }
  }
}

private func worst(_ found: [Float], _ reference: [Double]) -> (index: Int, deviation: Double)? {
  if found.count != reference.count { return nil }
  let largest = reference.reduce(0) { max($0, $1.magnitude) }
  var worst = (index: 0, deviation: 0.0)
  for index in found.indices {
    let difference = (Double(found[index]) - reference[index]).magnitude
    // x / 0 is infinite where x is not zero; what is not a number compares as neither less nor more.
    let deviation = difference == 0 ? 0 : difference.isNaN ? .infinity : difference / largest
    if deviation > worst.deviation || deviation.isNaN { worst = (index, deviation) }
  }
  return worst
}
