import RecurrentData

/// What runs on a task train on: data that the task makes itself.
struct TaskSource: RunSource {
  let task: SequenceTask

  var kind: TaskKind { .task }
  var name: String { "the task \(task.rawValue)" }
  var nameInPictures: String { name }
  var identity: (name: String, source: String)? { nil }
}
