import Foundation
import Recurrent
import TestSupport
import Testing

@Suite struct PredictTests {
  /// What is printed of one image.
  private struct Reading {
    let title: String
    let picture: [String]
    let beliefs: [(digit: Int, belief: Double)]
    let verdict: String
    let probabilities: [Double]

    init(_ lines: [String]) throws {
      try #require(lines.count == 32, "a title, 28 rows, a verdict and two lines of probabilities")
      title = lines[0]
      let rows = lines[1...28].map { $0.components(separatedBy: " │ ") }
      picture = rows.map { $0[0] }
      beliefs = try rows.map { row in
        let match = try #require(row[1].wholeMatch(of: /(\d)  (█*) *(\d\.\d{3})/), "\(row[1])")
        let belief = try #require(Double(match.3))
        #expect(abs(Double(match.2.count) - 10 * belief) <= 0.51, "as long as the belief is strong")
        return (try #require(Int(match.1)), belief)
      }
      verdict = lines[29]
      let text = lines[30] + "  " + lines[31]
      probabilities = try text.components(separatedBy: "  ").enumerated().map { digit, part in
        #expect(part.hasPrefix("\(digit): "))
        return try #require(Double(part.dropFirst(3)))
      }
    }
  }

  private func readings(_ output: String) throws -> [Reading] {
    try output.components(separatedBy: "\n\n").map { block in
      try Reading(block.split(separator: "\n").map(String.init))
    }
  }

  @Test(arguments: [Models.notebook(), Models.gru(), Models.gru(reset: .beforeProduct)])
  func picturesAndBeliefs(network: SequenceClassifier) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try network.save(to: tool.folder.path("m"))
    let indices = [3, 0, 49, 3]
    let result = try tool.run(["predict", "m", "--data-dir", ImageFiles.folder, "--index"] + indices.map(String.init))
    result.expectSuccess()
    for line in result.outputLines { #expect(line.count <= 80, "\(line)") }

    let readings = try readings(result.output)
    let batch = ImageFiles.test.batch(indices)
    let beliefs = try network.probabilitiesOverTime(for: batch)
    #expect(readings.count == indices.count)
    for (sample, reading) in readings.enumerated() {
      #expect(reading.title == "Image \(indices[sample]) of test images (images), labelled \(batch.labels[sample])")
      for row in 0..<28 {
        let shades = (0..<28).map { column in
          " .:-=+*#%@".map(String.init)[Int((batch.inputs[sample, row, column] * 9).rounded())]
        }
        #expect(reading.picture[row] == shades.map { $0 + $0 }.joined(), "row \(row)")
        let all = (0..<10).map { beliefs[sample, row, $0] }
        let best = try #require(all.indices.max { all[$0] < all[$1] })
        #expect(reading.beliefs[row].digit == best)
        #expect(abs(reading.beliefs[row].belief - Double(all[best])) <= 0.00051)
      }
      #expect(reading.verdict == "It reads a \(reading.beliefs[27].digit). Probabilities after the last row:")
      #expect(reading.probabilities.count == 10)
      #expect(abs(reading.probabilities.reduce(0, +) - 1) < 0.001)
      for digit in 0..<10 {
        #expect(abs(reading.probabilities[digit] - Double(beliefs[sample, 27, digit])) <= 0.000051)
      }
    }
    #expect(readings[0].picture == readings[3].picture && readings[0].picture != readings[1].picture)
  }

  @Test func theFirstImageUnlessToldOtherwise() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("m"))
    let plain = try tool.run("predict", "m", "--data-dir", ImageFiles.folder).output
    #expect(plain.hasPrefix("Image 0 of test images"))
    #expect(try tool.run("predict", "m", "--data-dir", ImageFiles.folder, "--index", "0").output == plain)
    // Repeated options add up.
    let both = try tool.run("predict", "m", "--data-dir", ImageFiles.folder, "--index", "0", "--index", "2").output
    #expect(both.hasPrefix(plain) && both.contains("\nImage 2 of "))
  }

  @Test func imagesWithoutLabels() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("m"))
    let result = try tool.run("predict", "m", "--images", "images/t10k-images-idx3-ubyte", "--index", "2")
    result.expectSuccess()
    #expect(result.output.hasPrefix("Image 2 of images/t10k-images-idx3-ubyte\n"), "no label is made up")
    let labelled = try tool.run("predict", "m", "--data-dir", ImageFiles.folder, "--index", "2").output
    #expect(try readings(result.output)[0].picture == readings(labelled)[0].picture)
    try tool.run("predict", "m", "--images", "images/t10k-labels-idx1-ubyte").expectFailure(
      65, "images/t10k-labels-idx1-ubyte: found 1 dimension", "expected 3")
    try tool.run("predict", "m", "--images", "nowhere").expectFailure(66, "nowhere: found no such file")
  }

  @Test func indexBeyondTheEnd() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("m"))
    let result = try tool.run("predict", "m", "--data-dir", ImageFiles.folder, "--index", "49", "50", "0")
    result.expectFailure(64, "--index: found 50, expected less than 50")
    #expect(result.output == "")
  }
}
