import Recurrent
import RecurrentSupport

/// What a network computes while it reads one sequence, as a table with one row per time step.
///
/// ```swift
/// let table = StepTable(try model.trace(inputs), gradients: try model.gradientTrace(on: batch))
/// try table.write(to: "trace.csv")  // or trace.npz
/// ```
///
/// | name | shape | what |
/// |---|---|---|
/// | `step` | `[time]` | the index of the step, from 0 |
/// | `layer0.forget` | `[time, units]` | a gate; `layer0.reverse.forget` if the layer reads in reverse |
/// | `layer0.hidden`, `layer0.cell` | `[time, units]` | the state after the step; other components are `layer0.state2`, … |
/// | `probability` or `value` | `[time, outputs]` | the predictions: probabilities of classes or labels, or values |
/// | `gradient.layer0.hidden` | `[time, units]` | ∂loss/∂h(t) |
/// | `gradient.layer0.hidden.norm` | `[time]` | its norm |
/// | `gradient.input`, `gradient.input.norm` | `[time, features]`, `[time]` | ∂loss/∂x(t) and its norm |
///
/// A CSV file has one line per step, and one column for each element, such as `layer0.forget.3`. An `.npz` file has one
/// array for each name.
public struct StepTable: Sendable, Equatable {
  /// One value, or one row of values, for each step.
  public struct Series: Sendable, Equatable {
    /// The name, of columns and of the array.
    public let name: String
    /// `[time]`, or `[time, size]`.
    public let values: Tensor

    /// Values with a name.
    ///
    /// - Parameters:
    ///   - name: a name without commas, quotation marks, slashes and line ends.
    ///   - values: `[time]`, or `[time, size]`.
    /// - Precondition: name and shape are such.
    /// - Complexity: O(name).
    public init(_ name: String, _ values: Tensor) {
      require(
        !name.isEmpty && !name.unicodeScalars.contains { "\",/\\".unicodeScalars.contains($0) || $0.value < 32 },
        "a series has a name without commas, quotation marks, slashes and line ends; found '\(name)'")
      require(
        1...2 ~= values.shape.count, "a series has the shape [time] or [time, size]; found \(values.shape)")
      (self.name, self.values) = (name, values)
    }

    /// The names of its columns.
    var columns: [String] {
      values.shape.count == 1 ? [name] : (0..<values.shape[1]).map { "\(name).\($0)" }
    }
  }

  /// The number of steps.
  public let stepCount: Int
  /// All series but `step`, in the order of the columns.
  public let series: [Series]

  /// A table of some series.
  ///
  /// - Parameters:
  ///   - stepCount: the number of steps.
  ///   - series: what the table holds, in the order of the columns.
  /// - Precondition: every series has a row for each step; names differ, and none is `step`.
  /// - Complexity: O(series): values are shared.
  public init(stepCount: Int, series: [Series]) {
    for series in series {
      require(
        series.values.shape[0] == stepCount,
        "a table has \(stepCount) steps; found \(series.values.shape[0]) of \(series.name)")
    }
    require(
      Set(series.map(\.name) + ["step"]).count == series.count + 1,
      "series have different names, other than step; found \(series.map(\.name))")
    (self.stepCount, self.series) = (stepCount, series)
  }
}
