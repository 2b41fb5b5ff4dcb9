/// The choice of the training images that are set aside for validation.
enum ValidationSplit {
  /// An order of the images that begins with the first of each class, in proportion; nil if the first images already
  /// are a representative sample.
  ///
  /// The first images are a representative sample unless their classes differ from those of all images far more than by
  /// chance. Two tests decide: Pearson's statistic Σ (found - expected)² / expected, which in random order has a mean
  /// of 9 for ten classes and exceeds 40 once in 100,000 times; and a missing class of which 12 or more are expected,
  /// which happens by chance once in 150,000 times.
  ///
  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - validationCount: the number of validation images.
  /// - Returns: the indices of all images: first those for validation, then the others, both in the order of the file.
  /// - Complexity: O(count).
  static func stratified(_ labels: [UInt8], validationCount: Int) -> [Int]? {
    guard validationCount > 0 else { return nil }
    let (all, first) = (counts(labels[...]), counts(labels.prefix(validationCount)))
    let share = Double(validationCount) / Double(labels.count)
    var statistic = 0.0
    var lacksClass = false
    for (count, found) in zip(all, first) where count > 0 {
      let expected = Double(count) * share
      statistic += (Double(found) - expected) * (Double(found) - expected) / expected
      lacksClass = lacksClass || found == 0 && expected >= 12
    }
    guard statistic > 40 || lacksClass else { return nil }

    // The integer parts first; the rest goes to the classes with the largest fractions.
    var quotas = all.map { $0 * validationCount / labels.count }
    let fractions = all.indices.sorted {
      (all[$0] * validationCount % labels.count, $1) > (all[$1] * validationCount % labels.count, $0)
    }
    for index in fractions.prefix(validationCount - quotas.reduce(0, +)) { quotas[index] += 1 }
    var (validation, training): ([Int], [Int]) = ([], [])
    for (position, label) in labels.enumerated() {
      if quotas[Int(label)] > 0 {
        quotas[Int(label)] -= 1
        validation.append(position)
      } else {
        training.append(position)
      }
    }
    return validation + training
  }

  private static func counts(_ labels: ArraySlice<UInt8>) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
