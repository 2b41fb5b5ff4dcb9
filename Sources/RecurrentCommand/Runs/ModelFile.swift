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

/// Models on the command line: a safetensors file, or the folder of a run that holds one.
enum ModelFile {
  /// The file's name in a run folder.
  static let name = "model.safetensors"

  /// The help of an argument that names a model.
  static let argumentHelp = ArgumentHelp("A run folder, or a safetensors file of this program or of PyTorch.")

  /// The file of a model: the path, or the model file in the folder at the path.
  static func path(_ path: String) -> String { isFolder(path) ? path + "/" + name : path }

  /// Reads a model, and prints a notice if its file does not specify something.
  ///
  /// - Parameters:
  ///   - path: the file, or the folder of a run.
  ///   - activation: the activation of --activation; nil for the default.
  ///   - threads: the thread pool of the model.
  static func read(
    _ path: String, activation: Activation? = nil, threads: ThreadPool = .shared
  ) throws(CommandFailure) -> SequenceModel {
    try readWhole(path, activation: activation, threads: threads).network
  }

  /// The same, with what else the file holds: a vocabulary, for instance.
  static func readWhole(
    _ path: String, activation: Activation? = nil, threads: ThreadPool = .shared
  ) throws(CommandFailure) -> (network: SequenceModel, metadata: [String: String]) {
    let (name, filePath) = (path.shown(limit: 1000), Self.path(path))
    do throws(SafeTensorsError) {
      let file = try SafeTensors(contentsOf: filePath)
      let network = try SequenceModel(file, path: filePath, activation: activation, threads: threads) {
        let advice = if case .activation = $0 { "; --activation relu reads it as ReLU" } else { "" }
        Terminal.note("\(name): \($0)\(advice)")
      }
      return (network, file.metadata)
    } catch {
      if error.kind == .missing {
        throw CommandFailure(
          isFolder(path)
            ? "\(name): found a folder without \(Self.name), expected the folder of a run that has finished an epoch"
            : "\(name): found no such file, expected a run folder or a safetensors file", .missingInput)
      }
      throw CommandFailure(error)
    }
  }

  /// Throws if a model does not fit the data.
  static func check(
    _ network: SequenceModel, path: String, inputSize: Int, classCount: Int
  ) throws(CommandFailure) {
    guard case .features = network.configuration.input, case .classes = network.configuration.output,
      network.configuration.readout == .last
    else {
      throw CommandFailure(
        "\(path.shown(limit: 1000)): found a model of another kind (\(network.configuration)), expected one that reads "
          + "features and predicts a class after the last time step; use a model of images", .badData)
    }
    if network.inputSize != inputSize {
      let advice =
        network.inputSize == 1
        ? "use --pixels or --permute to read images pixel by pixel" : "use the model for the data it was trained on"
      throw CommandFailure(
        "\(path.shown(limit: 1000)): found a model that reads \(count(network.inputSize)) per time step, expected "
          + "\(inputSize) as in the images; \(advice)", .badData)
    }
    if network.outputSize != classCount {
      throw CommandFailure(
        "\(path.shown(limit: 1000)): found a model of \(network.outputSize) classes, expected \(classCount); use the model "
          + "for the data it was trained on", .badData)
    }
  }

  /// The size of a file in bytes; nil if it has none.
  static func size(of path: String) -> Int? {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  private static func count(_ features: Int) -> String { "\(features) feature\(features == 1 ? "" : "s")" }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
