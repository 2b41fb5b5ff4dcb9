import ArgumentParser
import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// Files that show how one sequence is read: pictures and numbers.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw rows, gates, states and probabilities of one image into this SVG file.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var svg: String?

  @Option(
    help: ArgumentHelp(
      """
      Write inputs, gates, states, probabilities and, if the label is known, gradients of the loss at every time step \
      of one image into this file. CSV has one line per step and columns such as layer0.forget.3, layer0.hidden.0, \
      probability.7 and gradient.layer0.hidden.norm; NPZ has arrays for NumPy's load, such as layer0.forget of shape \
      [time, units].
      """, valueName: "file.csv|file.npz"),
    completion: .file(), transform: OptionValue.trace)
  var trace: String?

  @Option(
    help: ArgumentHelp(
      "Draw the norm of the loss's gradient at every time step of one image, for each layer, into this SVG file.",
      valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var gradientSvg: String?

  func validate() throws {
    if let svg, svg == gradientSvg {
      throw ValidationError("--gradient-svg: found the file of --svg, expected another")
    }
  }

  /// The options that are given.
  var names: [String] {
    [("--svg", svg), ("--trace", trace), ("--gradient-svg", gradientSvg)].filter { $1 != nil }.map(\.0)
  }

  /// Whether there is something to write that needs a trace.
  var traces: Bool { trace != nil || gradientSvg != nil }

  /// Writes the table and the picture of the gradients.
  ///
  /// - Parameters:
  ///   - batch: one sequence, with targets of the network's kind.
  ///   - network: the network that reads it.
  ///   - title: the title of the picture.
  ///   - remark: what is below the picture; empty for nothing.
  ///   - hasTargets: whether the target is known, so that there are gradients.
  func writeTraces(
    of batch: SequenceBatch, by network: SequenceModel, title: String, remark: String, hasTargets: Bool
  ) throws(CommandFailure) {
    let gradients = hasTargets ? require { try network.gradientTrace(on: batch) } : nil
    if let trace {
      let inputs = batch.inputs
      let activations = require { try network.trace(inputs.values) }
      let table = StepTable(
        activations, gradients: gradients, after: [.init("input", inputs.reshaped(inputs.shape[1], inputs.shape[2]))])
      try TraceFile.write(table, to: trace)
    }
    if let gradientSvg, let gradients {
      try PictureFile.write(
        LineChart(gradients, title: title, remark: remark), to: gradientSvg, option: "--gradient-svg")
    }
  }

  /// Says which files have been written.
  func note(hasTargets: Bool) {
    if let svg { Terminal.note("picture: \(svg.shown())") }
    if let trace {
      Terminal.note("trace: \(trace.shown())" + (hasTargets ? "" : ", without gradients, since there is no label"))
    }
    if let gradientSvg { Terminal.note("picture: \(gradientSvg.shown())") }
  }
}
