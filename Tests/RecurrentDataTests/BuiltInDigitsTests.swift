import Recurrent
import Testing

@testable import RecurrentData

@Suite("Built-in digits")
struct BuiltInDigitsTests {
  /// Drawn once for all tests: debug builds draw slowly.
  private static let digits = BuiltInDigits.draw(training: 300, validation: 35, test: 60, seed: 3)
  private var digits: DigitData { Self.digits }

  /// The images of a dataset as bytes, `[count, 28 · 28]`.
  private func images(_ dataset: SequenceDataset) -> [[UInt8]] {
    let bytes = dataset.wholeBatch.inputs.values.map { UInt8(($0 * 255).rounded()) }
    return stride(from: 0, to: bytes.count, by: 784).map { Array(bytes[$0..<$0 + 784]) }
  }

  @Test
  func `They have the form of MNIST and another name`() {
    #expect(digits.training.count == 300)
    #expect(digits.validation.count == 35)
    #expect(digits.test.count == 60)
    for part in [digits.training, digits.validation, digits.test] {
      #expect(part.stepCount == 28)
      #expect(part.inputSize == 28)
      #expect(part.classCount == 10)
    }
    #expect(!(digits.name + digits.source).lowercased().contains("mnist"))
    #expect(digits.source.contains("seed 3"))
  }

  @Test
  func `The same seed gives the same digits, on every machine and in every release`() {
    let again = BuiltInDigits.draw(training: 0, validation: 35, test: 0, seed: 3)
    #expect(images(digits.validation) == images(again.validation))
    #expect(digits.validation.labels == again.validation.labels)
    let checksum = SHA256.checksum(of: images(digits.test).flatMap { $0 })
    #expect(checksum == "fe9aa1e661e0f3f379d981c5d7131e4ae564e294f886026c519235089956ece3")
  }

  @Test
  func `Fewer digits are the first of more`() {
    let fewer = BuiltInDigits.draw(training: 17, validation: 1, test: 0, seed: 3)
    #expect(images(fewer.training) == Array(images(digits.training).prefix(17)))
    #expect(Array(fewer.training.labels) == Array(digits.training.labels.prefix(17)))
    #expect(images(fewer.validation) == Array(images(digits.validation).prefix(1)))
    #expect(fewer.test.count == 0)
  }

  @Test
  func `Seeds and parts have no image in common`() {
    let other = BuiltInDigits.draw(training: 20, validation: 20, test: 60, seed: 4)
    let all = [digits.training, digits.validation, digits.test, other.training, other.validation, other.test]
      .flatMap(images)
    #expect(Set(all).count == all.count)
    #expect(digits.test.labels.map { $0 } != other.test.labels.map { $0 })
  }

  @Test
  func `All digits come equally often, in no fixed order`() {
    for part in [digits.training, digits.test] {
      var counts = [Int](repeating: 0, count: 10)
      for label in part.labels { counts[Int(label)] += 1 }
      #expect(counts == Array(repeating: part.count / 10, count: 10))
    }
    let labels = Array(digits.training.labels)
    #expect(labels[0..<10] != labels[10..<20])
  }

  @Test
  func `They have MNIST's range: white on black, as much ink, centered, within the image`() {
    let images = images(digits.training)
    let mean = images.map { Double($0.reduce(0) { $0 + Int($1) }) }.reduce(0, +) / Double(images.count * 784)
    #expect(abs(mean - 33.3) < 3, "MNIST's mean is 33.3")
    for (index, image) in images.enumerated() {
      #expect(image.max()! > 180, "image \(index) is seen")
      let ink = image.reduce(0) { $0 + Int($1) }
      #expect(ink > 784 * 4 && ink < 784 * 100, "image \(index) is neither empty nor full")
      let x = image.enumerated().reduce(0) { $0 + $1.offset % 28 * Int($1.element) }
      let y = image.enumerated().reduce(0) { $0 + $1.offset / 28 * Int($1.element) }
      #expect(abs(Double(x) / Double(ink) - 13.5) < 4, "image \(index) is centered")
      #expect(abs(Double(y) / Double(ink) - 13.5) < 4, "image \(index) is centered")
    }
    let edge = (0..<784).filter { $0 < 28 || $0 >= 756 || $0 % 28 == 0 || $0 % 28 == 27 }
    let inkOnEdge = images.reduce(0) { count, image in count + edge.count { image[$0] > 0 } }
    #expect(inkOnEdge * 100 < images.count * edge.count, "digits are hardly ever cut off")
  }

  @Test(arguments: 0..<10)
  func `Every style of a digit lies in its box and is used`(_ digit: Int) {
    for style in DigitStrokes.styles[digit] {
      for stroke in style.strokes {
        #expect(stroke.count >= 2)
        for point in stroke {
          #expect((0...0.82).contains(point.place.x))
          #expect((0...1).contains(point.place.y))
        }
      }
    }
  }

  @Test
  func `They can be told apart, but not by their mean images alone`() {
    // A measure of difficulty that needs no network: which mean image of the training part is nearest?
    var means = [[Float]](repeating: Array(repeating: 0, count: 784), count: 10)
    for (image, label) in zip(images(digits.training), digits.training.labels) {
      for pixel in 0..<784 { means[Int(label)][pixel] += Float(image[pixel]) / 30 }
    }
    let correct = zip(images(digits.test), digits.test.labels).count { image, label in
      let distances = means.map { mean in
        var sum: Float = 0
        for pixel in 0..<784 { sum += (mean[pixel] - Float(image[pixel])) * (mean[pixel] - Float(image[pixel])) }
        return sum
      }
      return distances.firstIndex(of: distances.min()!) == Int(label)
    }
    // Chance gives 6.
    #expect(correct > 36)
    #expect(correct < 57)
  }
}
