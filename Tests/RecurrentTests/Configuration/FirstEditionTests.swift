import Foundation
import Recurrent
import TestSupport
import Testing

/// Model files that the program of the first edition wrote, one epoch of 200 built-in digits each, and what it computed
/// from them.
@Suite struct FirstEditionTests {
  static let layers: [String: [LayerConfiguration]] = [
    "lstm-bidirectional-sum": Array(
      repeating: .bidirectional(LSTMCell(hiddenSize: 3), LSTMCell(hiddenSize: 3), merge: .sum), count: 2),
    "lstm-options": .repeated(LSTMCell(hiddenSize: 3, projectionSize: 2, options: .init(hasPeepholes: true)), count: 2),
    "gru-residual": [LayerConfiguration(GRUCell(hiddenSize: 28, resetAfter: false)).residual()],
  ]
  /// The bits of the logits of one input.
  static let logits: [String: [UInt32]] = [
    "gru-residual": [
      0x40b297bd, 0xc0b0debd, 0xbf5f8c71, 0xbfd9c9d4, 0x4082b1f8, 0xbefc5de6, 0x3e92fb41, 0xbf90904e, 0x3f7ccfb0,
      0x3fbccb14,
    ],
    "lstm-bidirectional-sum": [
      0xbf913dcd, 0xbefb70ba, 0x3f952a54, 0xbdd57c07, 0x3f5a58b8, 0x3f760b80, 0x3efc599d, 0x3ef8372e, 0x3f2dcdd9,
      0x3e2f8979,
    ],
    "lstm-options": [
      0x3fb85c2a, 0xbf6b4815, 0xbd4463d3, 0x3f0f0807, 0x3eb79f19, 0x3f61dea8, 0x3f5bf2cd, 0x3f14e104, 0xbfb81fb8,
      0x3ef3c40f,
    ],
  ]

  @Test(
    "such a file loads, computes the same bits, and is written in the present form", arguments: layers.keys.sorted())
  func loads(name: String) throws {
    let network = try SequenceModel(contentsOf: Fixtures.path("FirstEdition/\(name).safetensors"))
    #expect(network.layers == Self.layers[name])
    #expect(network.inputSize == 28 && network.outputSize == 10)
    let inputs = try Tensor(shape: [1, 4, 28], values: (0..<112).map { Float($0 * 37 % 101) / 101 - 0.25 })
    let batch = try SequenceBatch(inputs, labels: [0], classCount: 10)
    let logits = try network.logits(for: batch).values.map(\.bitPattern)
    #expect(logits == Self.logits[name], "\(name) \(logits)")
    let folder = try TemporaryDirectory()
    try network.save(to: folder.path("m"))
    let copy = try SequenceModel(contentsOf: folder.path("m"))
    #expect(copy.configuration == network.configuration && copy.parameters == network.parameters)
  }
}
