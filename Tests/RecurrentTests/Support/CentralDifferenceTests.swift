import Foundation
import TestSupport
import Testing

/// The gradient checker passes right gradients and, above all, fails wrong ones.
@Suite struct CentralDifferenceTests {
  private let point = [0.3, -1.2, 0.8, 2.1]

  // f = sin(x₀ x₁) + e^x₂ x₃
  private func function(_ x: [Double]) -> Double { sin(x[0] * x[1]) + exp(x[2]) * x[3] }

  private var gradient: [Float] {
    let inner = cos(point[0] * point[1])
    return [inner * point[1], inner * point[0], exp(point[2]) * point[3], exp(point[2])].map { Float($0) }
  }

  @Test("the right gradient passes, element by element and along a direction")
  func passes() {
    #expect(CentralDifference.mismatch(of: gradient, at: point, within: 1e-6, of: function) == nil)
    #expect(
      CentralDifference.mismatch(of: gradient, at: point, elements: [0, 3], within: 1e-6, of: function) == nil)
    #expect(
      CentralDifference.directionalMismatch(
        of: gradient, at: point, along: [1, -0.5, 0.7, 0.2], within: 1e-6, of: function) == nil)
  }

  @Test("a wrong gradient fails", arguments: Mistake.all)
  func fails(mistake: Mistake) {
    var wrong = gradient
    mistake.make(&wrong)
    #expect(CentralDifference.mismatch(of: wrong, at: point, within: 1e-5, of: function) != nil)
    #expect(
      CentralDifference.mismatch(of: wrong, at: point, elements: [0, 1, 2, 3], within: 1e-5, of: function) != nil)
    #expect(
      CentralDifference.directionalMismatch(
        of: wrong, at: point, along: [1, -0.5, 0.7, 0.2], within: 1e-5, of: function) != nil)
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (inout [Float]) -> Void

    init(_ reason: String, _ make: @escaping @Sendable (inout [Float]) -> Void) {
      testDescription = reason
      self.make = make
    }

    static let all = [
      Mistake("one element is off by a tenth of a per cent") { $0[1] *= 1.001 },
      Mistake("a sign is wrong") { $0[3] = -$0[3] },
      Mistake("two elements are exchanged") { $0.swapAt(0, 1) },
      Mistake("an element was forgotten") { $0[0] = 0 },
      Mistake("all are doubled") { $0 = $0.map { 2 * $0 } },
      Mistake("one is not a number") { $0[2] = .nan },
      Mistake("one is missing") { $0.removeLast() },
    ]
  }

  @Test("differences are as precise as the step allows")
  func precision() {
    for (found, exact) in zip(CentralDifference.gradient(at: point, of: function), gradient) {
      #expect((found - Double(exact)).magnitude < 1e-6)
    }
    let derivative = CentralDifference.derivative(at: [1], along: [2]) { $0[0] * $0[0] * $0[0] }
    #expect((derivative - 6).magnitude < 1e-8)
  }
}
