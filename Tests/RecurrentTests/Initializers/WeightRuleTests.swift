import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Rules for a matrix: limits, deviations, orthogonality.
@Suite struct WeightRuleTests {
  @Test("orthogonal matrices have orthonormal rows, or columns if fewer", arguments: [(7, 3), (3, 7), (5, 5)])
  func orthogonal(rows: Int, columns: Int) {
    var generator = SplitMix64(seed: 3)
    let values = WeightRule.orthogonal.draw(rows: rows, columns: columns, fanIn: 1, fanOut: 1, using: &generator)
    let matrix = Tensor(known: [rows, columns], values: values)
    if rows >= columns {
      expectOrthonormalColumns(matrix)
    } else {
      let transposed = (0..<columns).flatMap { column in (0..<rows).map { matrix[$0, column] } }
      expectOrthonormalColumns(Tensor(known: [columns, rows], values: transposed))
    }
  }

  @Test("orthogonal matrices are as likely one way round as the other: no sign is preferred")
  func orthogonalSigns() {
    // Without a correction of signs, a decomposition has diagonal elements of one sign.
    var generator = SplitMix64(seed: 11)
    let firsts = (0..<400).map { _ in
      Double(WeightRule.orthogonal.draw(rows: 4, columns: 4, fanIn: 4, fanOut: 4, using: &generator)[5])
    }
    // An element of a random direction in four dimensions: variance 1/4, fourth moment 3/24.
    expectMoments(firsts, mean: 0, variance: 0.25, fourth: 0.125)
  }

  @Test("every rule draws with the limits and deviations of its paper", arguments: [(40, 90), (120, 30)])
  func rules(fanIn: Int, fanOut: Int) {
    func draw(_ rule: WeightRule) -> Tensor {
      var generator = SplitMix64(seed: 5)
      let values = rule.draw(rows: 100, columns: 60, fanIn: fanIn, fanOut: fanOut, using: &generator)
      return Tensor(known: [100, 60], values: values)
    }
    let (ins, outs) = (Double(fanIn), Double(fanOut))
    expectUniform(draw(.glorotUniform), limit: (6 / (ins + outs)).squareRoot())
    expectUniform(draw(.heUniform), limit: (6 / ins).squareRoot())
    expectUniform(draw(.lecunUniform), limit: (3 / ins).squareRoot())
    expectUniform(draw(.reciprocalRoot), limit: (1 / ins).squareRoot())
    expectUniform(draw(.uniform(limit: 0.3)), limit: 0.3)
    expectNormal(draw(.glorotNormal).values, deviation: (2 / (ins + outs)).squareRoot())
    expectNormal(draw(.heNormal).values, deviation: (2 / ins).squareRoot())
    expectNormal(draw(.lecunNormal).values, deviation: (1 / ins).squareRoot())
    expectNormal(draw(.normal(deviation: 0.3)).values, deviation: 0.3)
    #expect(draw(.zeros).values.allSatisfy { $0 == 0 })
  }
}

/// Expects columns of length 1 that stand at right angles to one another.
func expectOrthonormalColumns(_ matrix: Tensor) {
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  let values = matrix.values.map(Double.init)
  var worst = 0.0
  for a in 0..<columns {
    for b in 0...a {
      let product = (0..<rows).reduce(0.0) { $0 + values[$1 * columns + a] * values[$1 * columns + b] }
      worst = max(worst, (product - (a == b ? 1 : 0)).magnitude)
    }
  }
  #expect(worst < Tolerance.afterRoundings(rows))
}
