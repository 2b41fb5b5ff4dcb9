import Foundation
import Recurrent
import TestSupport
import Testing

@Suite struct PredictTests {
  /// What is printed of one image.
  private struct Reading {
    let title: String
    let picture: [String]
    let beliefs: [(digit: Int, probability: Double)]
    let verdict: String
    let probabilities: [Double]

    init(_ lines: [String]) throws {
      try #require(lines.count == 32, "a title, 28 rows, a verdict and two lines of probabilities")
      title = lines[0]
      let rows = lines[1...28].map { $0.components(separatedBy: " │ ") }
      picture = rows.map { $0[0] }
      beliefs = try rows.map { row in
        let match = try #require(row[1].wholeMatch(of: /(\d)  (█*) *(\d\.\d{3})/), "\(row[1])")
        let probability = try #require(Double(match.3))
        #expect(abs(Double(match.2.count) - 10 * probability) <= 0.51, "as long as the probability is strong")
        return (try #require(Int(match.1)), probability)
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

  @Test(arguments: [Models.notebook(), Models.gru(), Models.gru(resetAfter: false)])
  func picturesAndBeliefs(network: SequenceModel) throws {
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
        #expect(abs(reading.beliefs[row].probability - Double(all[best])) <= 0.00051)
      }
      #expect(reading.verdict == "Prediction: \(reading.beliefs[27].digit). Probabilities after the last row:")
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

  /// The bytes of a grey PNG image, with the pixels stored as they are.
  private func png(_ width: Int, _ height: Int, _ shade: (_ x: Int, _ y: Int) -> UInt8) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    func chunk(_ type: String, _ contents: [UInt8]) -> [UInt8] {
      var checksum: UInt32 = .max
      for byte in Array(type.utf8) + contents {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
      }
      return number(UInt32(contents.count)) + Array(type.utf8) + contents + number(~checksum)
    }
    var rows: [UInt8] = []
    for y in 0..<height { rows += [0] + (0..<width).map { shade($0, y) } }
    var data: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: rows.count, by: 65_535) {
      let block = rows[start..<min(start + 65_535, rows.count)]
      let size = UInt16(block.count)
      let isLast = start + 65_535 >= rows.count
      data.append(isLast ? 1 : 0)
      for number in [size, ~size] { data += [UInt8(number & 255), UInt8(number >> 8)] }
      data += block
    }
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in rows { (a, b) = ((a + UInt32(byte)) % 65_521, (a + UInt32(byte) + b) % 65_521) }
    data += number(b << 16 | a)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", number(UInt32(width)) + number(UInt32(height)) + [8, 0, 0, 0, 0]) + chunk("IDAT", data)
      + chunk("IEND", [])
  }

  @Test func pngImages() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("m"))
    // An image of the test files reads the same from a PNG of its pixels.
    let pixels = Array(ImageFiles.files[2].bytes[(16 + 2 * 784)...].prefix(784))
    try tool.folder.write(png(28, 28) { x, y in pixels[28 * y + x] }, to: "own.png")
    let result = try tool.run("predict", "m", "--image", "own.png")
    result.expectSuccess()
    let expected = try tool.run("predict", "m", "--images", "images/t10k-images-idx3-ubyte", "--index", "2").output
    #expect(result.output == "own.png\n" + expected.split(separator: "\n", maxSplits: 1)[1])

    // A large one, dark on light, is made like MNIST's.
    try tool.folder.write(
      png(200, 300) { x, y in (90..<110).contains(x) && (50..<250).contains(y) ? 10 : 250 }, to: "folder/b.PNG")
    try tool.folder.write(png(28, 28) { x, y in pixels[28 * y + x] }, to: "folder/a.png")
    try tool.folder.write(Array("no image".utf8), to: "folder/notes.txt")
    let several = try tool.run("predict", "m", "--image", "folder", "own.png", "--svg", "one.svg")
    several.expectFailure(64, "--svg: found 3 images for one file")
    let folder = try tool.run("predict", "m", "--image", "folder", "own.png")
    folder.expectSuccess()
    let readings = try readings(folder.output)
    #expect(readings.map(\.title) == ["folder/a.png", "folder/b.PNG", "own.png"])
    #expect(readings[1].picture[13].trimmingCharacters(in: .whitespaces) == "@@@@")
    #expect(
      folder.errors == """
        folder/b.PNG: 200 × 300, dark on light: the digit was cut out, scaled to 2 × 20 and centered, as MNIST's are

        """)
    try tool.run("predict", "m", "--image", "folder/b.PNG", "--svg", "one.svg").expectSuccess()
    #expect(try tool.folder.contents().contains("one.svg"))
  }

  @Test func imagesThatAreNone() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("m"))
    try tool.folder.write(png(28, 28) { _, _ in 7 }, to: "blank.png")
    try tool.folder.write(Array(png(28, 28) { x, _ in UInt8(x) }.dropLast(20)), to: "short.png")
    try tool.folder.write([0xFF, 0xD8, 0xFF, 0xE0], to: "photo.jpg")
    try tool.folder.write([1], to: "empty/readme")
    func expect(_ status: Int32, _ words: String..., from arguments: String...) throws {
      let result = try tool.run(["predict", "m"] + arguments)
      result.expectFailure(status, words)
      #expect(result.output == "")
    }
    try expect(65, "blank.png: found 28 × 28 pixels of nearly one shade", from: "--image", "blank.png")
    try expect(65, "short.png: found the end", from: "--image", "short.png")
    try expect(65, "photo.jpg: found a JPEG image", "convert it to PNG", from: "--image", "photo.jpg")
    try expect(
      65, "t10k-images-idx3-ubyte: found an IDX file", "--images", from: "--image", "images/t10k-images-idx3-ubyte")
    try expect(65, "found a PNG image", "predict --image", from: "--images", "blank.png")
    try expect(66, "nowhere.png: found no such file", from: "--image", "nowhere.png")
    try expect(66, "empty: found a folder without files that end in .png", from: "--image", "empty")
    try expect(64, "--image: found with --index", from: "--image", "blank.png", "--index", "0")
    try expect(64, "--image: found with --data-dir", from: "--image", "blank.png", "--data-dir", "images")
    try expect(64, "--image: found with --digits", from: "--image", "blank.png", "--digits")
    try expect(64, "--seed: found with --image", from: "--image", "blank.png", "--seed", "1")
    try expect(64, "--seed: found with --data-dir", from: "--data-dir", "images", "--seed", "1")
    try expect(64, "--images: found with --image", from: "--image", "blank.png", "--images", "blank.png")
  }
}
