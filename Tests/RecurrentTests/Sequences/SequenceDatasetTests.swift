@testable import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// Datasets and the batches cut from them.
@Suite struct SequenceDatasetTests {
  private static let lengths = (0..<23).map { Int32($0 * 5 % 4) }

  /// 23 sequences of 3 steps of 2 values; the values of a sequence say which one it is.
  private let dataset = require {
    try SequenceDataset(
      floats: (0..<138).map { Float($0) }, stepCount: 3, inputSize: 2, labels: (0..<23).map { $0 % 5 },
      lengths: lengths, classCount: 5)
  }

  /// Which sequences are in a batch: their first value, divided by the number of values that each has.
  private func members(_ batch: SequenceBatch) -> [Int] {
    (0..<batch.count).map { Int(batch.inputs[$0, 0, 0]) / 6 }
  }

  @Test("batches hold each sequence once, in order, the last one what is left over")
  func batches() {
    let batches = dataset.batches(of: 5)
    #expect(batches.count == 5)
    #expect(batches.map(\.count) == [5, 5, 5, 5, 3])
    #expect(batches.flatMap(members) == Array(0..<23))
    #expect(dataset.batches(of: 23).map(\.count) == [23])
    #expect(dataset.batches(of: 100).map(\.count) == [23])
  }

  @Test("a last, smaller batch is dropped on request alone")
  func droppingLast() {
    #expect(dataset.batches(of: 5, droppingLast: true).flatMap(members) == Array(0..<20))
    #expect(dataset.batches(of: 23, droppingLast: true).count == 1)
    #expect(dataset.batches(of: 24, droppingLast: true).isEmpty)
  }

  @Test("shuffling is the same for seed and epoch, and another for each")
  func shuffling() {
    func order(_ seed: UInt64?, _ epoch: Int) -> [Int] {
      dataset.batches(of: 4, shuffledWith: seed, epoch: epoch).flatMap(members)
    }
    #expect(order(1, 0).sorted() == Array(0..<23))
    #expect(order(1, 0) == order(1, 0))
    #expect(Set([order(nil, 0), order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).count == 5)
    #expect(order(nil, 0) == order(nil, 1))
  }

  @Test("values, labels and lengths stay together")
  func belongTogether() {
    for batch in dataset.batches(of: 6, shuffledWith: 9) {
      let members = members(batch)
      #expect(batch.labels == members.map { $0 % 5 })
      #expect(batch.lengths == members.map { Int(Self.lengths[$0]) })
      for (row, member) in members.enumerated() {
        #expect(batch.inputs.selecting([row]).values == (0..<6).map { Float(6 * member + $0) })
      }
      #expect(batch.inputs.shape == [batch.count, 3, 2] && batch.stepCount == 3 && batch.inputSize == 2)
    }
  }

  @Test("a range of a range is what it says, and shuffles within itself")
  func ranges() {
    let part = dataset[4..<20][3..<10]
    #expect(part.count == 7)
    #expect(Array(part.labels) == [2, 3, 4, 0, 1, 2, 3])
    #expect(members(part.wholeBatch) == Array(7..<14))
    #expect(members(part.batch([6, 0, 0])) == [13, 7, 7])
    #expect(part.batches(of: 3, shuffledWith: 2).flatMap(members).sorted() == Array(7..<14))
    #expect(dataset[5..<5].batches(of: 3).isEmpty)
  }

  @Test("one-hot labels have a single one per row, at the label")
  func oneHot() {
    let hot = dataset[3..<6].oneHotLabels
    #expect(hot.shape == [3, 5])
    #expect(hot.values == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0])
  }

  @Test("full sequences have the number of steps as length")
  func fullLengths() throws {
    let full = try SequenceDataset(
      floats: [1, 2, 3, 4], stepCount: 2, inputSize: 1, labels: [0, 1], classCount: 2)
    #expect(full.wholeBatch.lengths == [2, 2])
    let batch = try SequenceBatch(Tensor(zeros: [2, 3, 4]), labels: [1, 0], lengths: [3, 0], classCount: 2)
    #expect(batch.lengths == [3, 0] && batch.labels == [1, 0])
  }

  @Test("other steps, and another order, of the same values")
  func orders() throws {
    let floats = try SequenceDataset(
      floats: (0..<42).map { Float($0) }, stepCount: 3, inputSize: 2, labels: (0..<7).map { $0 % 5 }, classCount: 5)
    let bytes = try SequenceDataset(
      bytes: (0..<42).map { UInt8($0) }, scale: 2, stepCount: 3, inputSize: 2, labels: (0..<7).map { $0 % 5 },
      classCount: 5)
    let order: [Int32] = [5, 0, 3, 1, 4, 2]
    for (dataset, scale) in [(floats, Float(1)), (bytes, 2)] {
      let part = dataset[2..<6].reshaped(stepCount: 6, inputSize: 1)[1..<4]
      #expect(part.wholeBatch.inputs.shape == [3, 6, 1] && Array(part.labels) == [3, 4, 0])
      #expect(part.wholeBatch.inputs.values == (18..<36).map { scale * Float($0) })
      let reordered = part.reordered(by: order)
      #expect(reordered.wholeBatch.inputs.shape == [3, 6, 1] && Array(reordered.labels) == [3, 4, 0])
      let expected: [Int] = (3..<6).flatMap { k in order.map { 6 * k + Int($0) } }
      #expect(reordered.wholeBatch.inputs.values == expected.map { scale * Float($0) })
      #expect(reordered[1..<2].wholeBatch.inputs.values.first == scale * 29)
    }
  }

  @Test("bytes are scaled floats, bit for bit, in training and evaluation")
  func bytesAreFloats() throws {
    let bytes = (0..<70 * 5 * 3).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }
    let labels = (0..<70).map { Int32($0 % 4) }
    let scale: Float = 1 / 255
    let asBytes = try SequenceDataset(
      bytes: bytes, scale: scale, stepCount: 5, inputSize: 3, labels: labels, classCount: 4)
    let asFloats = try SequenceDataset(
      floats: bytes.map { scale * Float($0) }, stepCount: 5, inputSize: 3, labels: labels, classCount: 4)
    #expect(bitMismatch(of: asBytes.wholeBatch.inputs, with: asFloats.wholeBatch.inputs) == nil)
    var networks = try [asBytes, asFloats].map { dataset in
      var network = SequenceModel(.init(input: .features(3), layers: .lstm(6), output: .classes(4)), seed: 2)
      var optimizer = Adam(learningRate: 0.01)
      for batch in dataset.batches(of: 32, shuffledWith: 1) { try network.train(on: batch, with: &optimizer) }
      return network
    }
    #expect(bitMismatch(of: networks[0].parameters, with: networks[1].parameters) == nil)
    let network = networks.removeFirst()
    #expect(try network.evaluate(on: asBytes) == network.evaluate(on: asFloats))
    let logits = try [asBytes, asFloats].map { try network.logits(for: $0.wholeBatch) }
    #expect(bitMismatch(of: logits[0], with: logits[1]) == nil)
  }
}
