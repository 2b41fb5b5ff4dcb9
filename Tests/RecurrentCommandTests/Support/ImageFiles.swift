import Foundation
import Recurrent
import RecurrentSupport
import TestSupport

/// A small folder in the form of MNIST, and what a network sees of it.
struct ImageFiles {
  static let trainingCount = 360
  /// The first twelfth, as with MNIST.
  static let validationCount = 30
  static let testCount = 50
  static let size = 28

  private static let trainingLabels = labels(trainingCount, factor: 7)
  private static let testLabels = labels(testCount, factor: 3)
  private static let trainingPixels = pixels(trainingLabels, seed: 1)
  private static let testPixels = pixels(testLabels, seed: 2)

  /// The name of the folder.
  static let folder = "images"

  /// The files by their names.
  static let files: [(name: String, bytes: [UInt8])] = [
    ("train-images-idx3-ubyte", idx([trainingCount, size, size], trainingPixels)),
    ("train-labels-idx1-ubyte", idx([trainingCount], trainingLabels)),
    ("t10k-images-idx3-ubyte", idx([testCount, size, size], testPixels)),
    ("t10k-labels-idx1-ubyte", idx([testCount], testLabels)),
  ]

  /// Writes the files, each changed as is said.
  static func write(to directory: TemporaryDirectory, changing: [String: ([UInt8]) -> [UInt8]] = [:]) throws {
    for (name, bytes) in files { try directory.write(changing[name]?(bytes) ?? bytes, to: "\(folder)/\(name)") }
  }

  /// What a network learns from.
  static var training: SequenceDataset { dataset(trainingPixels, trainingLabels)[validationCount..<trainingCount] }
  /// What it is watched on.
  static var validation: SequenceDataset { dataset(trainingPixels, trainingLabels)[0..<validationCount] }
  /// What it is judged by.
  static var test: SequenceDataset { dataset(testPixels, testLabels) }

  /// The bytes of an IDX file.
  static func idx(_ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0, 0, 8, UInt8(shape.count)]
    for size in shape { file += (0..<4).reversed().map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } }
    return file + bytes
  }

  private static func labels(_ count: Int, factor: Int) -> [UInt8] { (0..<count).map { UInt8($0 * factor % 10) } }

  /// Stripes that lean by the digit, under noise.
  private static func pixels(_ labels: [UInt8], seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    var pixels = [UInt8](repeating: 0, count: labels.count * size * size)
    for image in labels.indices {
      let slope = Int(labels[image]) + 1
      for row in 0..<size {
        for column in 0..<size where (row * slope + 3 * column) % 11 < 3 {
          pixels[(image * size + row) * size + column] = UInt8(truncatingIfNeeded: 128 + generator.next() % 128)
        }
      }
    }
    return pixels
  }

  private static func dataset(_ pixels: [UInt8], _ labels: [UInt8]) -> SequenceDataset {
    require {
      try SequenceDataset(
        bytes: pixels, scale: 1 / 255, stepCount: size, inputSize: size, labels: labels.map(Int32.init), classCount: 10)
    }
  }
}
