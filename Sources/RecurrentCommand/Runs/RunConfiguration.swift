import Recurrent
import RecurrentData
import RecurrentSupport
import Synchronization

/// The configuration of a run, which is sufficient to repeat it: `config.json`.
struct RunConfiguration: Codable, Equatable {
  /// The data set of the run.
  struct Data: Codable, Equatable {
    /// The name of the data set, such as `MNIST`.
    var name: String
    /// The folder it was read from, or how it was made.
    var source: String
    var trainingCount: Int
    var validationCount: Int
    var testCount: Int
    /// The SHA-256 checksum of the data, if they are read again when a run is resumed; nil otherwise.
    var checksum: String?

    /// Whether the data are the same, wherever they are.
    func holdsSame(as other: Data) -> Bool {
      (trainingCount, validationCount, testCount, checksum)
        == (other.trainingCount, other.validationCount, other.testCount, other.checksum)
    }
  }

  var program = "recurrent"
  var version: String
  var task: String
  var data: Data
  /// The network; nil in runs of the first edition, which listed cells and widths instead.
  var network: SequenceModel.Configuration?
  var parameterCount: Int
  /// Every option that affects the result, by its long name.
  var options: RecordedOptions
  /// The number of steps that --max-minutes came to; nil without it.
  var stepLimit: Int?
  var threads: Int
  var instructionSet: String
}

extension RunConfiguration {
  /// The text of the file.
  var json: String {
    get throws { try JSONText.file(self) }
  }

  /// The seed of all random numbers of the run.
  var seed: UInt64? { options["seed"].flatMap { UInt64($0.text) } }

  /// The order in which the run read images.
  var order: PixelOrder { (try? options.group(PixelOrderOptions.self))?.order ?? .rows }

  /// The configuration of the run in a folder; nil if there is none.
  static func of(_ folder: String) -> RunConfiguration? { forModel(folder + "/" + ModelFile.name) }

  /// The configuration of the run that a model belongs to, with present names of options; nil if there is none in the
  /// model's folder.
  static func forModel(_ model: String) -> RunConfiguration? {
    let file = ModelFile.path(model)
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    do {
      return try read(from: folder)
    } catch {
      let path = path(in: folder)
      // A command may ask several times, and prints the notice once.
      if invalidFiles.withLock({ $0.insert(path).inserted }) {
        Terminal.note("\(path.shown()): \(found(error)); ignoring it")
      }
      return nil
    }
  }

  /// The configuration in the folder of a run, with present names of options; nil if there is none.
  static func read(from folder: String) throws -> RunConfiguration? {
    var configuration = try UntrustedFile.json(RunConfiguration.self, at: path(in: folder))
    configuration?.options.replaceOldNames()
    return configuration
  }

  /// The file in the folder of a run.
  static func path(in folder: String) -> String { folder + "/" + RunFolder.configurationName }

  /// What was found in a file that could not be read.
  static func found(_ error: any Error) -> String {
    (error as? UntrustedFile.Fault)?.found ?? "found something other than the configuration of a run"
  }

  /// The invalid files that a notice has been printed about.
  private static let invalidFiles = Mutex<Set<String>>([])
}
