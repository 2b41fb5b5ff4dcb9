import RecurrentData

/// The report of how well a network does a task on sequences of several lengths.
struct TaskReport {
  let task: SequenceTask
  let scores: [LengthAccuracy.Score]

  /// A table with a line for each length, and what it comes to.
  var lines: [String] {
    var head = ["length", "accuracy", "correct", "whole sequences correct"]
    if task == .adding { head.append("mean squared error") }
    let rows = scores.map { score in
      var row = [
        score.length.grouped, (100 * score.accuracy).fixed(2) + " %",
        "\(score.correctTargets.grouped) of \(score.targetCount.grouped)",
        "\(score.correctSequences.grouped) of \(score.sequenceCount.grouped)",
      ]
      if task == .adding { row.append(score.meanSquaredError.sixDigits) }
      return row
    }
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    let table = ([head] + rows).map { row in
      zip(row, widths).map { $0.leftPadded(to: $1) }.joined(separator: "   ")
    }
    return table + [verdict]
  }

  private var verdict: String {
    let solved = scores.filter { $0.isSolved(task) }.map(\.length.grouped)
    let guess = "A guess is right in \((100 * task.chance).fixed(1)) %."
    if solved.isEmpty { return "Solved at none of these lengths. " + guess }
    let lengths = solved.count == scores.count ? "all these lengths" : solved.joined(separator: ", ") + " steps"
    return "Solved at \(lengths). " + guess
  }
}
