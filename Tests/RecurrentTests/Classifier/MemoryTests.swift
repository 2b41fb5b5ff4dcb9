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
      func run() {
        for batch in batches {
          network.train(on: batch, with: &optimizer)
          _ = network.evaluate(on: batch)
        }
      }
      run()
      let before = rk_allocation_count()
      for _ in 0..<20 { run() }
      let after = rk_allocation_count()
      if before == 0 || after != before { exit(EXIT_FAILURE) }
    }
  }
}
