import Recurrent
import RecurrentWorkloads
import Testing

@testable import RecurrentCommand

/// What the benchmark counts.
@Suite struct WorkloadTests {
  @Test(
    "operations are two for each weight, step and pass; the first layer's input needs no gradient",
    arguments: [("lstm", 4.0), ("gru", 3), ("elman", 1)])
  func operations(cell: String, gates: Double) {
    var request = WorkloadRequest()
    request.cell = cell
    (request.input, request.steps, request.hidden, request.layers, request.batch) = (3, 7, 5, 2, 4)
    // Per gate, the first layer has 5 rows of 3 + 5 weights and the second 5 of 5 + 5; 28 steps are taken.
    request.mode = .infer
    #expect(request.operations == 2 * gates * 28 * (40 + 50))
    request.mode = .train
    #expect(request.operations == 2 * gates * 28 * (3 * 40 - 15 + 3 * 50))
    for mode in [WorkloadRequest.Mode.stream, .blocks] {
      request.mode = mode
      #expect(request.operations == 2 * gates * (40 + 50), "one step, however many are timed together")
    }
    #expect(request.fault == nil)
  }

  @Test func cellsThereAreNot() {
    var request = WorkloadRequest()
    request.cell = "qrnn"
    #expect(request.fault == "cell: found 'qrnn', expected \(SizelessCell.kinds)")
    request.mode = .stream
    for cell in ["gru & gru", "gru | reverse"] {
      request.cell = cell
      #expect(request.fault == "mode: found 'stream' for a network that reads in reverse, expected train or infer")
    }
    #expect(CellKind.allCases.allSatisfy { SizelessCell.kinds.contains($0.rawValue) })
  }
}
