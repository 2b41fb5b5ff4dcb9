import RecurrentData

/// Where a training on a task is: what its looks at fresh sequences decide.
struct TaskStage: Equatable {
  let phase: TaskTraining.Phase
  /// The longest length that is trained on.
  let length: Int

  init(_ training: TaskTraining) { (phase, length) = (training.phase, training.curriculum.length) }

  /// What a look has led to, to be said after the accuracy.
  func outcome(since before: TaskStage) -> String {
    switch (before.phase, phase) {
    case (_, .solved): ": solved"
    case (.growing, .growing): length > before.length ? ", mastered: lengths grow to \(length.grouped)" : ""
    case (.growing, .consolidating): ", mastered: from now on the learning rate falls"
    case (.consolidating, .consolidating): ": not solved yet, the learning rate falls once more"
    default: ""
    }
  }
}

extension TaskTraining {
  /// How a training that is over has ended.
  var conclusion: String {
    let (steps, provingLength) = (stepCount.grouped, recipe.provingLength.grouped)
    let provingLengths = recipe.provingLengths(for: task)
    if phase == .solved {
      let proof = task == .adding ? "the mean squared error is below 0.01" : "all predictions are correct"
      let sequences =
        provingLengths.count == 1
        ? "\(recipe.provingCount.grouped) fresh sequences of"
        : "fresh sequences of each of \(provingLengths.count) lengths from \(provingLengths[0].grouped) to"
      return "Solved after \(steps) steps: \(proof) on \(sequences) \(provingLength) steps."
    }
    let length = curriculum.length.grouped
    let reached =
      curriculum.isMastered
      ? "length \(length) is mastered, but not \(provingLength) steps" : "length \(length) is not mastered"
    let reason = isOutOfTime ? "when the time was over" : "as many as are allowed"
    return "Ended after \(steps) steps, \(reason): \(reached)."
  }

  /// Whether training has ended before it took all steps allowed, unsolved.
  var isOutOfTime: Bool { phase == .givenUp && stepCount < recipe.maximumSteps }
}
