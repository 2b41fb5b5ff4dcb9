import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension SequenceModel.Evaluation {
  /// The mean loss of outputs, computed in Double.
  ///
  /// - Parameter outputs: `[batch, outputs]`, or `[batch, time, outputs]` for targets of steps.
  package init(_ outputs: Tensor, batch: SequenceBatch, loss: Loss) {
    let size = outputs.shape.last ?? 0
    var (sum, correct, count, weight) = (0.0, 0, 0, 0.0)
    func add(_ row: Int, _ index: Int) {
      let z = outputs.values[row * size..<(row + 1) * size]
      switch (batch.targets.values, loss) {
      case (.classes(let classes, _), .crossEntropy(let settings)):
        let label = Int(classes[index])
        if label < 0 { return }
        let own = Double(settings.weight(of: label))
        sum += settings.value(z, label: label)
        weight += own
        count += 1
        if z.indexOfLargest == z.startIndex + label { correct += 1 }
      case (.numbers(let numbers, _), _):
        for k in 0..<size where !numbers[index * size + k].isNaN {
          let (value, target) = (z[z.startIndex + k], numbers[index * size + k])
          count += 1
          weight += 1
          switch loss {
          case .regression(let loss): sum += loss.value(Double(value) - Double(target))
          case .sigmoidCrossEntropy(let weights):
            sum += Double(weights?[k] ?? 1) * Self.sigmoidCrossEntropy(Double(value), Double(target))
            if !value.isNaN && (value > 0) == (target > 0.5) { correct += 1 }
          case .crossEntropy: break
          }
        }
      case (.classes, _): break
      }
    }
    batch.eachTarget { add($0.row, $0.index) }
    self.init(loss: weight == 0 ? 0 : sum / weight, correct: correct, count: count)
  }

  /// The loss of one label, `max(z, 0) - z t + ln(1 + e^-|z|)`.
  private static func sigmoidCrossEntropy(_ z: Double, _ t: Double) -> Double {
    max(z, 0) - z * t + log1p(exp(-abs(z)))
  }
}

extension SoftmaxCrossEntropy {
  /// The loss of one row, Σₖ tₖ (ln Σⱼ e^zⱼ - zₖ).
  fileprivate func value(_ z: ArraySlice<Float>, label: Int) -> Double {
    let largest = z.max() ?? 0
    let logSum = log(z.reduce(0.0) { $0 + exp(Double($1 - largest)) })
    if labelSmoothing == 0 {
      return Double(weight(of: label)) * (logSum - Double(z[z.startIndex + label] - largest))
    }
    return z.indices.reduce(0.0) { sum, index in
      let k = index - z.startIndex
      let target = target(of: k, isLabel: k == label, classCount: z.count)
      return target == 0 ? sum : sum + Double(target) * (logSum - Double(z[index] - largest))
    }
  }
}

extension RegressionLoss {
  /// The loss of one number with error e.
  fileprivate func value(_ e: Double) -> Double {
    switch self {
    case .squared: e * e
    case .absolute: abs(e)
    case .huber(let δ): abs(e) <= Double(δ) ? e * e / 2 : Double(δ) * (abs(e) - Double(δ) / 2)
    }
  }
}
