import Recurrent
import RecurrentData
import RecurrentSupport
import Testing

/// Images as sequences of pixels.
@Suite struct PixelOrderTests {
  private let images = require {
    try SequenceDataset(
      bytes: (0..<5 * 784).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256) }, scale: 1 / 255, stepCount: 28,
      inputSize: 28, labels: [4, 2, 0, 1, 3], classCount: 10)
  }

  @Test func rowsAreTheImages() {
    let rows = PixelOrder.rows(images)
    #expect(rows.wholeBatch.inputs == images.wholeBatch.inputs && rows.stepCount == 28)
    #expect(PixelOrder.rows.inputSize == 28 && PixelOrder.rows.permutation == nil)
  }

  @Test func pixelsInTheirOrder() {
    let pixels = PixelOrder.pixels(images[1..<4])
    #expect(pixels.stepCount == 784 && pixels.inputSize == 1 && Array(pixels.labels) == [2, 0, 1])
    #expect(pixels.wholeBatch.inputs.values == images[1..<4].wholeBatch.inputs.values)
    #expect(PixelOrder.pixels.inputSize == 1 && PixelOrder.pixels.permutation == nil)
  }

  @Test func onePermutationForAllImages() throws {
    let order = PixelOrder.permuted(seed: 92)
    let permutation = try #require(order.permutation)
    #expect(permutation.sorted() == Array(0..<784) && permutation != Array(0..<784))
    #expect(permutation == order.permutation && permutation != PixelOrder.permuted(seed: 93).permutation)
    // The same on every machine and in every release: models depend on it.
    #expect(permutation.prefix(4) == [102, 508, 666, 659])
    let permuted = order(images[1..<4])
    #expect(permuted.count == 3 && permuted.stepCount == 784 && Array(permuted.labels) == [2, 0, 1])
    let (before, after) = (images[1..<4].wholeBatch.inputs.values, permuted.wholeBatch.inputs.values)
    for image in 0..<3 {
      for step in 0..<784 { #expect(after[image * 784 + step] == before[image * 784 + Int(permutation[step])]) }
    }
  }

  @Test func allPartsOfTheData() {
    let data = DigitData(
      name: "a", source: "b", training: images[0..<2], validation: images[2..<3], test: images[3..<5])
    let read = data.read(.permuted(seed: 5))
    #expect(read.name == "a" && read.source == "b")
    #expect([read.training.count, read.validation.count, read.test.count] == [2, 1, 2])
    #expect(Array(read.test.labels) == [1, 3] && read.validation.stepCount == 784)
  }
}
