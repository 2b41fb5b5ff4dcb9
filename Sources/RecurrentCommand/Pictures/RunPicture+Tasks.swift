import RecurrentCharts
import RecurrentData

extension RunPicture {
  /// Accuracy by length, and how often a guess is right.
  ///
  /// - Parameters:
  ///   - scores: those of at least one length.
  ///   - task: what they are of.
  ///   - longest: the steps of the longest sequences that were trained on.
  static func accuracyByLength(
    _ scores: [LengthAccuracy.Score], of task: SequenceTask, trainedOn longest: Int
  ) -> LineChart {
    let scores = scores.sorted { $0.length < $1.length }
    func line(_ name: String, _ value: (LengthAccuracy.Score) -> Double) -> LineChart.Line {
      LineChart.Line(name, scores.map { (Double($0.length), value($0)) })
    }
    let remark = "Trained on sequences of up to \(longest.grouped) steps, tested on fresh ones."
    // Of one value per sequence, both accuracies are the same.
    let hasWhole = task != .adding
    let whole = hasWhole ? [line("whole sequences", \.sequenceAccuracy)] : []
    return LineChart(
      title: "Accuracy by length: \(task.rawValue)", x: "steps of a sequence", y: "accuracy",
      lines: [line("accuracy", \.accuracy)] + whole + [line("a guess") { _ in task.chance }], xScale: .logarithmic,
      remark: remark + (hasWhole ? " A whole sequence is correct if all its predictions are." : ""))
  }

  /// How the lengths of the sequences grew.
  static func lengths(_ growth: LengthGrowth, of task: SequenceTask) -> LineChart {
    LineChart(
      title: "Steps of the longest sequences of a batch: \(task.rawValue)", x: "training step",
      y: "steps of a sequence", lines: [.init("length", growth.points)], yScale: .logarithmic,
      remark: "The length grows when the accuracy on fresh sequences of that length shows that it is mastered.")
  }
}

/// The length of the longest sequences over the training steps: a staircase.
struct LengthGrowth: Codable {
  private struct Tread: Codable {
    let length: Int
    let first: Int
    var last: Int
  }

  private var treads: [Tread] = []

  /// Adds a training step, counted from 0.
  mutating func add(length: Int, step: Int) {
    if let last = treads.indices.last, treads[last].length == length {
      treads[last].last = step
    } else {
      treads.append(Tread(length: length, first: step, last: step))
    }
  }

  /// The corners.
  fileprivate var points: [(x: Double, y: Double)] {
    treads.flatMap { [(Double($0.first), Double($0.length)), (Double($0.last), Double($0.length))] }
  }
}
