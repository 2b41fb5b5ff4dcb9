import Recurrent
import RecurrentData
import RecurrentSupport
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Everything that a run was told, enough to repeat it: `config.json`.
struct RunConfiguration: Codable, Equatable {
  /// What the run learned from.
  struct Data: Codable, Equatable {
    /// Which data: `MNIST`, or what else it is called.
    var name: String
    /// Where it came from.
    var source: String
    var trainingCount: Int
    var validationCount: Int
    var testCount: Int
  }

  var program = "recurrent"
  var version: String
  var task: String
  var data: Data
  /// The network; nil in runs of the first edition, which had lists of cells and widths.
  var network: SequenceModel.Configuration?
  var parameterCount: Int
  /// Every option that decides the result, by its long name.
  var options: RecordedOptions
  var threads: Int
  var instructionSet: String
}

extension RunConfiguration {
  /// The text of the file.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }

  /// What all random numbers of the run were drawn from.
  var seed: UInt64? { options["seed"].flatMap { UInt64($0.text) } }

  /// The order in which the run read images.
  var order: PixelOrder { (try? options.group(ReadingOptions.self))?.order ?? .rows }

  /// The configuration of the run that a model belongs to; nil where the model lies elsewhere.
  static func beside(_ model: String) -> RunConfiguration? {
    let file = ModelFile.path(model)
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    let path = folder + "/config.json"
    do { return try ForeignFile.json(RunConfiguration.self, at: path) } catch {
      let found = (error as? ForeignFile.Fault)?.words ?? "found something else than what a run writes"
      // Every part of a command that wants to know asks anew.
      if refused.withLock({ $0.insert(path).inserted }) {
        Terminal.note("\(path.shown()): \(found); going on without it")
      }
      return nil
    }
  }

  /// The files that were said to be of no use.
  private static let refused = Mutex<Set<String>>([])
}
