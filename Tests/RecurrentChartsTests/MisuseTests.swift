import Foundation
import RecurrentCharts
import Testing

/// Invalid arguments of a picture end the process with a message that says what was found and expected.
enum ProgrammerError: String, Codable, CaseIterable, Sendable {
  case spreadOfAnotherCount, labelsOfBars, markedBarOutside, labelsOfRows, labelsOfClasses, matrixThatIsNotSquare
  case imageOfBrokenRows, imageWithoutWidth, gridWithoutColumns, readingOfBrokenRows, readingOfOtherPixels
  case readingWithoutColumns, tooFewSteps, tooManySteps, networkWithoutLayers, emptyTensor, lengthsOfAnotherBatch
  case lengthBeyondSteps

  /// Part of what the process says before it ends.
  var message: String {
    switch self {
    case .spreadOfAnotherCount: "spread has 0 ranges, expected 1"
    case .labelsOfBars: "1 labels, expected 2, one for each bar"
    case .markedBarOutside: "marked is 1, expected the index of one of 1 bars"
    case .labelsOfRows: "0 row labels, expected 1"
    case .labelsOfClasses, .matrixThatIsNotSquare: "a row and a column for each of 2 classes"
    case .imageOfBrokenRows, .readingOfBrokenRows: "an image has 2 pixels, expected whole rows of width 3"
    case .imageWithoutWidth: "an image has 0 pixels, expected whole rows of width 0"
    case .gridWithoutColumns: "columns is 0, expected at least 1"
    case .readingOfOtherPixels: "pixelsAsRead has 2 pixels, expected 3"
    case .readingWithoutColumns: "panelsPerRow is 0, expected at least 1"
    case .tooFewSteps: "steps is 1, expected 2 to 6"
    case .tooManySteps: "steps is 7, expected 2 to 6"
    case .networkWithoutLayers: "layers is 0, expected at least 1"
    case .emptyTensor: "[1, 0, 1], expected positive sizes"
    case .lengthsOfAnotherBatch, .lengthBeyondSteps: "one length from 0 to 3 for each of 2 sequences"
    }
  }

  func commit() {
    switch self {
    case .spreadOfAnotherCount: _ = LineChart.Line("a", [(1, 2)], spread: [])
    case .labelsOfBars: _ = BarChart(title: "t", y: "y", labels: ["a"], values: [1, 2])
    case .markedBarOutside: _ = BarChart(title: "t", y: "y", labels: ["a"], values: [1], marked: 1)
    case .labelsOfRows: _ = HeatMap(title: "t", x: "x", y: "y", rows: [[1]], rowLabels: [])
    case .labelsOfClasses: _ = ConfusionMatrixChart(title: "t", labels: ["a", "b"], counts: [[1]])
    case .matrixThatIsNotSquare: _ = ConfusionMatrixChart(title: "t", labels: ["a", "b"], counts: [[1, 2], [3]])
    case .imageOfBrokenRows: _ = ImageGrid.Item(pixels: [1, 2], width: 3, caption: "")
    case .imageWithoutWidth: _ = ImageGrid.Item(pixels: [], width: 0, caption: "")
    case .gridWithoutColumns: _ = ImageGrid(title: "t", items: [], columns: 0)
    case .readingOfBrokenRows: reading(pixels: [1, 2])
    case .readingOfOtherPixels: reading(asRead: [1, 2])
    case .readingWithoutColumns: reading(columns: 0)
    case .tooFewSteps: _ = UnrolledNetworkDiagram(title: "t", steps: 1)
    case .tooManySteps: _ = UnrolledNetworkDiagram(title: "t", steps: 7)
    case .networkWithoutLayers: _ = UnrolledNetworkDiagram(title: "t", layers: 0)
    case .emptyTensor: _ = TensorSliceDiagram(title: "t", batch: 1, steps: 0, features: 1)
    case .lengthsOfAnotherBatch: _ = TensorSliceDiagram(title: "t", batch: 2, steps: 3, features: 1, lengths: [3])
    case .lengthBeyondSteps: _ = TensorSliceDiagram(title: "t", batch: 2, steps: 3, features: 1, lengths: [3, 4])
    }
  }

  private func reading(pixels: [Float] = [1, 2, 3], asRead: [Float]? = nil, columns: Int = 4) {
    _ = DigitReadingPicture(
      title: "t", pixels: pixels, width: 3, panels: [], probabilities: [], truth: nil, pixelsAsRead: asRead,
      panelsPerRow: columns)
  }
}

@Suite struct MisuseTests {
  @Test("a mistake in asking for a picture ends the process and is named", arguments: ProgrammerError.allCases)
  func endsTheProcess(error: ProgrammerError) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [error = error as ProgrammerError] in
      error.commit()
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains(error.message))
  }
}
