import Foundation
import RecurrentCharts
import Testing

/// Mistakes in asking for a picture end the process at once, with a sentence that says what was found.
enum ProgrammerError: String, Codable, CaseIterable, Sendable {
  case spreadOfAnotherCount, labelsOfBars, markedBarOutside, labelsOfRows, labelsOfClasses, matrixThatIsNotSquare
  case imageOfBrokenRows, imageWithoutWidth, gridWithoutColumns, readingOfBrokenRows, readingOfOtherPixels
  case readingWithoutColumns, tooFewSteps, tooManySteps, networkWithoutLayers, emptyTensor, lengthsOfAnotherBatch
  case lengthBeyondSteps

  /// Part of what the process says before it ends.
  var message: String {
    switch self {
    case .spreadOfAnotherCount: "one range of a spread for each point"
    case .labelsOfBars: "one label for each of 2 bars; found 1"
    case .markedBarOutside: "a marked bar is one of the bars"
    case .labelsOfRows: "one label for each row"
    case .labelsOfClasses, .matrixThatIsNotSquare: "a row and a column for each of 2 classes"
    case .imageOfBrokenRows, .readingOfBrokenRows: "an image has whole rows of 3 pixels"
    case .imageWithoutWidth: "an image has whole rows of 0 pixels"
    case .gridWithoutColumns: "images stand in one column at least; found 0"
    case .readingOfOtherPixels: "an image has as many pixels in each order; found 2 of 3"
    case .readingWithoutColumns: "panels stand in one column at least; found 0"
    case .tooFewSteps: "two to six steps can be drawn; found 1"
    case .tooManySteps: "two to six steps can be drawn; found 7"
    case .networkWithoutLayers: "a network has a layer at least; found 0"
    case .emptyTensor: "sizes are positive"
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
      title: "t", pixels: pixels, width: 3, panels: [], beliefs: [], truth: nil, pixelsAsRead: asRead,
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
