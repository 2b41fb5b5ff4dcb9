import Foundation
import Recurrent
import TestSupport
import Testing

/// What a run has left in its folder.
struct RunFiles {
  let path: String

  init(_ tool: Tool, _ name: String) { path = tool.folder.path(name) }

  var model: Data? { FileManager.default.contents(atPath: path + "/model.safetensors") }
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

  /// What a run leaves that comes to its end.
  static let whole = [
    "accuracy.svg", "checkpoints", "config.json", "confusion.svg", "loss.svg", "metrics.jsonl", "mistakes.svg",
    "model.safetensors", "report.html",
  ]

  /// The text of a picture, as in `loss.svg`.
  func picture(_ name: String) throws -> String {
    String(decoding: try #require(FileManager.default.contents(atPath: path + "/" + name), "\(name)"), as: UTF8.self)
  }

  /// The lines of the metrics, as they are.
  var metricsLines: [String] {
    let text = String(decoding: FileManager.default.contents(atPath: path + "/metrics.jsonl") ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  /// The lines of the metrics without their times.
  var metricsWithoutTimes: [String] {
    metricsLines.map { line in
      line.replacing(/,"milliseconds":[0-9.]+}$/, with: "}")
    }
  }

  /// The metrics of one kind.
  func events(_ kind: String) throws -> [[String: Any]] {
    try metricsLines.map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }.filter { $0["event"] as? String == kind }
  }

  /// How often an event stands in the metrics so far, without looking at anything else.
  func count(_ kind: String) -> Int { metricsLines.count { $0.hasPrefix("{\"event\":\"\(kind)\"") } }

  func configuration() throws -> [String: Any] {
    let data = try #require(FileManager.default.contents(atPath: path + "/config.json"))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// The network that the run's configuration describes.
  func describedNetwork() throws -> SequenceModel.Configuration {
    let object = try #require(configuration()["network"])
    let json = try JSONSerialization.data(withJSONObject: object)
    return try SequenceModel.Configuration(json: String(decoding: json, as: UTF8.self))
  }

  func network() throws -> SequenceModel { try SequenceModel(contentsOf: path + "/model.safetensors") }

  /// Expects every file to be whole, whatever has become of the run.
  func expectWhole(partsAllowed: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let others = names.filter {
      !Self.whole.contains($0) && !(partsAllowed && ($0.hasSuffix(".part") || $0 == ".recurrent.lock"))
    }
    #expect(others == [], "nothing half-written is left", sourceLocation: sourceLocation)
    if names.contains("config.json") { _ = try configuration() }
    for name in names where name.hasSuffix(".svg") || name.hasSuffix(".html") {
      _ = try MarkupElement.parse(picture(name))
    }
    _ = try events("")
    let metrics = FileManager.default.contents(atPath: path + "/metrics.jsonl") ?? Data()
    #expect(metrics.last ?? 10 == 10, "the last line is whole", sourceLocation: sourceLocation)
    if model != nil { #expect(try network().parameters.count > 0, sourceLocation: sourceLocation) }
  }
}
