import Foundation
import Recurrent

/// The numbers tests start from, as formulas, so that a stored fixture holds only what is expected.
///
/// Both rules are evaluated in `Double` from left to right and rounded once, as `Utilities/ReferenceValues` does:
///
/// ```
/// wave(n, i)  = scale · sin(0.7 i + 1.3 n + 0.4)
/// chirp(n, i) = scale · sin(0.7 i + 0.0137 i² + 1.3 n + 0.4)
/// ```
///
/// n is the number of the tensor, i that of its element in row-major order. Every element differs from its
/// neighbours and none is zero, so that no two places can be confused unnoticed. A wave fills a matrix of rank two;
/// a chirp one of full rank.
public enum ClosedForm: Sendable {
  case wave
  case chirp

  /// The first `count` values of tensor `number`.
  public func values(_ number: Int, count: Int, scale: Double = 1, offset: Double = 0) -> [Float] {
    let shift = 1.3 * Double(number)
    return (0..<count).map { index in
      let i = Double(index)
      switch self {
      case .wave: return Float(offset + scale * sin(0.7 * i + shift + 0.4))
      case .chirp: return Float(offset + scale * sin(0.7 * i + 0.0137 * i * i + shift + 0.4))
      }
    }
  }

  /// Tensor `number` of the given shape.
  public func tensor(_ number: Int, _ shape: [Int], scale: Double = 1, offset: Double = 0) -> Tensor {
    Tensor(known: shape, values: values(number, count: shape.reduce(1, *), scale: scale, offset: offset))
  }

  /// Lengths from 0 to `steps` in no order, with ties: both bounds occur as soon as there are enough of them.
  public static func lengths(batch: Int, steps: Int) -> [Int] {
    (0..<batch).map { ($0 * 7919 + 3) % (steps + 1) }
  }
}

extension Parameters {
  /// Replaces all values, weights and biases alike, by chirps numbered in the order of the entries.
  ///
  /// Rows of many columns get smaller weights, so that gates are neither linear nor saturated at any size.
  public mutating func fillWithChirps(weightScale: Double = 0.4, biasScale: Double = 0.3) {
    for (number, entry) in entries.enumerated() {
      let columns = entry.shape.count > 1 ? entry.shape[1] : 1
      let scale = entry.shape.count > 1 ? weightScale * Swift.min(1, (20 / Double(columns)).squareRoot()) : biasScale
      self[entry.name] = ClosedForm.chirp.tensor(number, entry.shape, scale: scale)
    }
  }
}
