import Recurrent

extension ConfusionMatrix {
  /// The mean recall of the classes that occur: accuracy if all classes were equally frequent; 0 if there are none.
  ///
  /// ```
  /// balanced accuracy = 1/C Σ recall(k)          C classes that occur
  /// ```
  ///
  /// Source: Brodersen, Ong, Stephan & Buhmann 2010, "The balanced accuracy and its posterior distribution".
  ///
  /// - Complexity: O(classes²).
  public var balancedAccuracy: Double {
    let recalls = (0..<classCount).compactMap { recall(of: $0) }
    return recalls.isEmpty ? 0 : recalls.reduce(0, +) / Double(recalls.count)
  }
}
