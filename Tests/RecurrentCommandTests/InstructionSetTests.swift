import Foundation
import TestSupport
import Testing

/// The same seed, the same bits, with vectors of eight floats and of sixteen.
@Suite struct InstructionSetTests {
  @Test(
    "the same network is trained to the same bits on AVX2 and AVX-512",
    arguments: [
      ["--cell", "lstm"], ["--cell", "gru", "--clip-norm", "0.1"], ["--cell", "elman", "--hidden-size", "7"],
      ["--cell", "indrnn", "--hidden-size", "13", "--dropout", "0.2"], ["--cell", "mgu", "--optimizer", "lion"],
      ["--layer-norm", "--peepholes", "--hidden-size", "21", "--batch-size", "50"],
      ["--layer-norm", "--coupled-input-forget"],
      ["--label-smoothing", "0.1", "--bidirectional", "--hidden-size", "9"],
      ["--hidden-size", "100", "--layers", "1", "--batch-size", "43"],
    ])
  func sameBits(options: [String]) throws {
    // A tool's folder is there as long as the tool is.
    let tools = try ["avx2", "avx512"].map { try Tool(environment: ["RECURRENT_INSTRUCTION_SET": $0]) }
    let runs = try tools.map { tool in
      try ImageFiles.write(to: tool.folder)
      // A machine that has only one of them takes that twice.
      try tool.run(
        ["train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "2", "--seed", "4", "--run-dir", "run"]
          + options
      ).expectSuccess()
      return RunFiles(tool, "run")
    }
    let model = try #require(runs[0].model)
    #expect(runs[1].model == model, "byte for byte")
    #expect(runs[1].metricsWithoutTimes == runs[0].metricsWithoutTimes)
  }
}
