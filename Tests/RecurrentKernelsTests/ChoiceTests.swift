import RecurrentKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which kernels are in use, and memory for them.
@Suite struct ChoiceTests {
  @Test func bestSetOfTheMachineIsUsed() throws {
    try #require(getenv("RECURRENT_INSTRUCTION_SET") == nil, "the environment has chosen")
    #expect(String(cString: rk_kernels_in_use().pointee.name) == InstructionSet.all.last?.name)
  }

  @Test func namesAreThoseOfTheEnvironmentVariable() {
    let names = (0..<RK_INSTRUCTION_SETS.rawValue).compactMap { index in
      rk_kernels_for(rk_instruction_set(index)).map { (Int(index), String(cString: $0.pointee.name)) }
    }
    let all = ["naive", "reordered", "portable", "avx2", "avx512", "neon"]
    for (index, name) in names { #expect(name == all[index]) }
    #expect(names.count >= 3, "the oracle, its reordered form and the portable kernels are everywhere")
    #expect(rk_kernels_for(RK_INSTRUCTION_SETS) == nil)
  }

  // Each in a process of its own, since the environment belongs to all tests.

  @Test func environmentChoosesPortable() async {
    await #expect(processExitsWith: .exitCode(17)) {
      setenv("RECURRENT_INSTRUCTION_SET", "portable", 1)
      rk_choose_kernels()
      exit(String(cString: rk_kernels_in_use().pointee.name) == "portable" ? 17 : 1)
    }
  }

  @Test func environmentChoosesNaive() async {
    await #expect(processExitsWith: .exitCode(17)) {
      setenv("RECURRENT_INSTRUCTION_SET", "naive", 1)
      rk_choose_kernels()
      exit(String(cString: rk_kernels_in_use().pointee.name) == "naive" ? 17 : 1)
    }
  }

  @Test func unknownNameIsToldAndIgnored() async throws {
    let result = await #expect(processExitsWith: .exitCode(17), observing: [\.standardErrorContent]) {
      setenv("RECURRENT_INSTRUCTION_SET", "abacus", 1)
      rk_choose_kernels()
      exit(String(cString: rk_kernels_in_use().pointee.name) == InstructionSet.all.last?.name ? 17 : 1)
    }
    let told = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(told.contains("RECURRENT_INSTRUCTION_SET is 'abacus'"))
  }

  @Test func emptyNameIsNone() async throws {
    let result = await #expect(processExitsWith: .exitCode(17), observing: [\.standardErrorContent]) {
      setenv("RECURRENT_INSTRUCTION_SET", "", 1)
      rk_choose_kernels()
      exit(String(cString: rk_kernels_in_use().pointee.name) == InstructionSet.all.last?.name ? 17 : 1)
    }
    let told = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(!told.contains("RECURRENT_INSTRUCTION_SET"))
  }

  @Test(arguments: [0, 1, 63, 64, 65, 100_000])
  func memoryIsAlignedZeroedAndCounted(_ bytes: Int) throws {
    let before = rk_allocation_count()
    let memory = try #require(rk_allocate(bytes))
    defer { rk_free(memory) }
    #expect(Int(bitPattern: memory) % 64 == 0)
    #expect((0..<bytes).allSatisfy { memory.load(fromByteOffset: $0, as: UInt8.self) == 0 })
    #expect(rk_allocation_count() > before)
  }

  @Test(arguments: [Int.max, -1, -40])
  func memoryThatCannotBeHadIsNull(_ bytes: Int) {
    // As unsigned sizes: half of the address space, and so much that rounding it up wraps around.
    #expect(rk_allocate(bytes) == nil)
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func peakCountsItsOperations(_ set: InstructionSet) {
    var sink = [Float](repeating: 0, count: 64)
    let one = set.kernels.multiplyAddPeak(1, &sink)
    #expect(one > 0 && set.kernels.multiplyAddPeak(1000, &sink) == 1000 * one)
    #expect(sink[0] != 0 && !sink[0].isNaN)
  }
}
