import Recurrent
import RecurrentSupport

/// What a task trains, and how, unless options say otherwise.
struct TrainingDefaults {
  var cell = CellKind.lstm
  /// Whether an LSTM has layer normalization.
  var hasLayerNorm = false
  var hiddenSize: Int
  var layers: Int
  var initializer = InitializerOptions.Kind.tensorflow1
  var epochs: Int
  var learningRate: Float
  var optimizer = OptimizerOptions.Kind.adam
  /// λ; nil for that of the optimizer.
  var weightDecay: Float?
  var schedule = ScheduleOptions.Kind.constant
  /// The limit to the norm of the gradient.
  var clipNorm: Float?
  /// Whether the number of epochs follows from the data, and is none where another limit is given.
  var areForUserData = false
  var regularization = Regularization()
  var bidirectional = false
  /// The decay of an average of the weights; nil for none.
  var averageDecay: Float?

  /// The notebook's: three layers of 20 LSTM units, four epochs, Adam at 0.01.
  static let notebook = TrainingDefaults(hiddenSize: 20, layers: 3, epochs: 4, learningRate: 0.01)
}
