import Recurrent
import RecurrentSupport

/// How many steps fit into a time, from the speed of a few that are thrown away.
///
/// The number is fixed before the run, so that the schedule of the learning rate ends with the time, and the run can be
/// repeated to the same bits on another machine.
struct StepLimit: CustomStringConvertible {
  /// The number of steps.
  let steps: Int
  private let minutes: Double
  private let secondsPerStep: Double

  /// What is left for reading, checkpoints and pictures.
  private static let reserve = 0.03
  /// How long to measure, and the most steps.
  private static let measuredTime = Duration.seconds(2)
  private static let mostSteps = 200

  /// Measures a copy of the network on the first batches, and one validation.
  init(
    minutes: Double, network: SequenceModel, optimizer: some Optimizer, data: some TrainingData, loop: TrainingLoop
  ) {
    self.minutes = minutes
    let (batches, options) = (data.batches(epoch: 0), loop.options)
    var (network, optimizer) = (network, optimizer)
    let clock = ContinuousClock()
    var durations: [Duration] = []
    let began = clock.now
    for batch in batches.prefix(Self.mostSteps) {
      durations.append(
        clock.measure {
          // A network that explodes in its first steps will do so, and be reported, in the run itself.
          _ = try? network.train(
            on: batch, with: &optimizer, loss: options.loss, clipping: options.clipping,
            remembering: options.remembering)
        })
      if clock.now - began > Self.measuredTime { break }
    }
    // The first steps make memory and warm up.
    durations = durations.count > 4 ? Array(durations.dropFirst(2)) : durations
    let median = durations.sorted()[safe: durations.count / 2]?.seconds ?? 0
    secondsPerStep = max(median * Double(options.accumulation), 1e-6)
    let validation = clock.measure { if data.hasValidation { _ = try? data.evaluate(network) } }.seconds
    let stepsPerEpoch = max(1, batches.count.groups(of: options.accumulation))
    let stepsPerValidation = min(stepsPerEpoch, options.validationEvery ?? .max)
    let budget = max(0, minutes * 60 * (1 - Self.reserve) - (clock.now - began).seconds - validation)
    let count = budget / (secondsPerStep + validation / Double(stepsPerValidation))
    steps = max(1, count < 1e15 ? Int(count) : .max)
  }

  var description: String {
    "\(minutes.sixDigits) minutes: \(steps.grouped) steps of about \((1000 * secondsPerStep).fixed(1)) ms each, "
      + "validations included in the time"
  }
}

extension Collection {
  /// The element at an index; nil if there is none.
  subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
