@testable import Recurrent
import TestSupport
import Testing

/// Loss and gradients of whole models against the same models in `Double` and their central differences.
@Suite struct ModelGradientTests {
  private static let tolerance = 1e-5

  @Test("the loss is that of the model in Double, and every gradient its difference", arguments: ModelCase.all)
  func gradients(example: ModelCase) throws {
    let (model, batch) = (example.model, try example.batch())
    let state = example.givenState(model)
    let reference = example.reference(model)
    let (result, gradient) = try model.gradient(on: batch, loss: example.loss, from: state)
    let evaluation = try model.evaluate(on: batch, loss: example.loss, from: state)
    for loss in [result.loss, Float(evaluation.loss)] {
      #expect(mismatch(of: [loss], with: [reference.meanLoss()], within: Self.tolerance) == nil)
    }
    #expect(gradient.entries == model.parameters.entries)
    for (number, entry) in gradient.entries.enumerated() {
      func loss(_ point: [Double]) -> Double {
        var moved = reference
        moved.values[entry.name] = point
        return moved.meanLoss()
      }
      let (claimed, point) = (gradient[entry.name].values, reference[entry.name])
      // All elements at once, each with a weight of its own, and one alone, another in every case.
      let direction = ClosedForm.chirp.values(number, count: point.count).map(Double.init)
      let along = CentralDifference.directionalMismatch(
        of: claimed, at: point, along: direction, step: example.differenceStep, within: Self.tolerance, of: loss)
      #expect(along == nil, "\(entry.name)")
      let alone = CentralDifference.mismatch(
        of: claimed, at: point, elements: [example.turn % point.count], step: example.differenceStep,
        within: Self.tolerance, of: loss)
      #expect(alone == nil, "\(entry.name)")
    }
  }

  @Test("loss and gradients are the same bits on any number of threads", arguments: ModelCase.larger, [2, 3, 5])
  func threads(example: ModelCase, count: Int) throws {
    let batch = try example.batch()
    var (one, several) = (example.model, example.model)
    one.threads = ThreadPool(threads: 1)
    several.threads = ThreadPool(threads: count)
    let tiling = Tiling(network: one.plan, sampleCount: batch.count)
    #expect(tiling.tileCount > 1 && tiling.sharesTiles == (example.size == .sharedTiles))
    let expected = try one.gradient(on: batch, loss: example.loss)
    #expect(mismatch(of: [expected.result.loss], with: [example.reference(one).meanLoss()], within: 1e-5) == nil)
    let evaluation = try one.evaluate(on: batch, loss: example.loss)
    // Which thread gets which tile differs from run to run.
    for _ in 0..<5 {
      let found = try several.gradient(on: batch, loss: example.loss)
      #expect(found.result == expected.result)
      #expect(bitMismatch(of: found.gradient, with: expected.gradient) == nil)
      #expect(try several.evaluate(on: batch, loss: example.loss) == evaluation)
    }
  }
}
