import ArgumentParser
import Recurrent
import RecurrentWorkloads

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `recurrent benchmark`: the speed of training and inference, as a table or for a program that compares.
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast networks of several sizes train and run.",
    usage: "recurrent benchmark [<options>]",
    discussion: """
      Prints milliseconds, operations per second and the share of the processor's measured peak.

      With --interactive it reads one JSON object per line until the input ends, and replies to each with one line, \
      {"milliseconds":[…]}, after training with the last "loss", or {"error":"…"}. All entries of an object are optional:
      "mode": "train", "characters" for a class at every step, "values" for a number at every step, "infer", "peak", or \
      for one step of one sequence "stream", by calls, or "blocks", by one call for several; "cell": a layer as named \
      in model files, such as "gru" or "lstm peepholes & lstm"; "lengths": "full" or "uniform"; "weights" of \
      inference: "float", "bf16" or "int8"; and the numbers "input", "steps", "hidden", "layers", "batch", "threads", \
      "repeat" and "together", the steps of one sequence that are timed together.
      """)

  private static let defaultRepetitions = 30

  @Flag(help: "Reply to requests on standard input instead of printing a table.")
  var interactive = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Repetitions of each measurement. (default: \(defaultRepetitions))", valueName: "n"),
    transform: OptionValue.repetitions)
  var repetitions = defaultRepetitions

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    if interactive { try replyToRequests() } else { try printTable() }
  }

  /// The rows of the table: input, steps, hidden, layers, batch, mode, lengths.
  private static let rows: [(title: String, Int, Int, Int, Int, Int, WorkloadRequest.Mode, WorkloadRequest.Lengths)] = [
    ("the notebook", 28, 28, 20, 3, 100, .train, .full),
    ("one wide layer", 28, 28, 128, 1, 100, .train, .full),
    ("three wide layers", 28, 28, 128, 3, 100, .train, .full),
    ("two layers of 256", 28, 28, 256, 2, 100, .train, .full),
    ("one layer of 512", 28, 28, 512, 1, 100, .train, .full),
    ("pixel by pixel", 1, 784, 128, 1, 100, .train, .full),
    ("characters", 65, 50, 128, 2, 50, .train, .full),
    ("one layer of 1024", 256, 64, 1024, 1, 64, .train, .full),
    ("ragged", 28, 28, 128, 1, 100, .train, .uniform),
    ("one image", 28, 28, 20, 3, 1, .infer, .full),
    ("1,000 images", 28, 28, 20, 3, 1000, .infer, .full),
    ("one row of an image", 28, 28, 20, 3, 1, .stream, .full),
  ]

  private func printTable() throws(CommandFailure) {
    let pool = threads.pool
    let peak = Processor.measurePeak(on: pool)
    Terminal.print(
      "\(Processor.instructionSet) kernels, \(pool.threads) thread\(pool.threads == 1 ? "" : "s"), "
        + "peak \((peak / 1e9).fixed(0)) GFLOP/s; LSTM, milliseconds are medians of \(repetitions)")
    Terminal.print()
    Terminal.print("work                 input,steps,hidden×layers,batch   mode    milliseconds   GFLOP/s    of peak")
    for (title, input, steps, hidden, layers, batch, mode, lengths) in Self.rows {
      var request = WorkloadRequest()
      (request.input, request.steps, request.hidden, request.layers) = (input, steps, hidden, layers)
      (request.batch, request.mode, request.lengths) = (batch, mode, lengths)
      (request.threads, request.repetitions) = (pool.threads, repetitions)
      Terminal.progress("measuring \(title)")
      try Terminal.checkOutput()
      let workload = Workload(request)
      _ = workload.run()  // warm-up
      let times = workload.run().sorted()
      let median = times[times.count / 2]
      let rate = request.operations / median * 1e3
      Terminal.print(
        title.padded(to: 20) + " " + "\(input),\(steps),\(hidden)×\(layers),\(batch)".padded(to: 32) + " "
          + mode.rawValue.padded(to: 7) + median.fixed(4).leftPadded(to: 13)
          + (rate / 1e9).fixed(1).leftPadded(to: 10) + "  " + (100 * rate / peak).fixed(0).leftPadded(to: 7) + " %")
    }
    try printStreams()
  }

  /// The hidden units of the streams.
  private static let streamSizes = [8, 12, 16, 20, 24, 32, 40, 64, 128]

  /// The time of a step of one sequence with one input, on one thread.
  private func printStreams() throws(CommandFailure) {
    Terminal.print()
    Terminal.print(
      "One sequence with one input and ten outputs, nanoseconds per step: by calls, and in blocks of 64 steps.")
    Terminal.print()
    Terminal.print("units       LSTM    blocks       GRU    blocks")
    for units in Self.streamSizes {
      Terminal.progress("measuring a stream of \(units) units")
      try Terminal.checkOutput()
      var line = "\(units)".padded(to: 6)
      for cell in [CellKind.lstm, .gru] {
        for mode in [WorkloadRequest.Mode.stream, .blocks] {
          var request = WorkloadRequest()
          (request.mode, request.cell, request.input, request.hidden, request.layers) = (
            mode, cell.rawValue, 1, units, 1
          )
          (request.batch, request.steps, request.together) = (1, 1, 64)
          // As often as takes a tenth of a second or less.
          request.repetitions = repetitions * 64
          let workload = Workload(request)
          _ = workload.run()  // warm-up
          let times = workload.run().sorted()
          line += (times[times.count / 2] * 1e6).fixed(0).leftPadded(to: 10)
        }
      }
      Terminal.print(line)
    }
  }

  private func replyToRequests() throws(CommandFailure) {
    var workloads: [WorkloadRequest: Workload] = [:]
    var kept = 0.0
    var lines = InputLines()
    while let line = lines.next() {
      try Terminal.checkOutput()
      if line.count > InputLines.longest {
        reply(error: "found a line of more than \(InputLines.longest.grouped) bytes, expected one JSON object per line")
        continue
      }
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || 9...13 ~= $0 }) { continue }
      let request: WorkloadRequest
      do { request = try UntrustedFile.decode(WorkloadRequest.self, from: line) } catch {
        let fault = error as? WorkloadRequest.Fault
        reply(error: fault?.description ?? "expected one JSON object per line; see 'recurrent help benchmark'")
        continue
      }
      if let fault = request.fault {
        reply(error: fault)
        continue
      }
      if request.mode == .peak {
        let pool = request.threads == 0 ? ThreadPool.shared : ThreadPool(threads: request.threads)
        let peak = (Processor.measurePeak(on: pool) / 1e9).fixed(2)
        Terminal.write("{\"gflops\":\(peak),\"kernels\":\"\(Processor.instructionSet)\"}\n")
        continue
      }
      // Workloads are kept for repeated requests, in no more memory than one may need.
      if workloads[request] == nil {
        kept += request.bytes
        if kept > WorkloadRequest.mostBytes {
          workloads = [:]
          kept = request.bytes
        }
      }
      let workload = workloads[request] ?? Workload(request)
      workloads[request] = workload
      let times = workload.run().map { $0.fixed(6) }
      let loss = request.isTraining && workload.result.isFinite ? ",\"loss\":\(workload.result.fixed(6))" : ""
      Terminal.write("{\"milliseconds\":[\(times.joined(separator: ","))]\(loss)}\n")
    }
  }

  private func reply(error: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let text = (try? encoder.encode(["error": error])).map { String(decoding: $0, as: UTF8.self) }
    Terminal.write((text ?? "{\"error\":\"\"}") + "\n")
  }
}
