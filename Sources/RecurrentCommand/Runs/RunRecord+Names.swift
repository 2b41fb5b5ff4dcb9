import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RunRecord {
  /// The last part of the folder's path.
  var name: String { Self.lastPart(folder) }

  /// The last part of a path, also of one such as `.`.
  static func lastPart(_ path: String) -> String {
    let url = URL(filePath: path).standardizedFileURL
    return url.lastPathComponent.isEmpty ? path : url.lastPathComponent
  }

  /// The short names of some runs: the last parts of their paths if all of these are different, otherwise the paths.
  static func names(of runs: [RunRecord]) -> [String] {
    let names = runs.map(\.name)
    return Set(names).count == names.count ? names : runs.map(\.folder)
  }

  /// A value of an option, with only the last part of a path, since pictures and reports are published.
  static func withoutFolders(_ text: String) -> String {
    text.contains("/") ? "…/" + (text.split(separator: "/").last ?? "") : text
  }

  /// The remark on images that are not MNIST, without folders; nil for MNIST and for other tasks.
  var caveat: String? {
    guard ["mnist", "digits"].contains(configuration.task) else { return nil }
    let data = configuration.data
    return EvaluationReport.caveat(name: data.name, source: RunPicture.shortSource(data.source))
  }

  /// The data as a picture names them, without folders.
  var dataInPictures: String {
    let data = configuration.data
    let name = data.name.shown()
    return caveat == nil ? name : "\(name) (\(RunPicture.shortSource(data.source))), not MNIST"
  }
}
