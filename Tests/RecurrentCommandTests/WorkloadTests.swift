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

  @Test("a number at every step adds a head to each; both directions of a layer feed the next")
  func operationsOfValues() {
    var request = WorkloadRequest()
    (request.mode, request.cell) = (.values, "lstm & lstm")
    (request.input, request.steps, request.hidden, request.layers, request.batch) = (3, 7, 5, 2, 4)
    // Each direction: 20 rows of 3 + 5 weights, then 20 of 10 + 5; the head has 10.
    let (first, second, head) = (3 * 20 * 8 - 20 * 3, 3 * 20 * 15, 3 * 10)
    let perStep = 2 * first + 2 * second + head
    #expect(request.operations == Double(2 * 28 * perStep))
    #expect(request.fault == nil)
  }

  @Test(
    "every way to train gives a loss near that of a guess",
    arguments: [
      (WorkloadRequest.Mode.train, 2.3026), (.characters, 4.1744), (.values, 0.3333),
    ])
  func firstLoss(mode: WorkloadRequest.Mode, expected: Double) {
    var request = WorkloadRequest()
    (request.mode, request.steps, request.hidden, request.layers, request.batch) = (mode, 9, 64, 1, 40)
    (request.input, request.threads, request.repetitions) = (65, 1, 1)
    let workload = Workload(request)
    #expect(workload.run().count == 1)
    // The mean square of numbers uniform in 0 … 1 is 1/3, and the first outputs are near 0.
    #expect(abs(workload.result - expected) < 0.2, "\(workload.result)")
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
