import Recurrent
import RecurrentData
import RecurrentSupport
import Testing

@Suite("Batches of digits")
struct BatchesTests {
  /// 23 sequences; the first value of each is its position.
  static let dataset = require {
    try SequenceDataset(
      bytes: (0..<23).flatMap { sample in (0..<6).map { UInt8($0 == 0 ? sample : 100 + $0) } }, scale: 1, stepCount: 3,
      inputSize: 2, labels: (0..<23).map { Int32($0 % 4) }, classCount: 4)
  }

  private func positions(_ batches: SequenceDataset.Batches) -> [[Int]] {
    batches.map { batch in (0..<batch.count).map { Int(batch.inputs[$0, 0, 0]) } }
  }

  @Test(arguments: [nil, 0, 7] as [UInt64?], [1, 5, 23, 40])
  func `Every sample comes once, with its label`(_ seed: UInt64?, _ size: Int) {
    let batches = Self.dataset.batches(of: size, shuffledWith: seed)
    let seen = positions(batches).flatMap { $0 }
    #expect(seen.sorted() == Array(0..<23))
    #expect(batches.flatMap(\.labels) == seen.map { $0 % 4 })
    if seed == nil { #expect(seen == Array(0..<23)) }
  }

  @Test
  func `The last, smaller batch is kept or dropped`() {
    let kept = Self.dataset.batches(of: 5, shuffledWith: 1)
    #expect(kept.map(\.count) == [5, 5, 5, 5, 3])
    let dropped = Self.dataset.batches(of: 5, shuffledWith: 1, droppingLast: true)
    #expect(dropped.map(\.count) == [5, 5, 5, 5])
    #expect(positions(dropped) == Array(positions(kept).prefix(4)))
    #expect(Self.dataset.batches(of: 40, droppingLast: true).isEmpty)
    #expect(Self.dataset[0..<20].batches(of: 5, droppingLast: true).count == 4, "nothing is dropped of whole batches")
  }

  @Test
  func `Epochs and seeds differ in their order, and repeat it`() {
    func order(_ seed: UInt64, _ epoch: Int) -> [Int] {
      positions(Self.dataset.batches(of: 5, shuffledWith: seed, epoch: epoch)).flatMap { $0 }
    }
    #expect(order(1, 0) == order(1, 0))
    let orders = [order(1, 0), order(1, 1), order(1, 2), order(2, 0), order(2, 1), Array(0..<23)]
    #expect(Set(orders).count == orders.count)
  }

  @Test
  func `A part is shuffled within itself`() {
    let part = Self.dataset[5..<12]
    let seen = positions(part.batches(of: 3, shuffledWith: 4)).flatMap { $0 }
    #expect(seen.sorted() == Array(5..<12))
    #expect(part[2..<4].batches(of: 9).flatMap(\.labels) == [3, 0])
  }

  @Test
  func `Labels as rows with a single 1`() {
    let oneHot = Self.dataset[1..<4].oneHotLabels
    #expect(oneHot == Tensor(known: [3, 4], values: [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]))
  }
}
