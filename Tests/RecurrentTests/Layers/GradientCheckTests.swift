import Foundation
import Recurrent
import TestSupport
import Testing

/// The public gradient checker: built-in cells pass, and each wrong line of a backward pass is found.
@Suite struct GradientCheckTests {
  @Test("built-in cells and a user's pass", arguments: CellKind.all.filter { !$0.hasCorners })
  func cells(kind: CellKind) {
    let check = kind.make(5).checkGradients(inputSize: 4)
    #expect(check.passes, "\(check)")
    #expect(check.differences.count >= 5)
    // Far enough from the tolerance, so that other weights pass too.
    #expect((check.worst?.error ?? 1) < 3e-4)
  }

  @Test("stacks with both directions and dropout pass")
  func stacks() {
    let layers: [LayerConfiguration] = [
      .bidirectional(LSTMCell(hiddenSize: 4), GRUCell(hiddenSize: 5)),
      LayerConfiguration(GRUCell(hiddenSize: 3)).regularized(Regularization(dropout: 0.4)),
      LayerConfiguration(WrongCell(mistake: .none)),
    ]
    let check = RecurrentStack(inputSize: 3, layers: layers, initializer: .keras, seed: 3).checkGradients(
      batchSize: 2, steps: 3)
    #expect(check.passes, "\(check)")
    #expect(check.differences.contains { $0.name == "weight_hh_l0_reverse" })
  }

  @Test("a wrong backward pass is found, and the tensors are named that it spoils")
  func mistakes() throws {
    func wrong(_ mistake: WrongCell.Mistake) -> Set<String> {
      let check = WrongCell(mistake: mistake).checkGradients(inputSize: 3)
      #expect(!check.passes)
      return Set(check.differences.filter { $0.error > check.tolerance }.map(\.name))
    }
    #expect(wrong(.scale) == ["scale_l0"])
    let all: Set = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "inputs", "initialState[0].components[0]"]
    #expect(wrong(.slope).isSuperset(of: all))
    let check = WrongCell(mistake: .scale).checkGradients(inputSize: 3)
    let worst = try #require(check.worst)
    #expect(worst.name == "scale_l0" && worst.position.count == 1 && worst.error > 0.1)
    #expect("\(check)".hasPrefix("WRONG: scale_l0[\(worst.position[0])] is "))
  }
}

/// h' = p tanh(z) with one weight p per unit, whose backward pass can have a mistake.
private struct WrongCell: RecurrentCell {
  enum Mistake: String, Codable {
    case none
    /// The gradient of p is half of what it should be.
    case scale
    /// The derivative of tanh is left out.
    case slope
  }

  typealias State = ElmanCell.State

  let mistake: Mistake
  static var name: String { "wrong" }
  var hiddenSize: Int { 4 }
  var gates: [GateSource] { [.inputAndHidden] }
  var tapeSize: Int { 0 }
  var unitParameterNames: [String] { ["scale"] }

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (z, next) = (step.gate(0, unit: unit), step.next(0, unit: unit))
      step.tanh(z)
      for lane in 0..<step.lanes { next[lane] = step.unitParameters[0, unit, lane] * z[lane] }
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (z, dh) = (step.gate(0, unit: unit), gradient.hidden(unit: unit, in: step))
      let dp = gradient.unitParameter(0, unit: unit, in: step)
      for lane in 0..<step.lanes {
        let h = z[lane]
        if lane < step.samples { dp[lane] += dh[lane] * h * (mistake == .scale ? 0.5 : 1) }
        z[lane] = dh[lane] * step.unitParameters[0, unit, lane] * (mistake == .slope ? 1 : 1 - h * h)
      }
    }
  }
}
