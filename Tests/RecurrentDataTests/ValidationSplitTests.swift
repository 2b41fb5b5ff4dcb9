import Recurrent
import TestSupport
import Testing

@testable import RecurrentData

/// Which training images are kept for validation.
@Suite struct ValidationSplitTests {
  private static func shuffled(_ labels: [UInt8], seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return generator.permutation(of: labels.count).map { labels[Int($0)] }
  }

  @Test("files in random order keep their order", arguments: [12, 25, 60, 120, 360, 1200, 6000])
  func random(count: Int) {
    let even = (0..<count).map { UInt8($0 % 10) }
    // Half of the images are of class 0, and one class is rare.
    let uneven = (0..<count).map { (position: Int) -> UInt8 in
      if position % 2 == 0 { return 0 }
      return position == 1 ? 9 : UInt8(position / 2 % 9)
    }
    for seed in 0..<200 {
      for labels in [even, uneven] {
        let order = ValidationSplit.stratified(Self.shuffled(labels, seed: UInt64(seed)), validationCount: count / 12)
        #expect(order == nil, "\(count) labels of seed \(seed)")
      }
    }
  }

  @Test("files in order of their classes give a share of each", arguments: [60, 120, 361, 1200, 6005])
  func sorted(count: Int) throws {
    for labels in [
      (0..<count).map { UInt8($0 * 10 / count) }, (0..<count).map { UInt8(9 - $0 * 10 / count) },
      // Two classes at a time.
      (0..<count).map { UInt8($0 * 5 / count * 2 + $0 % 2) },
    ] where count > 120 || labels[1] == labels[0] {
      let order = try #require(ValidationSplit.stratified(labels, validationCount: count / 12))
      #expect(order.sorted() == Array(0..<count), "every image once")
      let (validation, training) = (order.prefix(count / 12), order.dropFirst(count / 12))
      #expect(Array(validation) == validation.sorted() && Array(training) == training.sorted(), "in the file's order")
      var shares = [Int](repeating: 0, count: 10)
      for position in validation { shares[Int(labels[position])] += 1 }
      for (label, share) in shares.enumerated() {
        let expected = Double(labels.count { $0 == label }) / 12
        #expect(abs(Double(share) - expected) <= 1, "class \(label) of \(count)")
      }
    }
  }

  @Test("a class that the first images lack is enough")
  func missingClass() throws {
    // The rarest class, an 80th of 12,000, comes last.
    let labels = Self.shuffled((0..<11_850).map { UInt8($0 % 9) }, seed: 1) + [UInt8](repeating: 9, count: 150)
    let order = try #require(ValidationSplit.stratified(labels, validationCount: 1000))
    #expect(order.prefix(1000).count { labels[$0] == 9 } == 12 || order.prefix(1000).count { labels[$0] == 9 } == 13)
  }

  @Test("no images for validation, no order")
  func none() {
    #expect(ValidationSplit.stratified([], validationCount: 0) == nil)
    #expect(ValidationSplit.stratified([1, 1, 1], validationCount: 0) == nil)
  }

  @Test("images move with their labels, and the split is said")
  func loading() throws {
    let folder = try TemporaryDirectory()
    var files = MNISTFolder()
    let labels = (0..<240).map { UInt8($0 / 24) }
    files.trainingLabels = IDXBytes.labels(labels)
    // Every pixel of an image is its position.
    files.trainingImages =
      IDXBytes.header(sizes: [240, 28, 28]) + (0..<240).flatMap { [UInt8](repeating: UInt8($0), count: 784) }
    try files.write(to: folder)
    let data = try MNIST.load(from: folder.path)
    #expect(data.validation.labels.map(Int.init) == (0..<20).map { $0 / 2 })
    #expect(data.training.count == 220)
    for part in [data.validation, data.training] {
      let inputs = part.wholeBatch.inputs
      for (position, label) in part.labels.enumerated() {
        let image = Int((inputs[position, 27, 27] * 255).rounded())
        #expect(Int(labels[image]) == Int(label))
      }
    }
    let path = folder.path("train-labels-idx1-ubyte")
    #expect(
      data.notices == ["\(path) is sorted by class: the first twelfth of each class is used for validation"])
    #expect(data.read(.pixels).notices == data.notices)
  }
}
