@testable import Recurrent
import RecurrentKernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// After the first step of a size, training and evaluation take no memory from the system.
@Suite struct MemoryTests {
  // In a process of its own, since the count is one for all threads of a process.
  @Test("after the first step of each size, none allocates", arguments: 0..<ClassifierScenario.larger.count, [1, 2, 5])
  func steadySteps(index: Int, threads: Int) async {
    await #expect(processExitsWith: .success) { [index = index as Int, threads = threads as Int] in
      let scenario = ClassifierScenario.larger[index]
      let batches = [scenario.batch, 30, 1].map { scenario.data.dataset.batch(0..<$0) }
      var network = scenario.network(threads: ThreadPool(threads: threads))
      var optimizer = Adam(learningRate: 0.01)
      func run() throws {
        for batch in batches {
          try network.train(on: batch, with: &optimizer)
          let result = try? network.train(on: [batch, batches[1]], with: &optimizer, clipping: .norm(0.1))
          if result == nil { exit(EXIT_FAILURE) }
          _ = try network.evaluate(on: batch)
        }
      }
      try run()
      let before = rk_allocation_count()
      for _ in 0..<20 { try run() }
      let after = rk_allocation_count()
      if before == 0 || after != before { exit(EXIT_FAILURE) }
    }
  }

  @Test("after the first sequence, a stream allocates neither for steps nor for sequences as long")
  func steadyStreams() async throws {
    await #expect(processExitsWith: .success) {
      let scenario = ClassifierScenario.larger[0]
      let model = scenario.network()
      var stream = try model.makeStream()
      let sequence = [Float](repeating: 0.5, count: scenario.steps * scenario.input)
      let step = Array(sequence.prefix(scenario.input))
      func run() throws {
        stream.reset()
        try stream.run(sequence)
        try stream.step(step)
      }
      try run()
      let before = rk_allocation_count()
      for _ in 0..<20 { try run() }
      let after = rk_allocation_count()
      // A copy is a stream of its own, and its memory shows that these are counted.
      let copy = stream
      try stream.step(step)
      if after != before || rk_allocation_count() == after || copy.stepCount == stream.stepCount { exit(EXIT_FAILURE) }
    }
  }
}
