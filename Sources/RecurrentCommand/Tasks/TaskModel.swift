import Recurrent
import RecurrentData
import RecurrentSupport

/// A network that was trained on a task, and which one, from one file.
struct TaskModel {
  /// The key of the task's name in the file's metadata.
  private static let key = "recurrent.task"

  let network: SequenceModel
  let task: SequenceTask

  /// The metadata of a file that holds a model of a task.
  static func metadata(_ task: SequenceTask) -> [String: String] { [key: task.rawValue] }

  /// Reads a model; throws if its file names no task, or one that the network cannot do.
  init(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) {
    let name = path.shown(limit: 1000)
    let metadata: [String: String]
    (network, metadata) = try ModelFile.readWhole(path, threads: threads)
    guard let found = metadata[Self.key] else {
      throw CommandFailure(
        "\(name): found no task (\(Self.key)) in the file's metadata, expected one, as 'train task' writes it", .badData
      )
    }
    guard let task = SequenceTask(rawValue: found) else {
      throw CommandFailure(
        "\(name): found the task '\(found.shown())' in the file's metadata, expected one of 'train task'", .badData)
    }
    try Self.check(network, task, path: path)
    self.task = task
  }

  /// Throws if a network is not one for a task.
  static func check(_ network: SequenceModel, _ task: SequenceTask, path: String) throws(CommandFailure) {
    do throws(InputError) { try task.check(network.configuration) } catch {
      throw CommandFailure("\(path.shown(limit: 1000)): \(error)", .badData)
    }
  }
}
