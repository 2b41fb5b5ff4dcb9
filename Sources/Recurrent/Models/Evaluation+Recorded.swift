extension SequenceModel.Evaluation {
  /// An evaluation that was recorded earlier, such as in the metrics of a run.
  ///
  /// - Parameters:
  ///   - loss: the mean loss.
  ///   - correct: the number of targets predicted correctly.
  ///   - count: the number of targets.
  package init(recordedLoss loss: Double, correct: Int, count: Int) {
    self.init(loss: loss, correct: correct, count: count)
  }
}
