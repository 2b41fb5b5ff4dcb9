import Foundation
import Recurrent
@testable import RecurrentCommand
import TestSupport

extension RunPicture {
  /// The pictures of a run on images.
  static let ofDigits: [RunPicture] = [.loss, .accuracy, .confusion, .mistakes]
}

/// Small files of time series, drawn from a seed.
enum SeriesFiles {
  /// Two channels that swing at the pace of one of three speakers, of 7 to 15 steps; some values are missing.
  static func vowels(_ count: Int, seed: UInt64, classes: [String] = ["ann", "ben", "cid"]) -> String {
    var generator = SplitMix64(seed: seed)
    var text = "@problemName Vowels\n@univariate false\n@equalLength false\n"
    text += "@classLabel true \(classes.joined(separator: " "))\n@data\n"
    for number in 0..<count {
      let (steps, phase) = (7 + generator.integer(below: 9), Double(generator.uniform()))
      func channel(_ shift: Double) -> String {
        (0..<steps).map { t in
          if t > 0 && generator.integer(below: 50) == 0 { return "?" }
          return "\(5 + sin(Double(t) * (0.3 + 0.4 * Double(number % classes.count)) + phase + shift))"
        }.joined(separator: ",")
      }
      text += "\(channel(0)):\(channel(1.5)):\(classes[number % classes.count])\n"
    }
    return text
  }

  /// Rivers, whose flow at each step follows from rain and the area of their basin; some flows are missing.
  static func rivers(_ count: Int, steps: Int = 20, seed: UInt64) -> String {
    var generator = SplitMix64(seed: seed)
    var text = "basin,day,rain,area,flow\n"
    for basin in 0..<count {
      let area = 1 + generator.uniform()
      var storage: Float = 1
      for day in 1...steps {
        let rain = generator.integer(below: 3) == 0 ? generator.uniform() : 0
        storage = 0.8 * storage + area * rain
        let flow = day.isMultiple(of: 7) ? "" : "\(0.2 * storage)"
        text += "b\(basin),\(day),\(rain),\(area),\(flow)\n"
      }
    }
    return text
  }

  /// Sales by month that rise, and swing with a season of 12.
  static func sales(_ months: Int = 96) -> String {
    "date,sales\n"
      + (0..<months).map {
        "\(1950 + $0 / 12)-\($0 % 12 < 9 ? "0" : "")\(1 + $0 % 12),\(100 + Double($0) + 30 * sin(Double($0) * .pi / 6))"
      }.joined(separator: "\n") + "\n"
  }

  /// A tool with a file in its folder for each text.
  static func tool(_ files: [String: String]) throws -> Tool {
    let tool = try Tool()
    for (name, text) in files { try tool.folder.write(Array(text.utf8), to: name) }
    return tool
  }

  /// Options of a network so small that a run takes a moment.
  static let small = ["--hidden-size", "6", "--epochs", "2", "--threads", "1"]
}
