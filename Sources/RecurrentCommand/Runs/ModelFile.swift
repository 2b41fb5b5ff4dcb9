import ArgumentParser
import Recurrent
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Models as they are named on the command line: a safetensors file, or the folder of a run that holds one.
enum ModelFile {
  /// The file's name in a run folder.
  static let name = "model.safetensors"

  /// What to say of an argument that names a model.
  static let argumentHelp = ArgumentHelp("A run folder, or a safetensors file of this program or of PyTorch.")

  /// The file that a path means.
  static func path(_ path: String) -> String { isFolder(path) ? path + "/" + name : path }

  /// Reads a model.
  static func read(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) -> SequenceClassifier {
    do throws(SafeTensorsError) {
      return try SequenceClassifier(contentsOf: Self.path(path), threads: threads)
    } catch {
      if error.kind == .missing {
        throw CommandFailure(
          isFolder(path)
            ? "\(path.shown()): found a folder without \(name), expected that of a run that has finished an epoch"
            : "\(path.shown()): found nothing there, expected a run folder or a safetensors file", .missingInput)
      }
      throw CommandFailure(error)
    }
  }

  /// Refuses a model that does not fit the data.
  static func check(
    _ network: SequenceClassifier, path: String, inputSize: Int, classCount: Int
  ) throws(CommandFailure) {
    if network.inputSize != inputSize {
      let advice =
        network.inputSize == 1
        ? "--pixels or --permute read images pixel by pixel" : "use the model for the data it was trained on"
      throw CommandFailure(
        "\(path.shown()): found a model that reads \(count(network.inputSize)) a step, expected \(inputSize) as the images "
          + "have; \(advice)", .badData)
    }
    if network.classCount != classCount {
      throw CommandFailure(
        "\(path.shown()): found a model of \(network.classCount) classes, expected \(classCount); use the model for the data "
          + "it was trained on", .badData)
    }
  }

  private static func count(_ features: Int) -> String { "\(features) feature\(features == 1 ? "" : "s")" }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
