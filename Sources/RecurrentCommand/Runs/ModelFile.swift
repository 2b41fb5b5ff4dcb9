import Recurrent

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

  /// The file that a path means.
  static func path(_ path: String) -> String {
    var status = stat()
    let isFolder = unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return isFolder ? path + "/" + name : path
  }

  /// Reads a model.
  static func read(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) -> SequenceClassifier {
    do throws(SafeTensorsError) {
      return try SequenceClassifier(contentsOf: Self.path(path), threads: threads)
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Refuses a model that does not fit the data.
  static func check(
    _ network: SequenceClassifier, path: String, inputSize: Int, classCount: Int
  ) throws(CommandFailure) {
    if network.inputSize != inputSize {
      throw CommandFailure(
        "\(path): found a model that reads \(network.inputSize) features a step, expected \(inputSize) as the images "
          + "have; use the model for the data it was trained on", .badData)
    }
    if network.classCount != classCount {
      throw CommandFailure(
        "\(path): found a model of \(network.classCount) classes, expected \(classCount); use the model for the data "
          + "it was trained on", .badData)
    }
  }
}
