import Dispatch
import Synchronization

extension TrainingLoop {
  /// A training that goes on by itself, with its events and its result to wait for.
  ///
  /// ```swift
  /// let run = loop.start(model, optimizer: Adam(), training: training, validation: validation)
  /// for await event in run.events {
  ///   if case .epochEnded(let epoch, _, _, let validation, _) = event { print(epoch, validation.accuracy) }
  /// }
  /// let trained = await run.result.model
  /// ```
  public struct Run<Rule: Optimizer>: Sendable {
    /// What a training leaves.
    public struct Result: Sendable {
      /// The model, with the weights that the options say.
      public let model: SequenceModel
      /// The optimiser, with the state that it has come to.
      public let optimizer: Rule
      /// Whether training went to its end, rather than being cancelled or stopped by a ``NonFiniteError``.
      public let isComplete: Bool
    }

    /// What happens, in order; ends with the training.
    ///
    /// For one reader. Training does not wait for it: events that have not been read are kept. If the reading task is
    /// cancelled, training is too.
    public let events: AsyncStream<Event>
    private let task: Task<Result, Never>

    fileprivate init(events: AsyncStream<Event>, task: Task<Result, Never>) {
      self.events = events
      self.task = task
    }

    /// Model and optimiser, once training is over, in whichever way.
    ///
    /// If the waiting task is cancelled, training is too.
    public var result: Result {
      get async {
        await withTaskCancellationHandler {
          await task.value
        } onCancel: {
          task.cancel()
        }
      }
    }

    /// Ends training after the present step; ``result`` is then the model as it is.
    public func cancel() { task.cancel() }
  }

  /// Begins to train a model beside the calling task.
  ///
  /// Training runs on a thread of its own: Swift's tasks have no more threads than there are processors, and a few
  /// trainings would leave none for the tasks that read their events and cancel them.
  ///
  /// - Parameters:
  ///   - model: the classifier to train; it stays as it is, the result is another.
  ///   - optimizer: the rule for each step.
  ///   - training: what is learned from.
  ///   - validation: what the model is measured on; may be empty.
  ///   - preparing: what an epoch sees of the training data; by default the data as they are.
  /// - Returns: events and result.
  /// - Precondition: that of ``run(_:optimizer:training:validation:preparing:observe:)``.
  /// - Complexity: O(1) here; on the other thread, that of
  ///   ``run(_:optimizer:training:validation:preparing:observe:)``.
  public func start<Rule: Optimizer>(
    _ model: SequenceModel, optimizer: Rule, training: SequenceDataset, validation: SequenceDataset,
    preparing: @escaping @Sendable (_ training: SequenceDataset, _ epoch: Int) -> SequenceDataset = {
      training, _ in training
    }
  ) -> Run<Rule> {
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    let cancellation = Cancellation()
    let task = Task.detached {
      await withTaskCancellationHandler {
        await withCheckedContinuation { waiting in
          DispatchQueue(label: "training").async {
            var (model, optimizer) = (model, optimizer)
            let isComplete = run(
              &model, optimizer: &optimizer, training: training, validation: validation, preparing: preparing
            ) { event in
              continuation.yield(event)
              return !cancellation.isCancelled.load(ordering: .relaxed)
            }
            continuation.finish()
            waiting.resume(
              returning: Run<Rule>.Result(model: model, optimizer: optimizer, isComplete: isComplete))
          }
        }
      } onCancel: {
        cancellation.isCancelled.store(true, ordering: .relaxed)
      }
    }
    continuation.onTermination = { if case .cancelled = $0 { task.cancel() } }
    return Run(events: events, task: task)
  }
}

/// Tells a training on another thread that its task has been cancelled.
private final class Cancellation: Sendable {
  let isCancelled = Atomic(false)
}
