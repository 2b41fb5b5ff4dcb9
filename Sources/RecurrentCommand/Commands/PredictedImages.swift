import Recurrent
import RecurrentData
import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The images of `predict`, and their titles.
struct PredictedImages {
  /// The name of all images together.
  let name: String
  /// The name without folders, for pictures, since these are published.
  private let shortName: String
  /// The images, row by row.
  let dataset: SequenceDataset
  /// Whether the labels are known.
  let hasLabels: Bool
  /// A remark for results on images that are not MNIST; nil for MNIST.
  let caveat: String?
  /// The titles of the images; nil if they are numbered.
  private let names: [String]?

  /// Test images with their labels.
  init(_ images: TestImages) {
    name = "\(images.name) (\(images.source.shown()))"
    shortName = "\(images.name) (\(RunPicture.shortSource(images.source)))"
    (dataset, hasLabels, caveat, names) = (images.dataset, true, images.caveat, nil)
  }

  /// The images of an IDX file, without labels.
  init(idxFile path: String) throws(CommandFailure) {
    let file: IDXFile
    do throws(IDXError) { file = try MNIST.images(at: path) } catch { throw CommandFailure(error) }
    file.notices.forEach(Terminal.note)
    name = path.shown()
    shortName = RunPicture.shortSource(path)
    dataset = DigitData.dataset(images: file.bytes, labels: Array(repeating: 0, count: file.shape[0]))
    (hasLabels, caveat, names) = (false, nil, nil)
  }

  /// PNG images: the given files, and all files of the given folders, sorted by name.
  init(pngFiles paths: [String]) throws(CommandFailure) {
    var images: [DigitImage] = []
    var names: [String] = []
    var files: [String] = []
    for path in paths { files += try Self.files(path) }
    for path in files {
      do throws(IDXError) { images.append(try DigitImage(contentsOf: path)) } catch { throw CommandFailure(error) }
      names.append(path.shown())
    }
    for (name, image) in zip(names, images) { if let remark = image.remark { Terminal.note("\(name): \(remark)") } }
    name = names.joined(separator: ", ")
    shortName = files.map(RunPicture.shortSource).joined(separator: ", ")
    dataset = DigitImage.dataset(images)
    (hasLabels, caveat, self.names) = (false, nil, names)
  }

  /// The title of an image, with its label if that is known.
  func title(_ position: Int, label: Int) -> String {
    if let names { return names[position] }
    return title(position, label: label, of: name)
  }

  /// The title of an image in a picture, without folders.
  func pictureTitle(_ position: Int, label: Int) -> String {
    names == nil ? title(position, label: label, of: shortName) : shortName
  }

  private func title(_ position: Int, label: Int, of name: String) -> String {
    "Image \(position) of \(name)" + (hasLabels ? ", labelled \(label)" : "")
  }

  /// The path of a file, or those of the PNG images in a folder.
  private static func files(_ path: String) throws(CommandFailure) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else { return [path] }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw CommandFailure(
        "\(path.shown()): found a folder that cannot be read, expected PNG images in it", .missingInput)
    }
    let images = names.filter { $0.lowercased().hasSuffix(".png") && !$0.hasPrefix(".") }.sorted()
    if images.isEmpty {
      throw CommandFailure(
        "\(path.shown()): found a folder without files that end in .png, expected PNG images; name another folder or files",
        .missingInput)
    }
    return images.map { path + "/" + $0 }
  }
}
